"""Comparisons whose posterior draws are written by hand."""

from __future__ import annotations

import numpy as np

from puffin.inference.settings import Settings
from puffin.models.bayesian import ComparisonPriors, SharpePosterior, StrategyComparison
from puffin.posterior import Posterior

PERIODS = 2000


def crafted(mu, scale, nu, *, names=None, active=None, flat=0.0):
    """Return a comparison with these draws.

    Parameters
    ----------
    mu : array of shape (n_draws, n_strategies)
    scale : array of shape (n_strategies, n_strategies), or one more in front: scale matrices
        Their diagonals are the draws' squared scales; the observed returns have the correlation of
        the first.
    nu : number or array of shape (n_draws,)
    active : array of shape (n_draws,), optional
        Makes the last strategy one that is active with these probabilities.
    """
    mu = np.atleast_2d(np.asarray(mu, float))
    draws, count = mu.shape
    scale = np.broadcast_to(np.asarray(scale, float), (draws, count, count))
    nu = np.broadcast_to(np.asarray(nu, float), draws)
    names = tuple(names or "abcdefghij"[:count])
    sigma = np.sqrt(np.diagonal(scale, axis1=1, axis2=2))
    sd = sigma * np.sqrt(nu / (nu - 2.0))[:, None]
    variables = {"mu": mu, "sd": sd, "sharpe": mu / sigma}
    if active is not None:
        variables["prob_active"] = np.ones((draws, count))
        variables["prob_active"][:, -1] = active
    observed = returns_with_correlation(scale[0] / np.outer(sigma[0], sigma[0]))
    alone = {}
    for k, name in enumerate(names):
        own = {key: values[None, :, k] for key, values in variables.items()}
        if k < count - 1:
            own.pop("prob_active", None)
        own |= {"sigma": sigma[None, :, k], "nu": nu[None]}
        is_flat = "prob_active" in own
        alone[name] = SharpePosterior(
            Posterior(
                own, "by hand", "native", observed={"excess_returns": observed[:, k]},
                coords={"time": np.arange(PERIODS)},
            ),
            name,
            {
                "distribution": "student", "flat": flat if is_flat else None, "risk_free_rate": 0.0,
                "periods_per_year": 252.0, "n_observations": PERIODS, "model": "by hand",
            },
            observed[:, k],
        )  # fmt: skip
    return StrategyComparison(
        posterior=Posterior({k: v[None] for k, v in variables.items()}, "by hand", "native"),
        alone=alone,
        correlation=np.eye(count),
        hdi_prob=0.94,
        periods_per_year=252.0,
        rejected={},
        priors=ComparisonPriors(),
        settings=Settings(draws, 0, 1, 1, 1, False),
        note="",
    )


def returns_with_correlation(correlation):
    """Return normal returns whose sample correlation is this, and whose sample means are zero."""
    normals = np.random.default_rng(1).normal(size=(PERIODS, len(correlation)))
    normals -= normals.mean(axis=0)
    white = normals @ np.linalg.inv(np.linalg.cholesky(normals.T @ normals / PERIODS)).T
    return white @ np.linalg.cholesky(correlation).T


def sharpes(*rows):
    """A comparison of three whose draws of the Sharpe ratio are these."""
    return crafted(rows, np.eye(3), 1e9)
