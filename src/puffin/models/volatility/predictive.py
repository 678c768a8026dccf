"""The density of a return, given each draw's volatility."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy.special import gammaln

from puffin.arrays import Array

__all__ = ["log_density", "log_mean"]


def log_density(value: float, variables: Mapping[str, Array]) -> Array:
    r"""Return log p(return | h, parameters) of each draw: normal or Student-t, variance exp(h).

    .. math::

        t: \quad \log \Gamma(\tfrac{\nu+1}{2}) - \log \Gamma(\tfrac{\nu}{2})
        - \tfrac12 \log((\nu-2) \pi) - \tfrac{h}{2}
        - \tfrac{\nu+1}{2} \log\left(1 + \frac{(y - mean)^2 e^{-h}}{\nu - 2}\right)

    With leverage too, since the log-variance after the return's own is not given.

    Parameters
    ----------
    value : float
        The return of the next period.
    variables : mapping of str to ndarray
        `h_next`, and what the model has of `mean` and `nu`; all of one shape.
    """
    h = variables["h_next"]
    square = (value - variables.get("mean", 0.0)) ** 2 * np.exp(-h)
    if "nu" not in variables:
        return np.asarray(-0.5 * (math.log(2.0 * math.pi) + h + square))
    nu = variables["nu"]
    constant = gammaln(0.5 * (nu + 1.0)) - gammaln(0.5 * nu) - 0.5 * np.log((nu - 2.0) * math.pi)
    return np.asarray(constant - 0.5 * h - 0.5 * (nu + 1.0) * np.log1p(square / (nu - 2.0)))


def log_mean(log_values: Array) -> float:
    """Return the logarithm of the mean of exp(log_values)."""
    highest = float(log_values.max())
    return highest + math.log(float(np.exp(log_values - highest).mean()))
