r"""The numbers that every tear sheet has, without a model.

Returns are simple, r their excess over the risk-free rate, P the periods in a year:

.. math::

    \text{Sortino} = \frac{\sqrt{P} \, \bar r}{\sqrt{\overline{\min(r, 0)^2}}}, \qquad
    \text{Calmar} = \frac{\text{growth a year}}{|\text{largest drawdown}|}, \qquad
    \Omega = \frac{\sum \max(r, 0)}{\sum \max(-r, 0)}, \qquad
    \text{tail ratio} = \frac{|q_{95\%}|}{|q_{5\%}|}

as `empyrical` and `quantstats` have them; the drawdown counts from the start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.backtest.performance import Performance, performance
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["Metrics", "metrics"]


@dataclass(frozen=True)
class Metrics:
    """Of one series of simple returns; NaN where a number does not exist.

    Attributes
    ----------
    performance : Performance
        Growth, volatility, largest drawdown, extremes, share of gains and skewness.
    total : float
        Return of the whole time, compounded.
    sortino, calmar, omega, tail_ratio : float
    gains, losses : int
        How many periods were above zero, and below.
    payoff : float
        The mean gain over the mean loss, as a positive number.
    excess_kurtosis : float
        0 for a normal distribution.
    """

    performance: Performance
    total: float
    sortino: float
    calmar: float
    omega: float
    tail_ratio: float
    gains: int
    losses: int
    payoff: float
    excess_kurtosis: float


def metrics(
    returns: pd.Series[float], periods_per_year: float, risk_free_rate: float = 0.0
) -> Metrics:
    """Return the numbers of a series of simple returns.

    Parameters
    ----------
    returns : Series
    periods_per_year : float
    risk_free_rate : float
        Annual; taken off for the Sortino ratio and Omega.
    """
    values = returns.to_numpy()
    excess = values - period_risk_free_rate(risk_free_rate, periods_per_year)
    plain = performance(returns, periods_per_year)
    gains, losses = values[values > 0.0], -values[values < 0.0]
    downside = math.sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2)))
    low, high = np.quantile(values, [0.05, 0.95])
    return Metrics(
        performance=plain,
        total=float(np.prod(1.0 + values) - 1.0),
        sortino=_ratio(math.sqrt(periods_per_year) * float(excess.mean()), downside),
        calmar=_ratio(plain.annual_growth, abs(plain.largest_drawdown)),
        omega=_ratio(float(excess[excess > 0.0].sum()), float(-excess[excess < 0.0].sum())),
        tail_ratio=_ratio(abs(float(high)), abs(float(low))),
        gains=gains.size,
        losses=losses.size,
        payoff=_ratio(_mean(gains), _mean(losses)),
        excess_kurtosis=_excess_kurtosis(values),
    )


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0.0 else math.nan


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else math.nan


def _excess_kurtosis(values: Array) -> float:
    centred = values - values.mean()
    return _ratio(float(np.mean(centred**4)), float(np.mean(centred**2)) ** 2) - 3.0
