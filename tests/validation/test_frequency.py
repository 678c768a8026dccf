"""Periods in a year, read off the dates."""

from __future__ import annotations

import pandas as pd
import pytest

from puffin.validation import periods_per_year


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (pd.bdate_range("2020-01-01", periods=300), 252),
        (pd.date_range("2020-01-01", periods=300, freq="D"), 365),
        (pd.date_range("2020-01-03", periods=100, freq="W-FRI"), 52),
        (pd.date_range("2010-01-31", periods=60, freq="ME"), 12),
        (pd.date_range("2010-01-31", periods=60, freq="QE"), 4),
        (pd.date_range("1990-12-31", periods=20, freq="YE"), 1),
        (pd.date_range("2020-01-01", periods=24 * 60, freq="h"), 24 * 365),
        (pd.RangeIndex(50), 252),
        (None, 252),
        (pd.bdate_range("2020-01-01", periods=2), 252),
        (pd.bdate_range("2020-01-01", periods=300, tz="Asia/Tokyo"), 252),
    ],
)
def test_periods_per_year(index, expected):
    assert periods_per_year(index) == expected


def test_trading_hours_count_bars_of_trading_days():
    days = pd.bdate_range("2020-01-01", periods=40)
    bars = [day + pd.Timedelta(hours=9, minutes=30 + 30 * i) for day in days for i in range(13)]
    assert periods_per_year(pd.DatetimeIndex(bars)) == 13 * 252


def test_every_other_day_is_counted():
    index = pd.date_range("2020-01-01", periods=200, freq="3D")
    assert periods_per_year(index) == pytest.approx(365.25 / 3, rel=1e-6)
