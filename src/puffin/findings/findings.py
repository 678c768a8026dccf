"""What the models find in some returns, all of it worked out before anything is shown."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from puffin.backtest.result import BacktestResult
from puffin.findings.benchmark import AgainstBenchmark, against_benchmark
from puffin.findings.cone import Cone, cones
from puffin.findings.each import FAILURES
from puffin.findings.expected_returns import expected_returns
from puffin.findings.model_checks import Check, model_checks
from puffin.findings.pair import PairFindings, PairsToTrade, find_pair
from puffin.findings.portfolio_history import PortfolioHistory, find_portfolio_history
from puffin.findings.progress import Progress, Silence
from puffin.findings.regimes import Regimes, find_regimes
from puffin.findings.settings import AnalysisSettings, with_periods
from puffin.findings.sharpe import compare, compare_on_shared_dates, sharpe_ratios
from puffin.findings.skill import skill_of_strategies
from puffin.findings.skill_fits import SkillFits
from puffin.findings.trading import Trading, trading
from puffin.findings.volatility import Volatility, log_returns, volatilities
from puffin.models.comparison import StrategyComparison
from puffin.models.sharpe import SharpePosterior
from puffin.models.volatility.observed import NotObservedWarning
from puffin.posterior import ConvergenceWarning
from puffin.showing.periods import period_label

__all__ = ["Findings", "find"]

Returns = Mapping[str, "pd.Series[float]"]

_A_FEW = 5
_REGIMES = 2
_MANY_TO_SHOW = 6
"""So many strategies are worked out in processes: models and figures take two seconds of each."""


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
    on_shared_dates : StrategyComparison or None
        The comparison by the dates that all have, where it is one of different times and they
        are enough.
    benchmark : AgainstBenchmark or None
    volatilities : mapping of str to Volatility
        Of log returns, of those of `detailed` that have one, in the same order.
    without_volatility : mapping of str to str
        Why the others have none.
    regimes : mapping of str to Regimes
        Two of each, of simple returns, where they are asked for; of those of `detailed` that have
        them, in the same order.
    without_regimes : mapping of str to str
        Why the others have none.
    cones : mapping of str to Cone
        What was expected of the last year, of the strategies that are long enough.
    without_cone : mapping of str to str
        Why the others have none.
    portfolio : PortfolioHistory or None
        All but the benchmark in equal parts, if that is asked for and there are several.
    pairs : tuple of PairFindings
    skill : SkillFits or None
        What all strategies say of each, where that is asked for.
    tradings : mapping of str to Trading
        How those that are backtests were traded.
    rejected : mapping of str to str
        Strategies left out, and why.
    failures : tuple of str
        What could not be worked out, and why.
    settings : AnalysisSettings
    detailed : tuple of str
        The strategies that are looked at one by one: the best, and the benchmark.
    """

    returns: Returns
    sharpes: Mapping[str, SharpePosterior]
    comparison: StrategyComparison | None
    benchmark: AgainstBenchmark | None
    settings: AnalysisSettings
    on_shared_dates: StrategyComparison | None = None
    detailed: tuple[str, ...] = ()
    volatilities: Mapping[str, Volatility] = field(default_factory=dict)
    without_volatility: Mapping[str, str] = field(default_factory=dict)
    regimes: Mapping[str, Regimes] = field(default_factory=dict)
    without_regimes: Mapping[str, str] = field(default_factory=dict)
    cones: Mapping[str, Cone] = field(default_factory=dict)
    without_cone: Mapping[str, str] = field(default_factory=dict)
    portfolio: PortfolioHistory | None = None
    pairs: tuple[PairFindings, ...] = ()
    skill: SkillFits | None = None
    tradings: Mapping[str, Trading] = field(default_factory=dict)
    rejected: Mapping[str, str] = field(default_factory=dict)
    failures: tuple[str, ...] = ()

    @functools.cached_property
    def checks(self) -> Mapping[str, Sequence[Check]]:
        """What was looked at of each strategy's model, worked out when first read."""
        return {
            name: model_checks(
                sharpe, expected_returns(sharpe, self.settings.seed), self.volatilities.get(name)
            )
            for name, sharpe in self.sharpes.items()
        }

    def benchmark_beside(self, name: str) -> pd.Series[float] | None:
        """Return the benchmark's returns from a strategy's first date to its last.

        None without a benchmark, for the benchmark itself, and where they share too few dates.
        """
        if self.benchmark is None or self.benchmark.name == name:
            return None
        own, versus = self.returns[name].index, self.returns[self.benchmark.name]
        if len(own.intersection(versus.index)) < 2:
            return None
        beside: pd.Series[float] = versus.loc[(versus.index >= own[0]) & (versus.index <= own[-1])]
        return beside.rename(self.benchmark.name)

    def time_of_benchmark(self, name: str) -> str:
        """Return from when to when the benchmark has returns beside a strategy.

        Empty where that is all of the strategy's time, but for a few periods at either end.
        """
        beside = self.benchmark_beside(name)
        if beside is None:
            return ""
        own, (first, last) = self.returns[name].index, beside.index[[0, -1]]
        if (own < first).sum() <= _A_FEW and (own > last).sum() <= _A_FEW:
            return ""
        return f"{period_label(first)} to {period_label(last)}"


def find(
    returns: Returns,
    settings: AnalysisSettings,
    *,
    benchmark: str | None = None,
    pairs: PairsToTrade | None = None,
    backtests: Mapping[str, BacktestResult] | None = None,
    left_out: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Return everything that a report shows.

    `backtests` are those strategies that are known to their trades; `left_out` were found invalid
    before, and why.

    A strategy or a comparison that fails is named in `rejected` or `failures`; the rest is kept.

    Raises
    ------
    ValueError
        If no strategy, or not the benchmark, has a posterior.
    """
    progress = progress or Silence()
    settings = replace(with_periods(settings, returns), many=_MANY_TO_SHOW)
    sharpes, rejected = sharpe_ratios(returns, settings, progress)
    if not sharpes:
        raise ValueError(" ".join(rejected.values()))
    if benchmark is not None and benchmark not in sharpes:
        raise ValueError(f"The benchmark cannot be used: {rejected[benchmark]}")
    usable = {name: returns[name] for name in returns if name in sharpes}
    comparison, failure = _try_to_compare(usable, settings, progress)
    best_first = sorted(sharpes, key=lambda name: -sharpes[name]["mean"])
    if comparison is not None:
        best_first = list(comparison.table["strategy"])
    same_time = None
    if comparison is not None and comparison.is_of_different_times:
        same_time = compare_on_shared_dates(usable, settings, progress)
    against = None
    if benchmark is not None and len(usable) > 1:
        ranked = {name: usable[name] for name in best_first}
        against = against_benchmark(benchmark, ranked, comparison, settings, progress)
    shown = {name: usable[name] for name in _shown(best_first, benchmark, settings.details)}
    moving, without_volatility = _try_volatilities(shown, settings, progress)
    in_regimes, without_regimes = _regimes_if_asked(shown, settings, progress)
    looking_back, without_cone = cones(shown, settings, progress)
    held = {name: one for name, one in usable.items() if name != benchmark}
    together, failed = _try_portfolio(held, settings, progress)
    spreads, without = _try_pairs(pairs, settings, progress)
    skill, unweighed = _try_skill(usable, benchmark, settings, progress)
    return Findings(
        returns={name: usable[name] for name in best_first},
        sharpes={name: sharpes[name] for name in best_first},
        comparison=comparison,
        on_shared_dates=same_time,
        benchmark=against,
        settings=settings,
        detailed=tuple(shown),
        volatilities=moving,
        without_volatility=without_volatility,
        regimes=in_regimes,
        without_regimes=without_regimes,
        cones=looking_back,
        without_cone=without_cone,
        portfolio=together,
        pairs=spreads,
        skill=skill,
        tradings={
            name: trading(one, settings.hdi_prob)
            for name, one in (backtests or {}).items()
            if name in shown
        },
        rejected={**(left_out or {}), **rejected},
        failures=tuple(filter(None, (failure, failed, *without, unweighed))),
    )


def _shown(best_first: list[str], benchmark: str | None, most: int) -> list[str]:
    """Return the best, and the benchmark wherever it stands."""
    return [name for i, name in enumerate(best_first) if i < most or name == benchmark]


def _try_to_compare(
    returns: Returns, settings: AnalysisSettings, progress: Progress
) -> tuple[StrategyComparison | None, str]:
    if len(returns) < 2:
        return None, ""
    try:
        return compare(returns, settings, progress), ""
    except FAILURES as error:
        failure = f"The strategies could not be compared: {error}"
        warnings.warn(failure, UserWarning, stacklevel=2)
        return None, failure


def _try_skill(
    returns: Returns, benchmark: str | None, settings: AnalysisSettings, progress: Progress
) -> tuple[SkillFits | None, str]:
    if not settings.skill:
        return None, ""
    try:
        return skill_of_strategies(returns, benchmark, settings, progress), ""
    except FAILURES as error:
        failure = f"The strategies could not be weighed by each other: {error}"
        warnings.warn(failure, UserWarning, stacklevel=2)
        return None, failure


def _try_volatilities(
    returns: Returns, settings: AnalysisSettings, progress: Progress
) -> tuple[dict[str, Volatility], dict[str, str]]:
    """Return the volatility of log returns of each strategy, and why some have none."""
    in_logs, without = {}, {}
    for name, series in returns.items():
        try:
            in_logs[name] = log_returns(series)
        except ValueError as error:
            without[name] = f"column {name!r}: {error}"
    quarter = max(round(settings.periods / 4.0), settings.volatility.horizon)
    asked = replace(settings.volatility, loss="wealth", horizon=quarter)
    found, failed = volatilities(in_logs, replace(settings, volatility=asked), progress)
    return found, {**without, **failed}


def _regimes_if_asked(
    returns: Returns, settings: AnalysisSettings, progress: Progress
) -> tuple[dict[str, Regimes], dict[str, str]]:
    """Return two regimes of each, and why some have none; of simple returns, as Sharpe ratios."""
    if not settings.regimes:
        return {}, {}
    return find_regimes(returns, settings, _REGIMES, progress)


def _try_portfolio(
    returns: Returns, settings: AnalysisSettings, progress: Progress
) -> tuple[PortfolioHistory | None, str]:
    """Return what is found of all held together, or why nothing is."""
    if not settings.portfolio or len(returns) < 2:
        return None, "A portfolio is of two or more." if settings.portfolio else ""
    try:
        with warnings.catch_warnings():
            # Both are among what the section says.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", NotObservedWarning)
            return find_portfolio_history(returns, settings, progress), ""
    except FAILURES as error:
        failure = f"The portfolio could not be worked out: {error}"
        warnings.warn(failure, UserWarning, stacklevel=2)
        return None, failure


def _try_pairs(
    pairs: PairsToTrade | None, settings: AnalysisSettings, progress: Progress
) -> tuple[tuple[PairFindings, ...], tuple[str, ...]]:
    """Return what is found of each pair, and why nothing is of some."""
    found, failures = [], []
    if pairs is None:
        return (), ()
    for names in pairs.names:
        try:
            found.append(find_pair(pairs.prices, names, pairs.settings, settings, progress))
        except FAILURES as error:
            asset, hedges = names[0], ", ".join(names[1:])
            failure = f"The pair of {asset} and {hedges} could not be worked out: {error}"
            warnings.warn(failure, UserWarning, stacklevel=2)
            failures.append(failure)
    return tuple(found), tuple(failures)
