"""Strategies measured against one of their number."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.models.comparison import StrategyComparison
from puffin.models.regression import BayesianLinearRegression
from puffin.posterior import SAMPLING_FAILURES
from puffin.report.progress import Progress
from puffin.report.settings import ReportSettings
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["AgainstBenchmark", "Regression", "against_benchmark", "regress_on_benchmark"]

Array = NDArray[np.float64]

_LEAST_SHARED = 3


@dataclass(frozen=True)
class Regression:
    r"""Excess returns of a strategy, regressed on those of the benchmark.

    Attributes
    ----------
    alpha : ndarray of shape (n_total_draws,)
        The return a year that the benchmark does not explain: the intercept times the periods of
        a year.
    beta : ndarray of shape (n_total_draws,)
    explained : float
        Posterior mean of the share of the variance that the benchmark explains,
        :math:`\beta^2 s_x^2 / (\beta^2 s_x^2 + \sigma^2)`.
    n_observations : int
        Shared with the benchmark.
    """

    alpha: Array
    beta: Array
    explained: float
    n_observations: int


@dataclass(frozen=True)
class AgainstBenchmark:
    """The benchmark, and what every other strategy has beyond it.

    Attributes
    ----------
    name : str
    differences : mapping of str to ndarray of shape (n_total_draws,)
        Sharpe ratio less the benchmark's, from the joint comparison; empty where that failed.
    regressions : mapping of str to Regression
        Without those that share too few observations with the benchmark.
    """

    name: str
    differences: Mapping[str, Array]
    regressions: Mapping[str, Regression]


def against_benchmark(
    benchmark: str, comparison: StrategyComparison | None, regressions: Mapping[str, Regression]
) -> AgainstBenchmark:
    """Return what the comparison and the regressions say of each strategy but the benchmark."""
    differences: dict[str, Array] = {}
    if comparison is not None:
        column = {name: i for i, name in enumerate(comparison.strategies)}
        draws = comparison.draws
        for name in comparison.table["strategy"]:
            if name != benchmark:
                differences[name] = draws[:, column[name]] - draws[:, column[benchmark]]
    return AgainstBenchmark(benchmark, differences, regressions)


def regress_on_benchmark(
    returns: Mapping[str, pd.Series[float]],
    benchmark: pd.Series[float],
    settings: ReportSettings,
    progress: Progress,
) -> dict[str, Regression]:
    """Regress each strategy on the benchmark, over the dates that the two share.

    Errors are Gaussian, so that alpha is about the mean return, big days included, as it is in
    the regressions that everyone else runs.
    """
    progress.expect(len(returns))
    found = {}
    for name, series in returns.items():
        progress.begin(f"{name} on the benchmark")
        shared = series.index.intersection(benchmark.index)
        if len(shared) < _LEAST_SHARED:
            warnings.warn(
                f"{name} shares only {len(shared)} dates with the benchmark: no regression.",
                UserWarning,
                stacklevel=2,
            )
            continue
        try:
            found[name] = _regress(series[shared], benchmark[shared], settings)
        except (ValueError, *SAMPLING_FAILURES) as error:
            warnings.warn(f"No regression of {name}: {error}", UserWarning, stacklevel=2)
    return found


def _regress(
    strategy: pd.Series[float], benchmark: pd.Series[float], settings: ReportSettings
) -> Regression:
    rate = period_risk_free_rate(settings.risk_free_rate, settings.periods)
    market = benchmark.to_numpy() - rate
    model = BayesianLinearRegression(engine=settings.engine).fit(
        market,
        strategy.to_numpy() - rate,
        settings.samples,
        cores=settings.cores,
        random_seed=settings.seed,
    )
    beta = model.posterior.flat("beta")[:, 0]
    by_market = beta**2 * market.var()
    explained = by_market / (by_market + model.posterior.flat("sigma") ** 2)
    return Regression(
        alpha=np.asarray(settings.periods * model.posterior.flat("alpha")),
        beta=np.asarray(beta),
        explained=float(explained.mean()),
        n_observations=len(strategy),
    )
