"""What the models find: everything a report or a table shows is worked out here, before drawing."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from puffin.models.comparison import StrategyComparison
from puffin.models.comparison.comparison import strategy_comparison
from puffin.models.sharpe import SharpePosterior
from puffin.posterior import SAMPLING_FAILURES
from puffin.report.benchmark import AgainstBenchmark, against_benchmark, regress_on_benchmark
from puffin.report.pairs import PairFindings, find_pair
from puffin.report.progress import Progress, Silence
from puffin.report.settings import PairSettings, ReportSettings, Source, with_periods
from puffin.report.sharpe import estimate_sharpe
from puffin.report.volatility import Volatility, log_returns, volatilities

__all__ = ["Findings", "Pairs", "compare", "find", "sharpe_ratios"]

Returns = Mapping[str, "pd.Series[float]"]

_FAILURES = (ValueError, *SAMPLING_FAILURES)


@dataclass(frozen=True)
class Pairs:
    """Pairs to be looked at: of each the asset, then its hedges; and their prices."""

    prices: pd.DataFrame
    names: tuple[tuple[str, ...], ...]
    settings: PairSettings


@dataclass(frozen=True)
class Findings:
    """All that is known of some strategies.

    Attributes
    ----------
    returns : mapping of str to Series
        Simple returns of the strategies that have a posterior, each on its own dates.
    sharpes : mapping of str to SharpePosterior
        Of the same strategies, in the order of the comparison's table.
    comparison : StrategyComparison or None
        None for a single strategy, and where the comparison failed.
    benchmark : AgainstBenchmark or None
    volatilities : mapping of str to Volatility
        Of log returns, of the strategies that have one, in the same order.
    without_volatility : mapping of str to str
        Why the others have none.
    pairs : tuple of PairFindings
    rejected : mapping of str to str
        Strategies left out, and why.
    troubles : tuple of str
        What could not be worked out, and why.
    settings : ReportSettings
    source : Source
    """

    returns: Returns
    sharpes: Mapping[str, SharpePosterior]
    comparison: StrategyComparison | None
    benchmark: AgainstBenchmark | None
    settings: ReportSettings
    source: Source
    volatilities: Mapping[str, Volatility] = field(default_factory=dict)
    without_volatility: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[PairFindings, ...] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)
    troubles: tuple[str, ...] = ()


def find(
    returns: Returns,
    settings: ReportSettings,
    source: Source,
    *,
    benchmark: str | None = None,
    pairs: Pairs | None = None,
    left_out: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Return everything that a report shows.

    `left_out` are strategies that were found invalid before, and why.

    A strategy or a comparison that fails is named in `rejected` or `troubles`; the rest is kept.

    Raises
    ------
    ValueError
        If no strategy, or not the benchmark, has a posterior.
    """
    progress = progress or Silence()
    settings = with_periods(settings, returns)
    sharpes, rejected = sharpe_ratios(returns, settings, progress)
    if not sharpes:
        raise ValueError(" ".join(rejected.values()))
    if benchmark is not None and benchmark not in sharpes:
        raise ValueError(f"The benchmark cannot be used: {rejected[benchmark]}")
    usable = {name: returns[name] for name in returns if name in sharpes}
    comparison, trouble = _try_to_compare(usable, settings, progress)
    best_first = sorted(sharpes, key=lambda name: -sharpes[name]["mean"])
    if comparison is not None:
        best_first = list(comparison.table["strategy"])
    against = None
    if benchmark is not None and len(usable) > 1:
        others = {name: usable[name] for name in best_first if name != benchmark}
        regressions = regress_on_benchmark(others, usable[benchmark], settings, progress)
        against = against_benchmark(benchmark, comparison, regressions)
    ordered = {name: usable[name] for name in best_first}
    moving, still = _try_volatilities(ordered, settings, progress)
    spreads, without = _try_pairs(pairs, settings, progress)
    return Findings(
        returns=ordered,
        sharpes={name: sharpes[name] for name in best_first},
        comparison=comparison,
        benchmark=against,
        settings=settings,
        source=source,
        volatilities=moving,
        without_volatility=still,
        pairs=spreads,
        rejected={**(left_out or {}), **rejected},
        troubles=((trouble,) if trouble else ()) + without,
    )


def sharpe_ratios(
    returns: Returns, settings: ReportSettings, progress: Progress
) -> tuple[dict[str, SharpePosterior], dict[str, str]]:
    """Return the posterior of each Sharpe ratio, and why some have none."""
    settings = with_periods(settings, returns)
    progress.expect(len(returns))
    found, rejected = {}, {}
    for name, series in returns.items():
        progress.begin(f"Sharpe ratio of {name}")
        try:
            found[name] = estimate_sharpe(series.rename(name), settings)
        except _FAILURES as error:
            rejected[name] = f"column {name!r}: {error}"
    return found, rejected


def compare(returns: Returns, settings: ReportSettings, progress: Progress) -> StrategyComparison:
    """Return the joint posterior of the strategies' Sharpe ratios."""
    settings = with_periods(settings, returns)
    progress.expect(1)
    progress.begin(f"Comparing {len(returns)} strategies")
    return strategy_comparison(
        dict(returns),
        settings.samples,
        risk_free_rate=settings.risk_free_rate,
        periods_per_year=settings.periods,
        hdi_prob=settings.hdi_prob,
        pool=settings.pool,
        engine=settings.engine,
        cores=settings.cores,
        random_seed=settings.seed,
    )


def _try_to_compare(
    returns: Returns, settings: ReportSettings, progress: Progress
) -> tuple[StrategyComparison | None, str]:
    if len(returns) < 2:
        return None, ""
    try:
        return compare(returns, settings, progress), ""
    except _FAILURES as error:
        trouble = f"The strategies could not be compared: {error}"
        warnings.warn(trouble, UserWarning, stacklevel=2)
        return None, trouble


def _try_volatilities(
    returns: Returns, settings: ReportSettings, progress: Progress
) -> tuple[dict[str, Volatility], dict[str, str]]:
    """Return the volatility of log returns of each strategy, and why some have none."""
    in_logs, without = {}, {}
    for name, series in returns.items():
        try:
            in_logs[name] = log_returns(series)
        except ValueError as error:
            without[name] = f"column {name!r}: {error}"
    found, failed = volatilities(in_logs, settings, progress)
    return found, {**without, **failed}


def _try_pairs(
    pairs: Pairs | None, settings: ReportSettings, progress: Progress
) -> tuple[tuple[PairFindings, ...], tuple[str, ...]]:
    """Return what is found of each pair, and why nothing is of some."""
    found, troubles = [], []
    if pairs is None:
        return (), ()
    for y, *x in pairs.names:
        try:
            found.append(find_pair(pairs.prices, y, tuple(x), pairs.settings, settings, progress))
        except _FAILURES as error:
            trouble = f"The pair of {y} and {', '.join(x)} could not be worked out: {error}"
            warnings.warn(trouble, UserWarning, stacklevel=2)
            troubles.append(trouble)
    return tuple(found), tuple(troubles)
