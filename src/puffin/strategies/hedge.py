"""What a pair's hedge ratio and spread are like, in a few numbers."""

from __future__ import annotations

import numpy as np

from puffin.inference.arrays import Array

__all__ = ["half_life", "hedge_stability", "slope"]


def slope(y: Array, x: Array) -> float:
    """Return the least-squares slope of y on x and a constant."""
    centred = x - x.mean()
    return float(centred @ (y - y.mean()) / (centred @ centred))


def half_life(spread: Array) -> float:
    r"""Return how many periods a deviation takes to halve: :math:`-\ln 2 / \ln \phi`.

    phi is the coefficient of an AR(1) by least squares, with a constant. Infinite where it is 1 or
    more: the spread does not revert. 0 where it is 0 or less: a deviation is gone in one period.
    """
    phi = slope(spread[1:], spread[:-1])
    if phi >= 1.0:
        return float("inf")
    return float(-np.log(2.0) / np.log(phi)) if phi > 0.0 else 0.0


def hedge_stability(y: Array, x: Array, window: int) -> float:
    r"""Return how steady the slope of y on x is: 1 less its coefficient of variation, from 0 to 1.

    The slope is estimated in every window of so many rows (a third of all rows, if those are fewer
    than three windows); its standard deviation over windows is divided by the size of its mean.
    """
    window = min(window, max(y.size // 3, 3))
    slopes = _rolling_slopes(y, x, window)
    centre = abs(float(slopes.mean())) if slopes.size else 0.0
    return max(0.0, 1.0 - float(slopes.std()) / centre) if centre > 0.0 else 0.0


def _rolling_slopes(y: Array, x: Array, window: int) -> Array:
    """Return the slope in every window in which x moves."""
    y, x = y - y.mean(), x - x.mean()
    means = [_rolling_mean(values, window) for values in (x, y, x * y, x * x)]
    variance = means[3] - means[0] ** 2
    moves = variance > 1e-9 * float(np.mean(x * x))
    return np.asarray((means[2] - means[0] * means[1])[moves] / variance[moves])


def _rolling_mean(values: Array, window: int) -> Array:
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((sums[window:] - sums[:-window]) / window)
