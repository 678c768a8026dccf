r"""A year at a time: volatility, Sharpe ratio, alpha and beta of each window, as posteriors.

A window of n excess returns with mean m and standard deviation s, normal errors and the reference
prior :math:`1 / \sigma`, has the exact posterior

.. math::

    \frac{\mu}{\sigma} = \frac{m}{s} \sqrt{\frac{W}{n - 1}} + \frac{Z}{\sqrt n}, \qquad
    W \sim \chi^2_{n-1}, \quad Z \sim N(0, 1)

which is nearly normal with mean :math:`c \, m / s` and variance
:math:`1 / n + (1 - c^2) (m / s)^2`, :math:`c = E \sqrt{W / (n - 1)}`. Normal errors would be too
sure of a volatility: the variance of its logarithm is :math:`(2 + \kappa) / 4n` where returns have
excess kurtosis :math:`\kappa`, that of the window. Intercept and coefficient of a regression on
the benchmark are Student-t with n - 2 degrees of freedom about the least-squares ones.
Windows overlap, so that neighbours say nearly the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln, ndtri

from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["Band", "rolling_regression", "rolling_sharpe", "rolling_volatility", "window_length"]

_MOST_SHOWN = 160
_LEAST = 12
_MORE_THAN_ONE = 1.5


@dataclass(frozen=True)
class Band:
    """A quantity over time, with the interval of its posterior in each window.

    Attributes
    ----------
    table : DataFrame
        By the last row of each window: columns mean, low, high.
    window : int
        Periods in each window.
    """

    table: pd.DataFrame
    window: int

    def share_with(self, value: float) -> float:
        """Return the share of windows whose interval holds a value."""
        return float(((self.table["low"] <= value) & (value <= self.table["high"])).mean())


def window_length(count: int, periods_per_year: float) -> int | None:
    """Return the length of a window: a year; None where the returns are not half as many again."""
    window = max(round(periods_per_year), _LEAST)
    return window if count >= _MORE_THAN_ONE * window else None


def rolling_sharpe(
    returns: pd.Series[float],
    window: int,
    periods_per_year: float,
    risk_free_rate: float = 0.0,
    *,
    prob: float = 0.94,
    widening: float = 1.0,
) -> Band:
    """Return the annual Sharpe ratio of each window.

    Parameters
    ----------
    returns : Series
        Simple returns.
    window : int
    periods_per_year, risk_free_rate : float
    prob : float
        Of the interval.
    widening : float
        How many times as wide the posterior is as that of independent returns: the
        `dependence_factor` of the whole.
    """
    excess = returns - period_risk_free_rate(risk_free_rate, periods_per_year)
    rolled = _shown(excess.rolling(window).mean()), _shown(excess.rolling(window).std())
    ratio = rolled[0] / rolled[1].where(rolled[1] > 0.0)
    shrink = _mean_of_root(window - 1)
    sd = widening * (1.0 / window + (1.0 - shrink**2) * ratio**2) ** 0.5
    reach, year = float(ndtri(0.5 + 0.5 * prob)), math.sqrt(periods_per_year)
    return _band(year * shrink * ratio, year * reach * sd, window)


def rolling_volatility(
    returns: pd.Series[float], window: int, periods_per_year: float, *, prob: float = 0.94
) -> Band:
    """Return the annual volatility of each window."""
    rolled = returns.rolling(window)
    spread = math.sqrt(periods_per_year) * _shown(rolled.std())
    fatness = _shown(rolled.kurt()).clip(lower=0.0).fillna(0.0)
    factor = np.exp(float(ndtri(0.5 + 0.5 * prob)) * ((2.0 + fatness) / (4.0 * window)) ** 0.5)
    table = pd.DataFrame({"mean": spread, "low": spread / factor, "high": spread * factor})
    return Band(table.dropna(), window)


def rolling_regression(
    strategy: pd.Series[float],
    benchmark: pd.Series[float],
    window: int,
    periods_per_year: float,
    risk_free_rate: float = 0.0,
    *,
    prob: float = 0.94,
) -> tuple[Band, Band]:
    """Return the strategy's alpha a year and its beta in each window, on the rows that both have.

    Both are of excess returns.
    """
    rate = period_risk_free_rate(risk_free_rate, periods_per_year)
    both = pd.DataFrame({"y": strategy, "x": benchmark}).dropna() - rate
    cov = _shown(both["y"].rolling(window).cov(both["x"]))
    var_x, var_y = (_shown(both[name].rolling(window).var()) for name in ("x", "y"))
    mean_x, mean_y = (_shown(both[name].rolling(window).mean()) for name in ("x", "y"))
    beta = cov / var_x.where(var_x > 0.0)
    left = (var_y - beta * cov).clip(lower=0.0) * (window - 1) / (window - 2)
    squares = var_x * (window - 1)
    reach = float(stats.t.ppf(0.5 + 0.5 * prob, window - 2))
    of_alpha = (left * (1.0 / window + mean_x**2 / squares)) ** 0.5
    alpha = _band(
        periods_per_year * (mean_y - beta * mean_x), periods_per_year * reach * of_alpha, window
    )
    return alpha, _band(beta, reach * (left / squares) ** 0.5, window)


def _band(mean: pd.Series[float], reach: pd.Series[float], window: int) -> Band:
    table = pd.DataFrame({"mean": mean, "low": mean - reach, "high": mean + reach})
    return Band(table.dropna(), window)


def _shown(values: pd.Series[float]) -> pd.Series[float]:
    """Return as many windows as a figure can show, evenly spread, the last among them."""
    known = values.iloc[int(np.isnan(values.to_numpy()).argmin()) :]
    return known.iloc[_evenly(len(known))]


def _evenly(count: int) -> NDArray[np.intp]:
    return np.unique(np.linspace(0, count - 1, min(count, _MOST_SHOWN)).astype(int))


def _mean_of_root(degrees: int) -> float:
    r"""Return :math:`E \sqrt{W / k}` of W chi-squared with k degrees of freedom."""
    half = 0.5 * degrees
    return math.exp(float(gammaln(half + 0.5) - gammaln(half))) / math.sqrt(half)
