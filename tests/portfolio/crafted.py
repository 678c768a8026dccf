"""Comparisons whose posterior draws are written by hand."""

from __future__ import annotations

import numpy as np

from puffin.inference.scatter_draws import ScatterDraws
from puffin.models.bayesian import ComparisonPriors, StrategyComparison
from puffin.posterior import Posterior


def crafted(mu, scale, nu, *, names=None, priors=None, active=None, flat=0.0):
    """Return a comparison with these draws, all strategies in one group.

    Parameters
    ----------
    mu : array of shape (n_draws, n_strategies)
    scale : array of shape (n_strategies, n_strategies), or one more in front: scale matrices
    nu : number or array of shape (n_draws,)
    active : array of shape (n_draws,), optional
        Makes the last strategy one that is active with these probabilities, in a group of its own.
    """
    mu = np.atleast_2d(np.asarray(mu, float))
    draws, count = mu.shape
    scale = np.broadcast_to(np.asarray(scale, float), (draws, count, count))
    nu = np.broadcast_to(np.asarray(nu, float), draws)
    names = tuple(names or "abcdefghij"[:count])
    sigma = np.sqrt(np.diagonal(scale, axis1=1, axis2=2))
    nus = np.repeat(nu[:, None], count, axis=1)
    variables = {"mu": mu, "sigma": sigma, "nu": nus, "sharpe": mu / sigma}
    groups, flats = (names,), {}
    if active is not None:
        groups, flats = (names[:-1], names[-1:]), {names[-1]: flat}
        variables["prob_active"] = np.ones((draws, count))
        variables["prob_active"][:, -1] = active
    parts = [[names.index(name) for name in group] for group in groups]
    packed = []
    for part in parts:
        inverse = np.linalg.inv(scale[:, part][:, :, part])
        factors = np.linalg.cholesky(inverse)
        packed.append(factors[(slice(None), *np.tril_indices(len(part)))])
    return StrategyComparison(
        posterior=Posterior({k: v[None] for k, v in variables.items()}, "by hand", "native"),
        strategies=names,
        hdi_prob=0.94,
        groups=groups,
        models=dict.fromkeys(names, "by hand"),
        diagnostics={},
        n_observations=(100,) * count,
        periods_per_year=252.0,
        rejected={},
        scatter=ScatterDraws(
            np.concatenate(packed, axis=1)[None], tuple(len(group) for group in groups), 1
        ),
        correlation=None,
        flat_returns=flats,
        priors=priors or ComparisonPriors(),
        coupled=False,
        note="",
    )
