"""Forecasts of the next period's volatility from the returns so far."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.validation import DataLike, finite_number, positive_integer
from puffin.validation.columns import as_float_array
from puffin.validation.values import check_finite

__all__ = ["Forecaster", "ewma_volatility", "rolling_volatility"]

_NEGLIGIBLE = 1e-18

Forecaster = Callable[["pd.Series[float]"], float]
"""Takes the simple returns so far, returns the standard deviation of the next; NaN if there are
too few to tell."""


def ewma_volatility(returns: pd.Series[float], decay: float = 0.94, minimum: int = 20) -> float:
    r"""Return the exponentially weighted volatility of RiskMetrics (J.P. Morgan 1996).

    .. math:: \hat\sigma^2 = \sum_k \lambda^k r_{t-k}^2 / \sum_k \lambda^k

    Parameters
    ----------
    returns : Series
        Simple returns so far.
    decay : float, default 0.94
        The weight of each return relative to the next, above 0 and at most 1.
    minimum : int, default 20
        With fewer returns the answer is NaN.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid.
    """
    if not 0.0 < finite_number("decay", decay) <= 1.0:
        raise ValueError(f"decay must be above 0 and at most 1; found {decay:g}.")
    values = _so_far(returns)
    if values.size < positive_integer("minimum", minimum):
        return float("nan")
    felt = int(np.log(_NEGLIGIBLE) / np.log(decay)) if decay < 1.0 else values.size
    values = values[-max(felt, 1) :]
    weights = decay ** np.arange(values.size - 1, -1, -1.0)
    return float(np.sqrt(weights @ values**2 / weights.sum()))


def rolling_volatility(returns: pd.Series[float], window: int = 63) -> float:
    """Return the standard deviation (ddof 1) of the last `window` returns; NaN if there are fewer.

    Parameters
    ----------
    returns : Series
        Simple returns so far.
    window : int, default 63
        At least 2; 63 trading days are a quarter of a year.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid.
    """
    values, window = _so_far(returns), positive_integer("window", window, minimum=2)
    if values.size < window:
        return float("nan")
    return float(values[-window:].std(ddof=1))


def _so_far(returns: DataLike) -> Array:
    values = as_float_array("returns", returns)
    if values.ndim != 1:
        raise ValueError(f"returns must be one-dimensional; found shape {values.shape}.")
    check_finite("returns", values)
    return values
