"""Whether losses beyond value at risk are as large as the forecasts say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import ndtr

from puffin.risk.forecast_test import ForecastTest
from puffin.validation import as_aligned, tail_level

__all__ = ["shortfall_test"]

_GRID = 64
_REACH = 12.0


def shortfall_test(pit: Any, level: float) -> ForecastTest:
    r"""Test the tail that expected shortfall is an average of (Du & Escanciano 2017).

    Expected shortfall is the average of the values at risk of all levels up to p, and so the test
    averages their violations. With u the forecast's probability of a return up to the one that came
    (the probability integral transform), the cumulative violation of a period is

    .. math::

        H_t = \frac{1}{p} \int_0^p 1\{u_t \le q\} dq = \left( 1 - \frac{u_t}{p} \right)^+

    with mean p / 2 and variance p (1/3 - p/4) if the forecasts are right. The statistic is

    .. math:: U = \frac{\sqrt{n} (\bar H - p / 2)}{\sqrt{p (1/3 - p/4)}}

    Above zero, losses were larger than forecast; both directions count as wrong.

    Of the tests of expected shortfall this one is chosen because its distribution under right
    forecasts is known whatever the model: u is uniform and independent. (The null distributions of
    Acerbi & Szekely's depend on the model, and the bootstrap of McNeil & Frey needs more
    exceedances than there are.) Each term is 0 with probability 1 - p and else uniform on (0, 1);
    the exact `p_value` is twice the smaller tail of their sum's distribution, convolved on a grid.

    Parameters
    ----------
    pit : array-like of shape (n_times,)
        Between 0 and 1, such as `RollingForecast.pit`.
    level : float

    References
    ----------
    Du & Escanciano (2017), "Backtesting expected shortfall: accounting for tail risk", Management
    Science 63.
    """
    level = tail_level("level", level)
    (u,), _ = as_aligned(pit=pit)
    if u.min() < 0.0 or u.max() > 1.0:
        wrong = float(u[(u < 0.0) | (u > 1.0)][0])
        raise ValueError(f"pit must be probabilities, between 0 and 1; found {wrong:g}.")
    cumulative = np.maximum(1.0 - u / level, 0.0)
    n = u.size
    scale = math.sqrt(level * (1.0 / 3.0 - 0.25 * level) / n)
    statistic = float((cumulative.mean() - 0.5 * level) / scale)
    total = float(cumulative.sum())
    below = _sum_distribution(total, n, level)
    return ForecastTest(
        "Du-Escanciano, expected shortfall",
        statistic,
        min(2.0 * min(below, 1.0 - below), 1.0) if total > 0.0 else min(2.0 * below, 1.0),
        float(2.0 * ndtr(-abs(statistic))),
        {"cumulative_violations": total, "expected": 0.5 * n * level, "periods": n},
    )


def _sum_distribution(total: float, n: int, level: float) -> float:
    """Return P(sum <= total) of n terms, 0 with probability 1 - level and else uniform on (0, 1).

    Uniform terms become the middles of `_GRID` cells. The sum's characteristic function is a power
    of a term's; the grid ends far beyond what has any probability, so that nothing wraps around.
    """
    mean, sd = 0.5 * n * level, math.sqrt(n * level / 3.0)
    end = min(float(n), max(total, mean) + _REACH * (sd + 1.0)) + 1.0
    # Half-cells, so that sums of middles fall on the grid.
    size = 1 << math.ceil(math.log2(2.0 * _GRID * end))
    term = np.zeros(size)
    term[1 : 2 * _GRID : 2] = level / _GRID
    term[0] = 1.0 - level
    density = np.fft.irfft(np.fft.rfft(term) ** n, size)
    upto = math.floor(2.0 * _GRID * total + 1e-9)
    at = density[: upto + 1]
    return float(np.clip(at.sum() - 0.5 * at[-1] if total > 0.0 else at.sum(), 0.0, 1.0))
