"""Returns that repeat exactly, such as the zeros of a price that stands still."""

from __future__ import annotations

import numpy as np

from puffin.inference.arrays import Array

__all__ = ["dither_ties"]

_FEWEST = 3
_RESOLUTION = 0.01


def dither_ties(y: Array) -> Array:
    """Return the series with values that occur three times or more moved up and down in turn.

    A density takes a return as known exactly, and would have volatility fall without bounds where
    several are the same. They are so because prices are rounded: here they are known to a
    hundredth of the returns' standard deviation.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        NaN where a return is missing.
    """
    known = np.flatnonzero(np.isfinite(y))
    _, group, counts = np.unique(y[known], return_inverse=True, return_counts=True)
    step = _RESOLUTION * float(np.nanstd(y))
    dithered = y.copy()
    for value in np.flatnonzero(counts >= _FEWEST):
        tied = known[group == value]
        dithered[tied[::2]] += step
        dithered[tied[1::2]] -= step
    return dithered
