"""The Sharpe ratio of one series: against PyMC, and against the bootstrap."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.data import index_returns, often_flat_returns
from benchmarks.measuring import Contestant, Job, Target
from benchmarks.rivals import PYMC, posterior_arrays, pymc_contestants

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.measuring import Draws

SAMPLES = 5_000
RESAMPLES = 10_000
_RESAMPLES_AT_ONCE = 500


def _puffin(**options: Any) -> Callable[[int], Any]:
    import puffin

    returns = index_returns()
    return lambda seed: puffin.bayesian_sharpe(returns, SAMPLES, random_seed=seed, **options)


def _puffin_container() -> Callable[[int], Any]:
    call = _puffin()

    def with_container(seed: int) -> Any:
        sharpe = call(seed)
        _ = sharpe.idata
        return sharpe

    return with_container


def _puffin_hurdle() -> Callable[[int], Any]:
    import puffin

    returns = often_flat_returns()
    return lambda seed: puffin.bayesian_sharpe(returns, SAMPLES, random_seed=seed)


def _puffin_draws(sharpe: Any) -> Draws:
    variables: Draws = sharpe.posterior.variables
    return variables


def pymc_model(returns: NDArray[np.float64], *, autoregressive: bool = False) -> Any:
    """Return Puffin's model of these returns, with Puffin's default priors, in PyMC."""
    from puffin import SharpePriors
    from puffin.models._pymc.location_scale import location_scale_model

    return location_scale_model(
        returns / returns.std(),
        SharpePriors().of_sampler,
        "asymmetric",
        autoregressive=autoregressive,
    )


def _pymc_models(*, autoregressive: bool = False) -> Callable[[int], Any]:
    returns = index_returns().to_numpy()
    return lambda _: pymc_model(returns, autoregressive=autoregressive)


def pymc_draws(trace: Any) -> Draws:
    """Return the model's parameters and the Sharpe ratio of a period."""
    draws = posterior_arrays(trace, ("mu", "sd", "asymmetry", "nu_left", "nu_right"))
    return {**draws, "sharpe": draws["mu"] / draws["sd"]}


def _pymc_ar1_draws(trace: Any) -> Draws:
    return {**pymc_draws(trace), **posterior_arrays(trace, ("rho",))}


def _bootstrap() -> Callable[[int], Any]:
    import numpy as np

    returns = index_returns().to_numpy()

    def call(seed: int) -> tuple[float, NDArray[np.float64]]:
        stream = np.random.default_rng(seed)
        parts = []
        for _ in range(RESAMPLES // _RESAMPLES_AT_ONCE):
            rows = stream.integers(returns.size, size=(_RESAMPLES_AT_ONCE, returns.size))
            resampled = returns[rows]
            parts.append(resampled.mean(axis=1) / resampled.std(axis=1, ddof=1))
        ratios = np.sqrt(252.0) * np.concatenate(parts)
        return float(ratios.std()), np.quantile(ratios, [0.03, 0.97])

    return call


JOBS = (
    Job(
        "sharpe",
        "bayesian_sharpe: 1,000 returns, 4 x 5,000 draws",
        (
            Contestant("Puffin", _puffin, _puffin_draws),
            *pymc_contestants(_pymc_models, pymc_draws, SAMPLES),
            Contestant("bootstrap, 10,000 resamples", _bootstrap),
            Contestant("Puffin, .idata read too", _puffin_container, _puffin_draws),
        ),
        targets={PYMC: (Target("wall x", 300.0),)},
    ),
    Job(
        "sharpe-ar1",
        'bayesian_sharpe(autocorrelation="ar1"): 1,000 returns, 4 x 5,000 draws',
        (
            Contestant("Puffin", functools.partial(_puffin, autocorrelation="ar1"), _puffin_draws),
            *pymc_contestants(
                functools.partial(_pymc_models, autoregressive=True), _pymc_ar1_draws, SAMPLES
            ),
        ),
    ),
    Job(
        "sharpe-hurdle",
        "bayesian_sharpe, flat on 3 days of 5: 1,000 returns, 4 x 5,000 draws",
        (Contestant("Puffin", _puffin_hurdle, _puffin_draws),),
    ),
)
