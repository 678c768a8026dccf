"""Backtests compared by what is known of their Sharpe ratios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from puffin.backtest.result import BacktestResult
from puffin.models.comparison.comparison import strategy_comparison
from puffin.models.comparison.result import StrategyComparison

__all__ = ["compare"]


def compare(
    results: Mapping[str, BacktestResult], samples: int = 5000, **options: Any
) -> StrategyComparison:
    """Compare backtests after costs, each on its own dates unless ``dates="shared"``.

    Parameters
    ----------
    results : mapping of name to BacktestResult
    samples : int, default 5000
        Draws of each chain.
    **options
        Those of `puffin.strategy_comparison`. `risk_free_rate` and `periods_per_year` are those
        of the backtests by default.

    Returns
    -------
    StrategyComparison
        Its `table` ranks them; `prob_better`, `differences` and `plot()` say more.

    Raises
    ------
    ValueError
        If there are no results, or they earned different rates on cash and `risk_free_rate` is not
        given.
    TypeError
        If `results` is not a mapping of backtests.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_equities()[["KO", "PEP"]].loc["2015":]
    >>> halves, all_in = prices.notna() * 0.5, prices.notna() * [1.0, 0.0]
    >>> backtests = {"both": pf.backtest.run(halves, prices), "KO": pf.backtest.run(all_in, prices)}
    >>> pf.backtest.compare(backtests).table  # doctest: +SKIP
    """
    if not isinstance(results, Mapping):
        raise TypeError(
            f"results must be a dict of names to backtests; found {type(results).__name__}."
        )
    for name, result in results.items():
        if not isinstance(result, BacktestResult):
            raise TypeError(
                f"results[{name!r}] must be a BacktestResult; found {type(result).__name__}."
            )
    if not results:
        raise ValueError("results holds no backtests.")
    rates = {result.terms.risk_free_rate for result in results.values()}
    if len(rates) > 1 and "risk_free_rate" not in options:
        listed = ", ".join(f"{rate:g}" for rate in sorted(rates))
        raise ValueError(
            f"The backtests earned different rates on cash ({listed}); pass the risk_free_rate to "
            "measure them all against."
        )
    frequencies = {result.periods_per_year for result in results.values()}
    defaults: dict[str, float] = {"risk_free_rate": next(iter(rates))}
    if len(frequencies) == 1:
        defaults["periods_per_year"] = next(iter(frequencies))
    returns = {name: result.returns for name, result in results.items()}
    return strategy_comparison(returns, samples, **(defaults | options))
