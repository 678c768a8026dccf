"""How often: bars counted, whatever the zone, the season and the days of rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import frequency_of, periods_per_year

ZONES = ["America/New_York", "UTC", "Europe/London", "Asia/Tokyo", "Pacific/Auckland"]
HOURS = pd.date_range("2022-01-02", "2023-01-01", freq="h", tz="America/New_York")
WEEK = HOURS.day_of_week
CURRENCIES = HOURS[
    ((WEEK == 6) & (HOURS.hour >= 17)) | (WEEK < 4) | ((WEEK == 4) & (HOURS.hour < 17))
]
FUTURES = CURRENCIES[CURRENCIES.hour != 17]
SESSION = HOURS[(WEEK < 5) & (HOURS.hour >= 9) & (HOURS.hour < 16)]
DAYS = pd.date_range("2021-01-01", "2022-12-31")
WEEKS = 365.25 / 7


HALVES = pd.date_range("2010-01-01", periods=100, freq="SME")
WORKING_HALVES = HALVES - pd.to_timedelta(np.maximum(HALVES.day_of_week - 4, 0), unit="D")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize(
    ("hours", "expected"),
    [(CURRENCIES, 120 * WEEKS), (FUTURES, 115 * WEEKS), (SESSION, 7 * 252), (HOURS, 24 * 365)],
    ids=["currencies", "futures", "session", "always"],
)
def test_hours_in_any_zone(hours, expected, zone, kept):
    moved = hours.tz_convert(zone)
    found = frequency_of(moved if kept else moved.tz_localize(None))
    assert found.periods_per_year == pytest.approx(expected, rel=1e-9)
    assert found.said == "hourly"


@pytest.mark.parametrize(
    ("index", "expected", "said"),
    [
        (pd.bdate_range("2020-01-01", periods=300), 252, "daily"),
        (DAYS, 365, "daily"),
        (DAYS[(DAYS.day_of_week != 4) & (DAYS.day_of_week != 5)], 252, "daily"),
        (DAYS[DAYS.day_of_week != 5], 313, "daily"),
        (DAYS.delete([5, 60, 61, 200, 400]), 365, "daily"),
        (pd.bdate_range("2020-01-01", "2022-12-31").delete(slice(200, 400)), 252, "daily"),
        (
            pd.bdate_range("2020-01-01", periods=300, tz="America/New_York").tz_convert("UTC"),
            252,
            "daily",
        ),
        (pd.date_range("2020-01-03", periods=100, freq="W-FRI"), 52, "weekly"),
        (pd.date_range("2020-01-03", periods=60, freq="2W-FRI"), 26, "two-weekly"),
        (pd.date_range("2010-01-01", periods=100, freq="SMS"), 24, "half-monthly"),
        (pd.date_range("2010-01-01", periods=100, freq="SME"), 24, "half-monthly"),
        (WORKING_HALVES, 24, "half-monthly"),
        (pd.date_range("2010-01-31", periods=60, freq="ME"), 12, "monthly"),
        (pd.date_range("2010-01-31", periods=60, freq="BME"), 12, "monthly"),
        (pd.date_range("2010-01-31", periods=60, freq="QE"), 4, "quarterly"),
        (pd.date_range("2010-06-30", periods=20, freq="6ME"), 2, "half-yearly"),
        (pd.date_range("1990-12-31", periods=20, freq="YE"), 1, "yearly"),
        (CURRENCIES[CURRENCIES.hour % 4 == 1], 30 * WEEKS, "4-hour"),
        (CURRENCIES[:2000], 24 * 252, "hourly"),
        (pd.date_range("2022-01-01", periods=500, freq="12h"), 730, "12-hour"),
        (pd.date_range("2020-01-01", periods=200, freq="3D"), 121.75, "3-day"),
        (pd.date_range("2022-01-03", periods=8 * 1440, freq="min"), 365 * 1440, "1-minute"),
        (pd.bdate_range("2020-01-01", periods=2), 252, "daily"),
        (None, 252, ""),
        (pd.RangeIndex(9), 252, ""),
    ],
)
def test_frequency(index, expected, said):
    found = frequency_of(index)
    assert found.periods_per_year == pytest.approx(expected, rel=1e-3)
    assert found.said == said
    assert periods_per_year(index) == found.periods_per_year


@pytest.mark.parametrize(("closed", "counted"), [(2, True), (9, False)])
def test_holidays_make_252_days_of_it(closed, counted):
    """By the hour, day and night: currencies have two holidays a year, others nine."""
    days = np.unique(CURRENCIES.normalize())
    holidays = days[10 : 10 + 24 * closed : 24]
    open_hours = CURRENCIES[~CURRENCIES.normalize().isin(holidays)]
    weeks = (CURRENCIES[-1] - CURRENCIES[0]).ceil("7D").days / 7
    expected = len(open_hours) / weeks * WEEKS if counted else 24 * 252
    assert len(holidays) == closed
    assert periods_per_year(open_hours) == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("rows", [80, 120, 400])
def test_irregular_rows_are_counted(rows):
    chosen = np.random.default_rng(0).choice(len(DAYS), rows, replace=False)
    found = frequency_of(DAYS[np.sort(chosen)])
    assert found.said == "irregular"
    assert found.periods_per_year == pytest.approx(rows / 2, rel=0.06)


def test_trades_at_any_time_are_counted():
    seconds = np.sort(np.random.default_rng(1).uniform(0, 200 * 86_400, 700))
    found = frequency_of(pd.Timestamp("2022-01-01") + pd.to_timedelta(seconds, unit="s"))
    assert found.said == "irregular"
    assert found.periods_per_year == pytest.approx(700 / 200 * 365.25, rel=0.02)


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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            pd.date_range("2010-01-31", "2019-12-31", freq="ME"),
            pd.bdate_range("2020-01-01", "2022-12-30"),
        ),
        (
            pd.bdate_range("2022-01-03", "2022-10-07"),
            pd.date_range("2022-10-10", periods=500, freq="h"),
        ),
    ],
    ids=["months, then days", "days, then hours"],
)
def test_a_spacing_that_changes_is_irregular(before, after):
    index = before.append(after)
    found = frequency_of(index)
    years = (index[-1] - index[0]) / pd.Timedelta(days=365.25)
    assert found.said == "irregular"
    assert found.periods_per_year == pytest.approx((len(index) - 1) / years, rel=1e-9)
