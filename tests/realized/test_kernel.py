"""The realised kernel: by hand, without noise and with it. False alarms below 1e-5."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.realized import realized_kernel, realized_variance
from puffin.realized.kernel import bandwidth, parzen
from tests.realized.intraday import SIGMA, days, mean_and_error


def plain_kernel(r, H):
    """The kernel as it is written down."""
    total = 0.0
    for h in range(-H, H + 1):
        x = abs(h) / (H + 1)
        weight = 1 - 6 * x**2 + 6 * x**3 if x <= 0.5 else 2 * (1 - x) ** 3
        total += weight * sum(r[j] * r[j - abs(h)] for j in range(abs(h), r.size))
    return total


def test_is_its_plain_twin():
    returns = days(3, 60, noise=0.001)
    by_day = returns.groupby(returns.index.date)
    for found, (_, r) in zip(realized_kernel(returns), by_day, strict=True):
        values = r.to_numpy()
        np.testing.assert_allclose(found, plain_kernel(values, min(bandwidth(values), 59)))


def test_parzen_falls_from_one_to_zero():
    weights = parzen(np.linspace(0.0, 1.0, 101))
    assert weights[0] == 1.0
    assert weights[-1] == 0.0
    assert (np.diff(weights) <= 0.0).all()


def test_brownian_days():
    """Its bias is of the order of H / n; 390 returns leave a few percent."""
    mean, error = mean_and_error(realized_kernel(days(400, 390)))
    assert abs(mean - 1.0) < 4.5 * error + 0.03


def test_noise_is_in_realized_variance_only():
    """Noise of a tenth of the day's volatility at each of 390 prices: 2 n omega^2 = 7.8."""
    returns = days(400, 390, noise=0.1 * SIGMA)
    mean, error = mean_and_error(realized_variance(returns))
    assert abs(mean - 8.8) < 4.5 * error
    robust, error = mean_and_error(realized_kernel(returns))
    assert abs(robust - 1.0) < 4.5 * error + 0.15


def test_days_of_few_returns():
    few = pd.Series(np.full(9, 0.01), pd.date_range("2024-03-01 10:00", periods=9, freq="h"))
    assert realized_kernel(few * [1, -1, 1, 1, -1, 1, 1, 1, -1]).isna().all()
