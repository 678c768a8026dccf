"""The density of the return to come, given each draw's volatility."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from puffin.arrays import Array
from puffin.inference.regressors import NOTHING_EXPLAINED, Explained
from puffin.laws import Law

__all__ = ["log_density", "log_mean"]


def log_density(
    value: float,
    variables: Mapping[str, Array],
    law: Law,
    explained: Explained = NOTHING_EXPLAINED,
) -> Array:
    r"""Return log p(return | h, parameters) of each draw.

    That of the errors' law given the volatility. With leverage too, since the log-variance after
    the return's own is not given.

    Parameters
    ----------
    value : float
        The return of the next period.
    variables : mapping of str to ndarray
        `h_next`, `mean` if the model has one, and the law's shape; all of one shape.
    explained : Explained, optional
        What regressors explain in that period.
    """
    given = law.given_volatility(variables["h_next"] + explained.log_variance, variables)
    return given.log_density(value - explained.mean)


def log_mean(log_values: Array) -> float:
    """Return the logarithm of the mean of exp(log_values)."""
    highest = float(log_values.max())
    return highest + math.log(float(np.exp(log_values - highest).mean()))
