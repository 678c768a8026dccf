"""The model of `puffin.inference.multivariate_t` for PyMC.

The auxiliary variables of the Huang-Wand prior are integrated out here, so that this is not the
native sampler once more:

    p(Sigma) ~ |Sigma|^-(K + 1) prod_k (2 (Sigma^-1)_kk + 1 / A^2)^(-(K + 2) / 2)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.multivariate_t import MultivariateTPrior
from puffin.inference.scatter_draws import ScatterDraws
from puffin.inference.settings import Settings
from puffin.models._pymc.sampling import sample_model

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable

__all__ = ["multivariate_t_model", "sample_multivariate_t"]


def sample_multivariate_t(
    groups: Sequence[Array],
    periods: Array,
    prior: MultivariateTPrior,
    settings: Settings,
    *,
    scatter_every: int = 1,
) -> tuple[Draws, ScatterDraws]:
    """Draw mu, sigma, nu (and tau) of every series, and the scale matrices, with NUTS."""
    names = ["mu", "sigma", "nu"] + ["tau"] * (prior.pool_sd is not None)
    factors = [f"factor_{g}" for g in range(len(groups))]
    draws = sample_model(multivariate_t_model(groups, periods, prior), [*names, *factors], settings)
    variables = dict(draws.variables)
    packed = [_inverse_factors(variables.pop(name)[:, ::scatter_every]) for name in factors]
    scatter = ScatterDraws(
        np.concatenate(packed, axis=-1), tuple(group.shape[1] for group in groups), scatter_every
    )
    return Draws(variables, draws.method, draws.statistics, draws.report), scatter


def _inverse_factors(factors: Array) -> Array:
    """Return the packed lower F with F F' = (L L')^-1 of many L."""
    inverse = np.linalg.inv(factors)
    lower = np.linalg.cholesky(np.swapaxes(inverse, -1, -2) @ inverse)
    return np.asarray(lower[(..., *np.tril_indices(factors.shape[-1]))])


def multivariate_t_model(
    groups: Sequence[Array], periods: Array, prior: MultivariateTPrior
) -> pm.Model:
    """Return the PyMC model."""
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model() as model:
        factors = [
            pm.Deterministic(f"factor_{g}", _huang_wand_factor(g, group, prior))
            for g, group in enumerate(groups)
        ]
        excesses = [
            pm.Gamma(f"excess_{g}", prior.tail_shape, prior.tail_rate) for g in range(len(groups))
        ]
        sigmas = [pt.sqrt(pt.sum(factor**2, axis=1)) for factor in factors]
        sigma = pm.Deterministic("sigma", pt.concatenate(sigmas))
        nu = pm.Deterministic(
            "nu",
            pt.concatenate(
                [
                    pt.full((group.shape[1],), 2.0 + excess)
                    for group, excess in zip(groups, excesses, strict=True)
                ]
            ),
        )
        if prior.pool_sd is None:
            mu = pm.Normal("mu", 0.0, prior.location_sd, shape=periods.size)
        else:
            tau = pm.HalfNormal("tau", prior.pool_sd)
            ratio = pm.Normal("ratio", 0.0, 1.0, shape=periods.size)
            sd = sigma * pt.sqrt(nu / (nu - 2.0))
            mu = pm.Deterministic("mu", tau * ratio * sd / np.sqrt(periods))
        first = 0
        for g, group in enumerate(groups):
            last = first + group.shape[1]
            _multivariate_t(f"x_{g}", group, mu[first:last], factors[g], 2.0 + excesses[g])
            first = last
    return model


def _huang_wand_factor(g: int, group: Array, prior: MultivariateTPrior) -> TensorVariable:
    """Return a Cholesky factor of Sigma whose prior is that of Huang & Wand."""
    import pymc as pm
    import pytensor.tensor as pt
    from pytensor.tensor.linalg import solve_triangular

    K = group.shape[1]
    start = np.linalg.cholesky(
        np.atleast_2d(np.cov(group, rowvar=False, ddof=0)) + 1e-6 * np.eye(K)
    )
    log_diagonal = pm.Flat(f"log_diagonal_{g}", shape=K, initval=np.log(np.diag(start)))
    diagonal = pt.exp(log_diagonal)
    factor = pt.diag(diagonal)
    rows, columns = np.tril_indices(K, -1)
    if K > 1:
        below = pm.Flat(f"below_{g}", shape=rows.size, initval=start[rows, columns])
        factor = pt.set_subtensor(factor[rows, columns], below)
    inverse = solve_triangular(factor, pt.eye(K), lower=True)
    precisions = pt.sum(inverse**2, axis=0)
    log_density = -2.0 * (K + 1.0) * pt.sum(log_diagonal) - 0.5 * (K + 2.0) * pt.sum(
        pt.log(2.0 * precisions + 1.0 / prior.scale_sd**2)
    )
    # Sigma = L L' with L's diagonal on the log scale.
    log_jacobian = pt.sum((K - np.arange(K) + 1.0) * log_diagonal)
    pm.Potential(f"huang_wand_{g}", log_density + log_jacobian)
    return factor


def _multivariate_t(
    name: str, x: Array, mu: TensorVariable, factor: TensorVariable, nu: TensorVariable
) -> None:
    import pymc as pm
    import pytensor.tensor as pt
    from pytensor.tensor.linalg import solve_triangular

    T, K = x.shape
    whitened = solve_triangular(factor, (x - mu).T, lower=True)
    squares = pt.sum(whitened**2, axis=0)
    constant = (
        pt.gammaln(0.5 * (nu + K))
        - pt.gammaln(0.5 * nu)
        - 0.5 * K * pt.log(math.pi * nu)
        - pt.sum(pt.log(pt.diag(factor)))
    )
    pm.Potential(name, T * constant - 0.5 * (nu + K) * pt.sum(pt.log1p(squares / nu)))
