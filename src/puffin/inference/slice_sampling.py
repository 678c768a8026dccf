"""Slice sampling of one number, inside kernels.

Neal (2003), "Slice sampling", Annals of Statistics 31: a height under the density is drawn, an
interval about the point is stepped out until both ends are below that height, and points are drawn
from it, which shrink it, until one is under the density.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from puffin.compiling.kernels import part_of

__all__ = ["slice_move"]

_WIDTH, _MOST_STEPS = 2.0, 500
_HEIGHT, _LOW_END, _HIGH_END, _POINT = range(4)

LogDensity = Callable[[float, Any], float]
"""Of a number and whatever else it depends on, up to a constant."""


def log_density(x: float, at: Any) -> float:
    """Stand for the density of a sampler that `slice_move` makes."""
    raise NotImplementedError


def slice_move(of: LogDensity) -> Callable[[np.random.Generator, float, Any], float]:
    """Return a part of kernels that moves a number once, and leaves its density as it is.

    It takes a stream, the number, and what `of`, a part too, takes beside it. It returns NaN if the
    density is not finite at the number, or does not fall to both sides.
    """
    return part_of(_move, log_density=of)


def _move(stream: np.random.Generator, x: float, at: Any) -> float:
    # The density has one place in the loop, since it is compiled into each.
    tried, level, low, high = x, 0.0, x - _WIDTH, x
    doing = _HEIGHT
    for _ in range(_MOST_STEPS):
        value = log_density(tried, at)
        if doing == _HEIGHT:
            level = value + math.log1p(-stream.random())
            if not math.isfinite(level):
                return math.nan
            low = x - _WIDTH * stream.random()
            high = low + _WIDTH
            tried, doing = low, _LOW_END
        elif doing == _LOW_END and value > level:
            low -= _WIDTH
            tried = low
        elif doing == _LOW_END:
            tried, doing = high, _HIGH_END
        elif doing == _HIGH_END and value > level:
            high += _WIDTH
            tried = high
        else:
            if doing == _POINT:
                if value >= level:
                    return tried
                if tried < x:
                    low = tried
                else:
                    high = tried
            tried, doing = low + (high - low) * stream.random(), _POINT
    return math.nan
