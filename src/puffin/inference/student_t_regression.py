r"""Linear regression with Student-t errors, by Gibbs sampling over their mixing weights.

.. math::

    y_i = z_i' b + \sigma e_i, \quad e_i \sim t_\nu, \qquad e_i | w_i \sim N(0, 1 / w_i), \;
    w_i \sim \text{Gamma}(\nu / 2, \nu / 2)

with the priors of `puffin.inference.linear_regression` and :math:`\nu - 2 \sim` Exponential. A
sweep moves sigma and nu with the weights integrated out, draws the weights, moves sigma again with
the coefficients integrated out, and draws all coefficients at once: a partially collapsed Gibbs
sampler (van Dyk & Park 2008). It mixes well because nu is never drawn given the weights; nor, where
there are more features than observations, sigma given the errors.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from puffin.arrays import Array
from puffin.compiling.random_bits import new_generators
from puffin.inference.adaptation import chunks, walk_factor
from puffin.inference.chains import Advance, run_chains, streams
from puffin.inference.draws import Draws
from puffin.inference.linear_regression import RegressionPrior, with_intercept
from puffin.inference.settings import Settings
from puffin.inference.student_t_sweeps import (
    ChainState,
    Data,
    Kept,
    Scratch,
    SweepPrior,
    sweeps,
)

__all__ = ["sample_student_t_regression"]

_LEAST_TUNE = 200


def sample_student_t_regression(
    X: Array, y: Array, prior: RegressionPrior, settings: Settings
) -> Draws:
    """Draw the intercept `alpha`, the coefficients `beta`, `sigma` and `nu`.

    Parameters
    ----------
    X : ndarray of shape (n_observations, n_features)
    y : ndarray of shape (n_observations,)
    settings : Settings
        At least 200 sweeps of each chain are made and thrown away.
    """
    settings = dataclasses.replace(settings, tune=max(settings.tune, _LEAST_TUNE))
    y = np.ascontiguousarray(y)
    Z = np.ascontiguousarray(with_intercept(X).T)
    sweep_prior = SweepPrior.of(prior, X.shape[1])
    chain_streams = streams(settings.seed, settings.chains)

    def run(chain: int, advance: Advance) -> Kept:
        stream = chain_streams[chain]
        generators = new_generators(stream)
        state = _start(Z, y, sweep_prior)
        factor = np.diag([1.0 / math.sqrt(y.size), 0.3])
        scratch = Scratch.of(Z)

        def sweep(count: int) -> Kept:
            kept = Kept.empty(count, Z.shape[0])
            sweeps(stream, generators, Data(Z, y), sweep_prior, factor, state, scratch, kept)
            advance(count)
            return kept

        history: list[Array] = []
        for count in chunks(settings.tune):
            history.append(sweep(count).scale_tail)
            factor = walk_factor(np.concatenate(history[len(history) // 2 :]))
        parts = [sweep(count) for count in chunks(settings.draws)]
        return Kept(*map(np.concatenate, zip(*parts, strict=True)))

    results = run_chains(run, settings)
    coefficients, scale_tail, accepted = map(np.array, zip(*results, strict=True))
    return Draws(
        {
            "alpha": coefficients[..., 0],
            "beta": coefficients[..., 1:],
            "sigma": np.exp(scale_tail[..., 0]),
            "nu": 2.0 + np.exp(scale_tail[..., 1]),
        },
        "partially collapsed Gibbs",
        {"accepted": accepted},
        {"acceptance": float(accepted.mean())},
    )


def _start(Z: Array, y: Array, prior: SweepPrior) -> ChainState:
    """Return ridge regression's coefficients, the spread of its residuals, and nu = 10."""
    coefficients = np.linalg.solve(Z @ Z.T + np.diag(prior.precision), Z @ y)
    spread = math.sqrt(np.mean((y - coefficients @ Z) ** 2))
    least = 2.0 * math.exp(prior.log_floor)
    return ChainState(coefficients, np.array([math.log(max(spread, least)), math.log(8.0)]))
