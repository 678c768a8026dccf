"""Returns that repeat exactly, such as the zeros of a price that stands still."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array

__all__ = ["dither_ties", "resolution"]

_FEWEST = 3
_RESOLUTION = 0.01
_GOLDEN = 0.6180339887498949


def resolution(y: Array) -> float:
    """Return how exactly returns are known where they tie: a hundredth of their spread."""
    return _RESOLUTION * float(np.nanstd(y))


def dither_ties(y: Array, step: float) -> Array:
    """Return the series with values that occur three times or more moved apart, up and down.

    A density takes a return as known exactly, and would have volatility fall without bounds where
    several are the same. They are so because prices are rounded: here they are known to within
    `step`. The first of a tie are moved by the same however many come after.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        NaN where a return is missing.
    step : float
        Their `resolution`.
    """
    known = np.flatnonzero(np.isfinite(y))
    _, group, counts = np.unique(y[known], return_inverse=True, return_counts=True)
    dithered = y.copy()
    for value in np.flatnonzero(counts >= _FEWEST):
        tied = known[group == value]
        share = np.arange(1.0, tied.size + 1.0) * _GOLDEN % 1.0
        dithered[tied] += step * (2.0 * share - 1.0)
    return dithered
