"""Regime switching: against PyMC, the regimes summed out in both."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.data import index_returns
from benchmarks.measuring import Contestant, Job
from benchmarks.rivals import NUTPIE, pymc_contestants

if TYPE_CHECKING:
    from benchmarks.measuring import Draws

SAMPLES = 2_000
_NAMES = ("mean", "sd", "transition")


def _returns(days: int | None) -> Any:
    import puffin

    if days is None:
        return index_returns().to_numpy()
    return puffin.datasets.load_sp500().pct_change().dropna().to_numpy()[-days:]


def _puffin(days: int | None, n_regimes: int) -> Callable[[int], Any]:
    from puffin import BayesianRegimeSwitching

    returns = _returns(days)

    def call(seed: int) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return BayesianRegimeSwitching(n_regimes, "normal").fit(
                returns, SAMPLES, random_seed=seed
            )

    return call


def _puffin_draws(model: Any) -> Draws:
    return {name: model.posterior.variables[name] for name in _NAMES}


def _pymc_models(days: int | None, n_regimes: int) -> Callable[[int], Any]:
    from puffin import BayesianRegimeSwitching
    from puffin.models._pymc.regime_switching import regime_switching_model

    returns = _returns(days)
    coordinates = BayesianRegimeSwitching(n_regimes, "normal").specification.coordinates
    return lambda _: regime_switching_model(returns / returns.std(), coordinates)


def _pymc_draws(trace: Any) -> Draws:
    return {name: trace["posterior"][name].values for name in _NAMES}


def _job(key: str, days: int | None, n_regimes: int, *, rival: bool) -> Job:
    said = "1,000" if days is None else f"{days:,}"
    models = functools.partial(_pymc_models, days, n_regimes)
    rivals = pymc_contestants(models, _pymc_draws, SAMPLES, by=(NUTPIE,)) if rival else ()
    return Job(
        key,
        f"BayesianRegimeSwitching({n_regimes}): {said} returns, 4 x {SAMPLES:,} draws",
        (
            Contestant("Puffin", functools.partial(_puffin, days, n_regimes), _puffin_draws),
            *rivals,
        ),
    )


JOBS = (
    _job("regimes", None, 2, rival=True),
    _job("regimes-long", 5_000, 3, rival=False),
)
