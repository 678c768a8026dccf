"""One call from returns to the page: `puffin.report`."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping

import pandas as pd

from puffin.backtest.result import BacktestResult
from puffin.findings.settings import AnalysisSettings, VolatilitySettings
from puffin.page.rendering import Source
from puffin.page.writing import Report, write_report
from puffin.validation import (
    DataLike,
    ReturnSeries,
    as_returns,
    as_strategies,
    check_alike,
    flag,
    positive_integer,
)
from puffin.validation.columns import labelled

__all__ = ["report"]


def report(
    returns: DataLike | BacktestResult | Mapping[str, DataLike | BacktestResult],
    benchmark: str | DataLike | None = None,
    *,
    output: str | os.PathLike[str] | None = None,
    title: str = "returns",
    risk_free_rate: float | None = None,
    periods_per_year: float | None = None,
    hdi_prob: float = 0.94,
    autocorrelation: str = "counted",
    pool: bool = False,
    samples: int = 5000,
    details: int = 10,
    split: str | pd.Timestamp | None = None,
    jumps: bool = False,
    regimes: bool = False,
    skill: bool = False,
    portfolio: bool = False,
    date: str | None = None,
    engine: str = "native",
    cores: int | None = None,
    random_seed: int | None = None,
) -> Report:
    """Make a tear sheet of one strategy or several: what happened, and what is known from it.

    Parameters
    ----------
    returns : Series, array, DataFrame with a column for each strategy, BacktestResult, or dict
        Simple returns a period, as fractions: 0.01 for 1%. Missing values are left out. Of a
        backtest the page shows positions, turnover, costs and round trips too. A dict has a series
        or a backtest for each strategy.
    benchmark : str, Series or array, optional
        What to measure against: the name of one of the strategies, or returns of its own.
    output : path, optional
        One HTML file, which needs nothing else. Without it nothing is written.
    title : str
        What to call the data in the page.
    risk_free_rate : float, optional
        Annual, as a fraction. By default what cash earned in the backtests, 0 without.
    periods_per_year : float, optional
        By default that of the backtests, or read off the dates.
    hdi_prob : float
        Of every interval.
    autocorrelation : {"counted", "ignore", "ar1"}
        As of `bayesian_sharpe`.
    pool : bool
        Whether the comparison shrinks the strategies, because many were tried.
    samples : int
        Draws of each chain of a Sharpe ratio.
    details : int
        How many strategies, the best and the benchmark, are shown one by one. All are in the table
        and in the comparison.
    split : str or Timestamp, optional
        When the strategy went live, say: growth since that date is forecast from the returns before
        it, and what came is shown over the forecast. The last year by default.
    jumps : bool
        Whether the volatility model has jumps, which the page then marks.
    regimes : bool
        Whether there is a section on regimes: a calm and a turbulent one of each strategy, and
        whether there are two at all (`BayesianRegimeSwitching`).
    skill : bool
        Whether to weigh the strategies by each other, as `BayesianHierarchical` does: what is left
        of each Sharpe ratio, or of each appraisal ratio where there is a benchmark, who can be
        named, and how much of the best one's is luck.
    portfolio : bool
        Whether the page looks at all strategies but the benchmark held together, in equal parts:
        their volatility and correlations through time (`MultivariateSV`, a factor for every
        two of them, four at most).
    date : str, optional
        The column of dates, where that is not the index.
    engine : {"native", "pymc"}
    cores : int, optional
    random_seed : int, optional
        Makes the page repeatable. One is drawn, and named in the page, by default.

    Returns
    -------
    Report

    Raises
    ------
    ImportError
        Without Jinja2 and Matplotlib: ``pip install 'puffin-bayes[report]'``.
    ValueError, TypeError
        If no strategy has valid returns, or not the benchmark; if one has prices in their place; if
        only some have dates.
    OSError
        If `output` cannot be written; this is found out first.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_equities().loc["2018":]
    >>> halves = pf.backtest.run(prices.notna() * 0.05, prices, commission_bps=2)
    >>> pf.report(halves, output="halves.html")  # doctest: +SKIP
    >>> pf.report(prices.pct_change().iloc[1:][["KO", "PEP"]], output="ko.html")  # doctest: +SKIP
    """
    series, backtests = _apart(returns)
    named, measure = _named(series, "returns", date), None
    if isinstance(benchmark, str):
        measure = _known_name(benchmark, named)
    elif benchmark is not None:
        [(measure, versus)] = _named(benchmark, "benchmark", date).items()
        named = _with_one_more(named, measure, versus)
    strategies = as_strategies(named, argument="returns")
    if not strategies.series:
        raise ValueError(" ".join(strategies.rejected.values()))
    if measure in strategies.rejected:
        raise ValueError(f"The benchmark cannot be used: {strategies.rejected[measure]}")
    _refuse_levels(strategies.series)
    check_alike(strategies.series)
    settings = AnalysisSettings(
        risk_free_rate=_rate_of(backtests, risk_free_rate),
        periods_per_year=periods_per_year or _frequency_of(backtests),
        hdi_prob=hdi_prob,
        autocorrelation=autocorrelation,
        pool=pool,
        samples=samples,
        details=positive_integer("details", details),
        split=None if split is None else pd.Timestamp(split),
        regimes=flag("regimes", regimes),
        skill=flag("skill", skill),
        portfolio=flag("portfolio", portfolio),
        volatility=VolatilitySettings(jumps=flag("jumps", jumps)),
        engine=engine,
        seed=secrets.randbelow(10**6) if random_seed is None else random_seed,
        cores=cores,
    )
    return write_report(
        {one.name: one.pandas for one in strategies.series},
        output,
        settings,
        Source(title),
        benchmark=measure,
        backtests=backtests,
        left_out=strategies.rejected,
    )


def _apart(
    returns: DataLike | BacktestResult | Mapping[str, DataLike | BacktestResult],
) -> tuple[DataLike | Mapping[str, DataLike], dict[str, BacktestResult]]:
    """Return returns as they are elsewhere, and the backtests among them by name."""
    if isinstance(returns, BacktestResult):
        returns = {returns.name: returns}
    if not isinstance(returns, Mapping):
        return returns, {}
    backtests = {str(name): one for name, one in returns.items() if isinstance(one, BacktestResult)}
    return {
        name: one.returns if isinstance(one, BacktestResult) else one
        for name, one in returns.items()
    }, backtests


def _rate_of(backtests: Mapping[str, BacktestResult], given: float | None) -> float:
    rates = {one.terms.risk_free_rate for one in backtests.values()} or {0.0}
    if given is not None:
        return given
    if len(rates) > 1:
        listed = ", ".join(f"{rate:g}" for rate in sorted(rates))
        raise ValueError(
            f"The backtests earned different rates on cash ({listed}); pass the risk_free_rate to "
            "measure them all against."
        )
    return rates.pop()


def _frequency_of(backtests: Mapping[str, BacktestResult]) -> float | None:
    """Return the periods a year of the backtests, if they have one number of them."""
    frequencies = {one.periods_per_year for one in backtests.values()}
    return frequencies.pop() if len(frequencies) == 1 else None


def _named(
    data: DataLike | Mapping[str, DataLike], argument: str, date: str | None
) -> dict[str, DataLike]:
    """Return one series, or several, by name."""
    data = labelled(data, argument, date)
    if isinstance(data, Mapping):
        return {str(name): series for name, series in data.items()}
    if isinstance(data, pd.DataFrame):
        return {str(name): data.iloc[:, i] for i, name in enumerate(data.columns)}
    name = as_returns(data, argument=argument, missing="skip").name
    return {argument if name == "returns" else name: data}


def _refuse_levels(series: Iterable[ReturnSeries]) -> None:
    """Refuse prices and the like: every number of the page would be of something else."""
    for one in series:
        if "prices" in one.other_units:
            raise ValueError(f"returns[{one.name!r}] {one.unit_doubt}")


def _known_name(benchmark: str, named: Mapping[str, DataLike]) -> str:
    if benchmark not in named:
        raise ValueError(
            f"benchmark={benchmark!r} is none of the strategies: {', '.join(named)}. Name one, or "
            "give its returns."
        )
    return benchmark


def _with_one_more(named: dict[str, DataLike], name: str, series: DataLike) -> dict[str, DataLike]:
    if name in named:
        raise ValueError(
            f"The benchmark and a strategy are both named {name!r}: rename one of them, or give "
            f"benchmark={name!r} to measure against that strategy."
        )
    return named | {name: series}
