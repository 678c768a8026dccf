"""Draws taken by weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from puffin.inference.arrays import Array

__all__ = ["systematic"]


def systematic(log_weights: Array, count: int, stream: np.random.Generator) -> NDArray[np.int64]:
    """Return the numbers of `count` elements, taken by weight, systematically and in order.

    Each is taken as often as its weight says, but for rounding (Kitagawa 1996). The order begins
    anywhere, so that each place by itself is by weight too.
    """
    highest = float(log_weights.max())
    if not np.isfinite(highest):
        return np.zeros(count, np.int64)
    cumulated = np.cumsum(np.exp(log_weights - highest))
    positions = (stream.random() + np.arange(count)) * (cumulated[-1] / count)
    taken: NDArray[np.int64] = np.searchsorted(cumulated, positions, side="right")
    return np.roll(np.minimum(taken, log_weights.size - 1), int(stream.integers(count)))
