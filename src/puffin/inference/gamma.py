"""Gamma variates inside kernels."""

from __future__ import annotations

import math

import numpy as np

from puffin.inference.compiling import part

__all__ = ["draw_gamma"]


@part
def draw_gamma(stream: np.random.Generator, shape: float) -> float:
    """Draw from Gamma(shape, 1), shape at least 1, by the method of Marsaglia & Tsang (2000)."""
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = stream.standard_normal()
        root = 1.0 + c * x
        if root <= 0.0:
            continue
        cube = root * root * root
        u = stream.random()
        if u < 1.0 - 0.0331 * x * x * x * x or math.log(u) < 0.5 * x * x + d * (
            1.0 - cube + math.log(cube)
        ):
            return d * cube
