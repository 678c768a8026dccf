"""Strategies measured against one of them, the benchmark."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from puffin.findings.each import FAILURES
from puffin.findings.progress import Progress
from puffin.findings.quantity import SignedQuantity
from puffin.findings.settings import AnalysisSettings
from puffin.findings.sharpe import compare_on_shared_dates, sharpe_difference
from puffin.models.comparison import StrategyComparison
from puffin.models.regression import BayesianLinearRegression
from puffin.reading import on_shared_dates
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = [
    "AgainstBenchmark",
    "Regression",
    "against_benchmark",
    "dates_of_both",
    "regress_on_benchmark",
]

_LEAST_SHARED = 3


@dataclass(frozen=True)
class Regression:
    r"""Excess returns of a strategy, regressed on those of the benchmark.

    Attributes
    ----------
    alpha : SignedQuantity
        The return a year that the benchmark does not explain: the intercept times the periods of
        a year.
    beta : SignedQuantity
    explained : float
        Posterior mean of the share of the variance that the benchmark explains,
        :math:`\beta^2 s_x^2 / (\beta^2 s_x^2 + \sigma^2)`.
    n_observations : int
        Shared with the benchmark.
    """

    alpha: SignedQuantity
    beta: SignedQuantity
    explained: float
    n_observations: int


@dataclass(frozen=True)
class AgainstBenchmark:
    """The benchmark, and what every other strategy has beyond it.

    Attributes
    ----------
    name : str
    differences : mapping of str to SignedQuantity
        Sharpe ratio less the benchmark's, on the dates that the two share; empty where the
        comparison failed.
    by_own_dates : tuple of str
        Those whose difference is of other dates than the benchmark's all the same: they are
        pooled, or the two share too few.
    regressions : mapping of str to Regression
        Without those that share too few observations with the benchmark.
    """

    name: str
    differences: Mapping[str, SignedQuantity]
    regressions: Mapping[str, Regression]
    by_own_dates: tuple[str, ...] = ()


def against_benchmark(
    benchmark: str,
    returns: Mapping[str, pd.Series[float]],
    comparison: StrategyComparison | None,
    settings: AnalysisSettings,
    progress: Progress,
) -> AgainstBenchmark:
    """Return what every strategy has beyond the benchmark, in the order of `returns`."""
    others = {name: one for name, one in returns.items() if name != benchmark}
    regressions = regress_on_benchmark(others, returns[benchmark], settings, progress)
    differences, by_own_dates = {}, []
    for name, one in others.items() if comparison is not None else ():
        both = {name: one, benchmark: returns[benchmark]}
        judge = comparison
        if not one.index.equals(returns[benchmark].index):
            shared = None if settings.pool else compare_on_shared_dates(both, settings, progress)
            if shared is None:
                by_own_dates.append(name)
            else:
                judge = shared
        assert judge is not None
        differences[name] = sharpe_difference(judge, name, benchmark)
    return AgainstBenchmark(benchmark, differences, regressions, tuple(by_own_dates))


def regress_on_benchmark(
    returns: Mapping[str, pd.Series[float]],
    benchmark: pd.Series[float],
    settings: AnalysisSettings,
    progress: Progress,
) -> dict[str, Regression]:
    """Regress each strategy on the benchmark, over the dates that the two share.

    What one of them returned between two of those is compounded into the later one.

    Errors are Gaussian, so that alpha is about the mean return, big days included, as it is in
    the regressions that everyone else runs.
    """
    progress.expect(len(returns))
    found = {}
    for name, series in returns.items():
        progress.begin(f"{name} on the benchmark")
        both = dates_of_both(series, benchmark)
        if len(both) < _LEAST_SHARED:
            warnings.warn(
                f"{name} shares only {len(both)} dates with the benchmark: no regression.",
                UserWarning,
                stacklevel=2,
            )
            continue
        periods = min(settings.periods_of(str(one.name)) for one in (series, benchmark))
        try:
            found[name] = _regress(both, periods, settings)
        except FAILURES as error:
            warnings.warn(f"No regression of {name}: {error}", UserWarning, stacklevel=2)
    return found


def dates_of_both(strategy: pd.Series[float], benchmark: pd.Series[float]) -> pd.DataFrame:
    """Return the columns `strategy` and `benchmark` on the dates that both have.

    What one of them returned between two of those is compounded into the later one.
    """
    both = {"strategy": strategy, "benchmark": benchmark}
    shared = strategy.index.intersection(benchmark.index)
    if all(isinstance(one.index, pd.DatetimeIndex) for one in both.values()) and len(shared) > 1:
        return on_shared_dates(both).returns
    return pd.DataFrame({name: one[shared] for name, one in both.items()})


def _regress(both: pd.DataFrame, periods: float, settings: AnalysisSettings) -> Regression:
    excess = both - period_risk_free_rate(settings.risk_free_rate, periods)
    market = excess["benchmark"].to_numpy()
    model = BayesianLinearRegression(engine=settings.engine).fit(
        market,
        excess["strategy"].to_numpy(),
        settings.samples,
        cores=settings.cores,
        random_seed=settings.seed,
    )
    beta = model.posterior.flat("beta")[:, 0]
    by_market = beta**2 * market.var()
    explained = by_market / (by_market + model.posterior.flat("sigma") ** 2)
    alpha = periods * model.posterior.flat("alpha")
    return Regression(
        alpha=SignedQuantity.of(alpha, settings.hdi_prob),
        beta=SignedQuantity.of(beta, settings.hdi_prob),
        explained=float(explained.mean()),
        n_observations=len(both),
    )
