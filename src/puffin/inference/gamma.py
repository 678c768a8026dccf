"""Gamma variates inside kernels."""

from __future__ import annotations

import math

import numpy as np

from puffin.inference.compiling import part

__all__ = ["draw_gamma", "draw_gamma_above"]


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


@part
def draw_gamma_above(stream: np.random.Generator, shape: float, rate: float, bound: float) -> float:
    """Draw from Gamma(shape, rate), shape at least 1, given that it is above `bound`.

    By rejection: from the whole distribution where most of it is above the bound, else from the
    exponential that touches the density at the bound.
    """
    if rate * bound < shape:
        while True:
            draw = draw_gamma(stream, shape) / rate
            if draw > bound:
                return draw
    slope = rate - (shape - 1.0) / bound
    while True:
        excess = -math.log(stream.random()) / slope
        log_ratio = (shape - 1.0) * (math.log1p(excess / bound) - excess / bound)
        if math.log(stream.random()) < log_ratio:
            return bound + excess
