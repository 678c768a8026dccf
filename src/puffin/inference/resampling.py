"""Draws taken by weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array

__all__ = ["systematic"]


def systematic(
    log_weights: Array,
    count: int,
    stream: np.random.Generator,
    order: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Return the numbers of `count` elements, taken by weight, systematically and in order.

    Each is taken in proportion to its weight, up to rounding (Kitagawa 1996). The result is rotated
    at random, so that each of its places by itself is a draw by weight too.

    Parameters
    ----------
    order : ndarray of int, optional
        In which to go through the elements, by default as they are given: rounding errors cancel
        among neighbours. The result is in the order given in either case.
    """
    highest = float(log_weights.max())
    if not np.isfinite(highest):
        return np.zeros(count, np.int64)
    if order is None:
        order = np.arange(log_weights.size)
    cumulated = np.cumsum(np.exp(log_weights[order] - highest))
    positions = (stream.random() + np.arange(count)) * (cumulated[-1] / count)
    places = np.searchsorted(cumulated, positions, side="right")
    taken = np.sort(order[np.minimum(places, log_weights.size - 1)])
    return np.roll(taken, int(stream.integers(count)))
