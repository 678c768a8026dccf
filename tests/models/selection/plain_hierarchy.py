"""The posterior given tau and epsilon by plain linear algebra, without principal directions."""

from __future__ import annotations

import numpy as np
from scipy import stats


def matrices(estimates, spread, own, level_sd):
    """Return the covariance of the true ratios, and that of the estimates."""
    vectors = estimates.vectors
    unit = np.where(estimates.apart, estimates.variances, 0.0)
    unit /= unit.mean()
    common = vectors @ estimates.common
    prior = (
        spread**2 * (vectors * unit) @ vectors.T
        + own**2 * np.eye(len(vectors))
        + level_sd**2 * np.outer(common, common)
    )
    errors = estimates.error_variance * (vectors * estimates.variances) @ vectors.T
    return prior, prior + errors


def log_evidence(estimates, spread, own, level_sd):
    _, total = matrices(estimates, spread, own, level_sd)
    return stats.multivariate_normal(cov=total).logpdf(estimates.sharpe)


def posterior(estimates, spread, own, level_sd):
    """Return mean and covariance of the true ratios."""
    prior, total = matrices(estimates, spread, own, level_sd)
    gain = prior @ np.linalg.inv(total)
    return gain @ estimates.sharpe, prior - gain @ prior


def expected_gain(estimates, spread, own, level_sd, trial):
    """Return the expected improvement by a trial, were its estimate not known: by simulation."""
    prior, total = matrices(estimates, spread, own, level_sd)
    rest = np.delete(np.arange(len(prior)), trial)
    inverse = np.linalg.inv(total[np.ix_(rest, rest)])
    weights = total[trial, rest] @ inverse
    mean = weights @ estimates.sharpe[rest]
    sd = np.sqrt(total[trial, trial] - weights @ total[rest, trial])
    stream = np.random.default_rng(1)
    z = stream.standard_normal(200_000)
    z = np.concatenate([z, -z])
    gain = prior @ np.linalg.inv(total)
    would = np.tile(estimates.sharpe, (2, 1))
    would[:, trial] = [mean, mean + sd]
    at, slope = gain @ would[0], gain @ (would[1] - would[0])
    others = at.copy()
    others[trial] = -np.inf
    best = int(others.argmax())
    ahead = at[trial] - at[best] + (slope[trial] - slope[best]) * z
    return np.maximum(ahead, 0.0).mean()
