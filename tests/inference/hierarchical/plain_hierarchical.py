"""The hierarchical model in plain NumPy, with matrices of all estimates."""

from __future__ import annotations

import itertools

import numpy as np
from scipy import special, stats


def dense_covariance(estimates, prior, spread, between):
    """Of all estimates in a row, asset by asset: everything else integrated out."""
    (n, q), k = estimates.values.shape, estimates.exposures.shape[1]
    together = estimates.groups[:, None] == estimates.groups
    own = estimates.own + np.eye(q) * spread[estimates.groups][:, None] ** 2
    total = np.einsum(
        "ia,jalb,mb->ijml",
        estimates.exposures, estimates.common.reshape(q, k, q, k), estimates.exposures,
    )  # fmt: skip
    total += np.einsum("im,jl->ijml", together * 1.0, np.diag(between**2))
    total += np.einsum("im,jl->ijml", np.ones((n, n)), np.diag(prior.mean_sd**2))
    total[np.arange(n), :, np.arange(n)] += own
    return total.reshape(n * q, n * q)


def log_density(log_spreads, estimates, prior):
    """Of the logarithms of tau of each group, omega and s, one coefficient; the rest is out."""
    *spread, between, typical = np.exp(log_spreads)
    covariance = dense_covariance(estimates, prior, np.array(spread)[:, None], np.array([between]))
    values, scale = estimates.values.ravel(), prior.spread_sd[0]
    return (
        -0.5 * np.linalg.slogdet(covariance)[1]
        - 0.5 * values @ np.linalg.solve(covariance, values)
        - 0.5 * np.sum((np.array(spread) / typical) ** 2)
        - len(spread) * np.log(typical)
        - 0.5 * (between**2 + typical**2) / scale**2
        + np.sum(log_spreads)
    )


def plain_spreads(estimates, prior, *, steps, seed):
    """Draws of tau of each group, omega and s: shape (n_steps, n_groups + 2)."""
    stream = np.random.default_rng(seed)
    point = np.full(estimates.shape[0] + 2, np.log(0.4))
    value, draws = log_density(point, estimates, prior), []
    for _ in range(steps):
        trial = point + stream.normal(0.0, stream.choice([0.3, 1.5]), point.size)
        trial_value = log_density(trial, estimates, prior)
        if np.log(stream.random()) < trial_value - value:
            point, value = trial, trial_value
        draws.append(np.exp(point))
    return np.array(draws[steps // 10 :])


def plain_spike(values, own, prior):
    """One coefficient, one group: E pi, E tau and P(z = 0) by quadrature over tau and all sets z.

    `own` is the variance of each estimate.
    """
    n, (a, b) = len(values), prior.share
    tau = np.linspace(2e-3, 4.0, 400)
    typical = np.linspace(2e-3, 4.0, 400)
    scale, mean_sd = prior.spread_sd[0], prior.mean_sd[0]
    prior_tau = (
        stats.halfnorm.pdf(tau[:, None] / typical) / typical * stats.halfnorm.pdf(typical / scale)
    ).sum(axis=1)
    total, sums = 0.0, np.zeros(n + 2)
    for some in itertools.product([0.0, 1.0], repeat=n):
        z, size = np.array(some), sum(some)
        covariance = own * np.eye(n) + tau[:, None, None] ** 2 * np.diag(z)
        covariance += mean_sd**2 * np.outer(z, z)
        fits = -0.5 * values @ np.linalg.solve(covariance, values[:, None])[:, :, 0].T
        likelihoods = np.exp(fits - 0.5 * np.linalg.slogdet(covariance)[1]) * prior_tau
        likelihoods *= np.exp(special.betaln(a + size, b + n - size))
        weight = likelihoods.sum()
        found = [(a + size) / (a + b + n), likelihoods @ tau / weight, *(z == 0.0)]
        total, sums = total + weight, sums + weight * np.array(found)
    share, spread, *zero = sums / total
    return share, spread, np.array(zero)
