"""Ten strategies compared: against ten Sharpe ratios from PyMC."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.data import STRATEGIES, stock_returns
from benchmarks.measuring import Contestant, Job, Target
from benchmarks.rivals import PYMC, pymc_contestants
from benchmarks.sharpe import SAMPLES, pymc_draws, pymc_model

if TYPE_CHECKING:
    from benchmarks.measuring import Draws

_TIMED_FITS = 2
_SUFFIX = f" x {STRATEGIES} ({_TIMED_FITS} timed)"


def _puffin(*, pool: bool) -> Callable[[int], Any]:
    import puffin

    returns = stock_returns()

    def call(seed: int) -> Any:
        comparison = puffin.strategy_comparison(returns, SAMPLES, pool=pool, random_seed=seed)
        return comparison, comparison.table

    return call


def _puffin_draws(result: Any) -> Draws:
    comparison, _ = result
    variables: Draws = comparison.posterior.variables
    return variables


def _pymc_models() -> Callable[[int], Any]:
    returns = stock_returns().to_numpy()
    return lambda seed: pymc_model(returns[:, seed % STRATEGIES])


JOBS = (
    Job(
        "comparison",
        "compare_strategies_bayesian: 10 x 1,000, 4 x 5,000 draws",
        (
            Contestant("Puffin", functools.partial(_puffin, pool=False), _puffin_draws, calls=7),
            *pymc_contestants(
                _pymc_models,
                pymc_draws,
                SAMPLES,
                suffix=_SUFFIX,
                calls=_TIMED_FITS,
                times=STRATEGIES,
            ),
        ),
        targets={PYMC + _SUFFIX: (Target("wall x", 300.0),)},
    ),
    Job(
        "comparison-pooled",
        "compare_strategies_bayesian(pool=True): 10 x 1,000, 4 x 5,000 draws",
        (Contestant("Puffin", functools.partial(_puffin, pool=True), _puffin_draws, calls=7),),
    ),
)
