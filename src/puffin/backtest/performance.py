"""Growth, volatility, drawdown and the like of a series of returns, without a model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.validation import is_constant

__all__ = ["Performance", "below_peak", "growth", "performance"]


@dataclass(frozen=True)
class Performance:
    """Of simple returns, as fractions; NaN where a number does not exist.

    Attributes
    ----------
    annual_growth : float
        Compound; NaN where a return is -100% or less.
    annual_volatility : float
        Standard deviation of a period's return times the root of the periods in a year.
    largest_drawdown : float
        The deepest fall from a peak, as a negative fraction; NaN as for the growth.
    worst, best : float
        The most extreme returns of one period.
    share_positive : float
        Of the periods that moved: the win rate of `quantstats`, which leaves out those without a
        return. NaN where none moved.
    skewness : float
    """

    annual_growth: float
    annual_volatility: float
    largest_drawdown: float
    worst: float
    best: float
    share_positive: float
    skewness: float


def growth(returns: pd.Series[float]) -> pd.Series[float] | None:
    """Return what 1 became, period by period; None where a return is -100% or less."""
    values = returns.to_numpy()
    if (values <= -1.0).any():
        return None
    return pd.Series(np.exp(np.cumsum(np.log1p(values))), returns.index)


def below_peak(wealth: Array) -> Array:
    """Return how far each row is below the highest so far, the 1 before the first among them.

    Parameters
    ----------
    wealth : ndarray of shape (n_times, ...)
        What 1 became.
    """
    peak = np.maximum(np.maximum.accumulate(wealth, axis=0), 1.0)
    return np.asarray(wealth / peak - 1.0)


def performance(returns: pd.Series[float], periods_per_year: float) -> Performance:
    """Return the plain numbers of a series of simple returns."""
    values, wealth = returns.to_numpy(), growth(returns)
    annual_growth = largest_drawdown = math.nan
    if wealth is not None:
        last = float(wealth.iloc[-1])
        with np.errstate(over="ignore"):
            annual_growth = float(np.expm1(np.log(last) * periods_per_year / values.size))
        largest_drawdown = float(below_peak(wealth.to_numpy()).min())
    return Performance(
        annual_growth=annual_growth,
        annual_volatility=(
            float(np.sqrt(periods_per_year) * values.std(ddof=1)) if values.size > 1 else math.nan
        ),
        largest_drawdown=largest_drawdown,
        worst=float(values.min()),
        best=float(values.max()),
        share_positive=float(np.mean(values[values != 0.0] > 0.0)) if values.any() else math.nan,
        skewness=math.nan if is_constant(values) else _skewness(values),
    )


def _skewness(values: Array) -> float:
    """Return the third central moment over the cube of the standard deviation."""
    centred = values - values.mean()
    return float(np.mean(centred**3) / np.mean(centred**2) ** 1.5)
