"""The ratio of gamma functions half a unit apart: what constants of t laws are made of."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from puffin.arrays import Array

__all__ = ["log_gamma_step"]

_LARGE = 5e3


def log_gamma_step(a: Array) -> Array:
    """Return log Gamma(a + 1/2) - log Gamma(a): where both are large, by Stirling's series."""
    series = 0.5 * np.log(a) - 0.125 / a
    return np.where(a > _LARGE, series, gammaln(a + 0.5) - gammaln(a))
