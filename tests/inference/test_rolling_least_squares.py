"""The fallback of rolling regression."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.rolling_least_squares import rolling_least_squares
from tests.inference.rolling_prices import prices


def test_least_squares_has_the_intervals_of_t():
    """The slope and its standard error by `linregress`, the forecast's by hand.

    The sd of t with n - k degrees of freedom is its scale times sqrt((n - k) / (n - k - 2)).
    """
    X, y = prices(40)
    found = rolling_least_squares(X, y, 30)
    for row in range(10):
        x, target = X[row : row + 30, 0], y[row : row + 30]
        known = stats.linregress(x, target)
        t = np.sqrt(28 / 26)
        assert found.mean[row] == pytest.approx([known.intercept, known.slope], rel=1e-9)
        assert found.sd[row] == pytest.approx(
            np.array([known.intercept_stderr, known.stderr]) * t, rel=1e-8
        )
        following = X[row + 30, 0]
        s2 = np.sum((target - known.intercept - known.slope * x) ** 2) / 28
        leverage = 1 + 1 / 30 + (following - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2)
        assert found.forecast_mean[row] == pytest.approx(known.intercept + known.slope * following)
        assert found.forecast_sd[row] == pytest.approx(np.sqrt(s2 * leverage) * t, rel=1e-8)
