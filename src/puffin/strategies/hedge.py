"""A pair's hedge ratio and spread, in a few numbers."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.inference.mean_reversion import reversion_posterior
from puffin.inference.rolling_regression import rolling_regression
from puffin.models.pairs.hedge_stability import variation_between_windows
from puffin.models.pairs.priors import PairsPriors
from puffin.validation import is_constant

__all__ = ["half_life", "hedge_variation", "slope"]

_FEWEST_WINDOWS = 3


def slope(y: Array, x: Array) -> float:
    """Return the least-squares slope of y on x and a constant."""
    centred = x - x.mean()
    return float(centred @ (y - y.mean()) / (centred @ centred))


def half_life(spread: Array) -> float:
    """Return the periods in which a deviation halves: the posterior median.

    Infinite where a random walk, which never comes back, is more probable than not
    (`puffin.inference.mean_reversion`).
    """
    found = reversion_posterior(spread)
    if found.probability <= 0.5:
        return float("inf")
    # The median over both models: a random walk's half-lives are infinite, above all others.
    phi = float(np.quantile(found.phi, 0.5 / found.probability))
    return float(np.log(0.5) / np.log(phi))


def hedge_variation(y: Array, x: Array, window: int) -> float:
    """Return how much the hedge ratio differs between windows, relative to its size.

    The posterior median of the standard deviation between disjoint windows, net of what each
    window does not know, as in `BayesianPairsTrading.hedge_stability`; errors are AR(1). Windows
    have `window` rows, or a third of all rows where that leaves fewer than three windows. Infinite
    where y or x is constant in all windows but one.
    """
    window = min(window, y.size // _FEWEST_WINDOWS)
    moments = []
    for first in range(0, y.size - window + 1, window):
        part = slice(first, first + window)
        if is_constant(y[part]) or is_constant(x[part]):
            continue
        found = rolling_regression(
            x[part, None], y[part], window, PairsPriors().rolling, scale=None, autoregressive=True
        )
        moments.append((found.mean[0, 1], found.sd[0, 1]))
    if len(moments) < 2:
        return float("inf")
    mean, sd = np.array(moments).T
    return float(np.median(variation_between_windows(mean, sd)))
