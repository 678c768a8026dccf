"""Forecasts of the next period's volatility from the returns so far."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

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
    """
    if len(returns) < minimum:
        return float("nan")
    felt = int(np.log(_NEGLIGIBLE) / np.log(decay)) if decay < 1.0 else len(returns)
    values = returns.to_numpy()[-max(felt, 1) :]
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
    """
    if len(returns) < window:
        return float("nan")
    return float(returns.to_numpy()[-window:].std(ddof=1))
