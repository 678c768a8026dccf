"""Whether two sets of draws are of the same distribution, within the Monte Carlo error of both."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from arviz_stats.base import array_stats
from scipy import stats

QUANTILES = (0.03, 0.5, 0.97)


def quantile_error(draws, prob):
    """Standard error of a quantile: sqrt(p (1 - p) / ESS) over the density there.

    Or ArviZ's, if that is larger: it is a distance of order statistics, and none at all where one
    draw that is repeated takes all the places about the quantile.
    """
    size = float(array_stats.ess(draws, method="quantile", prob=prob))
    low, high = max(prob - 0.02, 0.005), min(prob + 0.02, 0.995)
    density = (high - low) / max(float(np.ptp(np.quantile(draws, [low, high]))), 1e-300)
    asymptotic = np.sqrt(prob * (1.0 - prob) / size) / density
    return max(asymptotic, float(array_stats.mcse(draws, method="quantile", prob=prob)))


def estimates(draws):
    """Mean, spread and quantiles of draws, shape (n_chains, n_draws), and their standard errors."""
    deviation = np.abs(draws - np.median(draws))
    return {
        "mean": (draws.mean(), float(array_stats.mcse(draws, method="mean"))),
        "spread": (deviation.mean(), float(array_stats.mcse(deviation, method="mean"))),
        **{
            f"q{prob}": (
                np.quantile(draws, prob),
                quantile_error(draws, prob),
            )
            for prob in QUANTILES
        },
    }


def assert_agree(ours: Mapping, theirs: Mapping, *, false_alarm=1e-6):
    """Compare every scalar of two mappings of names to draws, shape (n_chains, n_draws).

    Means, mean absolute deviations and three quantiles are compared by z-scores; over all of them
    the probability of an alarm is at most `false_alarm` if the distributions are the same.
    """
    scores = {}
    for name in theirs:
        mine, other = estimates(ours[name]), estimates(theirs[name])
        for quantity in mine:
            (a, error_a), (b, error_b) = mine[quantity], other[quantity]
            scores[name, quantity] = (a - b) / np.hypot(error_a, error_b)
    limit = stats.norm.isf(false_alarm / 2 / len(scores))
    worst = max(scores, key=lambda key: abs(scores[key]))
    assert abs(scores[worst]) < limit, f"{worst} is {scores[worst]:.1f} standard errors off"


def scalars(variables, names=None):
    """Split variables of shape (n_chains, n_draws, ...) into scalars by name and position."""
    split = {}
    for name in names or variables:
        draws = np.asarray(variables[name])
        flat = draws.reshape(*draws.shape[:2], -1)
        split |= {f"{name}[{i}]": flat[..., i] for i in range(flat.shape[2])}
    return split
