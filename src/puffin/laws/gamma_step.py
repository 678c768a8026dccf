"""The ratio of gamma functions half a unit apart: what constants of t laws are made of."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from puffin.arrays import Array
from puffin.compiling.elementary import log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import Lanes

__all__ = ["log_gamma_step", "log_gamma_step_lanes"]

_LARGE = 5e3


def log_gamma_step(a: Array) -> Array:
    """Return log Gamma(a + 1/2) - log Gamma(a): where both are large, by Stirling's series."""
    series = 0.5 * np.log(a) - 0.125 / a
    return np.where(a > _LARGE, series, gammaln(a + 0.5) - gammaln(a))


@part
def log_gamma_step_lanes(a: Lanes) -> Lanes:
    """Return log Gamma(a + 1/2) - log Gamma(a), for eight a above 1.

    It is a series in 1 / a nine further on: an error below 1e-12.
    """
    above, below = a, a + 0.5
    for i in range(1, 9):
        above, below = above * (a + i), below * (a + (i + 0.5))
    far = a + 9.0
    over = 1.0 / far
    s = over * over
    series = over * (0.125 - s * (1.0 / 192.0 - s * (1.0 / 640.0 - s * (17.0 / 14336.0))))
    ratio = above / below
    return 0.5 * log_lanes(ratio * ratio * far) - series
