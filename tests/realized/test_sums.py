"""Realised variance and bipower variation. False alarms below 1e-5, seeds fixed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from puffin.realized import bipower_variation, realized_variance
from tests.realized.intraday import SIGMA, days, mean_and_error

DAY = pd.Series([0.1, -0.2, 0.3], pd.date_range("2024-03-01 10:00", periods=3, freq="h"))


def test_by_hand():
    assert realized_variance(DAY).iloc[0] == pytest.approx(0.14)
    by_hand = 0.5 * math.pi * 1.5 * (0.02 + 0.06)
    assert bipower_variation(DAY).iloc[0] == pytest.approx(by_hand)
    assert bipower_variation(DAY).name == "bipower_variation"


def test_days_that_say_nothing():
    found = bipower_variation(DAY[:1])
    assert found.isna().all()
    assert realized_variance(DAY * 0.0).isna().all()


@pytest.mark.parametrize("measure", [realized_variance, bipower_variation])
def test_brownian_days_are_unbiased(measure):
    mean, error = mean_and_error(measure(days(2000, 78)))
    assert abs(mean - 1.0) < 4.5 * error


def test_spread_of_realized_variance():
    """Standard deviation sqrt(2 / n) of the variance."""
    found = realized_variance(days(2000, 78)) / SIGMA**2
    assert abs(found.std() / math.sqrt(2 / 78) - 1.0) < 4.5 / math.sqrt(2 * 2000) * 1.2


def test_jumps_are_in_realized_variance_only():
    """A jump of a day's volatility doubles realised variance."""
    returns = days(500, 390, jump=SIGMA)
    mean, error = mean_and_error(realized_variance(returns))
    assert abs(mean - 2.0) < 4.5 * error
    robust, _ = mean_and_error(bipower_variation(returns))
    assert 1.0 < robust < 1.2


def test_overnight_returns_are_what_is_given():
    together = pd.concat([DAY, DAY.set_axis(DAY.index + pd.Timedelta(days=1))])
    np.testing.assert_allclose(realized_variance(together), [0.14, 0.14])
