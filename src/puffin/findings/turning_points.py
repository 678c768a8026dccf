"""Which points of a long path a figure needs."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array

__all__ = ["turning_points"]


def turning_points(values: Array, most: int) -> NDArray[np.intp]:
    """Return where the highest and lowest of each stretch are, and the last, `most` in all."""
    if values.size <= most:
        return np.arange(values.size)
    edges = np.linspace(0, values.size - 1, (most - 1) // 2 + 1).astype(int)
    chosen = [values.size - 1]
    for first, end in itertools.pairwise(edges):
        stretch = values[first:end]
        chosen += [first + int(stretch.argmin()), first + int(stretch.argmax())]
    return np.unique(chosen)
