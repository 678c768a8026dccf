"""Periods without a row: found where there is one a month, and where nobody rests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.reading import Request, missing_periods, read_text, returns_of

DAYS = pd.date_range("2015-01-01", "2019-12-31")
WEEK = DAYS.day_of_week
WEEKDAYS = DAYS[WEEK < 5]
PRICES = Request(unit="prices")
HOURS = pd.date_range("2020-01-01", "2020-12-31", freq="h", tz="America/New_York")


@pytest.mark.parametrize(
    ("index", "left_out", "said"),
    [
        (pd.date_range("2018-01-31", periods=40, freq="ME"), [14], "month, between 2019-02-28 and"),
        (pd.date_range("2018-01-31", periods=40, freq="BME"), [3, 4], "months, between 2018-03-30"),
        (pd.date_range("2018-01-01", periods=40, freq="MS"), [1], "month, between 2018-01-01"),
        (
            pd.date_range("2000-03-31", periods=40, freq="QE"),
            [9, 20],
            "quarters, the first between",
        ),
        (pd.date_range("2018-01-05", periods=90, freq="W-FRI"), [50], "week, between 2018-12-14"),
        (pd.date_range("2018-01-05", periods=90, freq="2W-FRI"), [50], "fortnight, between"),
        (pd.date_range("2018-01-15", periods=90, freq="SME"), [50], "half-month, between"),
        (pd.date_range("2000-06-30", periods=30, freq="6ME"), [8], "half-year, between 2003-12-31"),
        (pd.date_range("1990-12-31", periods=30, freq="YE"), [8], "year, between 1997-12-31"),
        (pd.date_range("2015-01-01", periods=200, freq="3D"), [8], "3-day period, between"),
        (DAYS, [10, 500, 501], "days, the first between 2015-01-10 and 2015-01-12"),
        (WEEKDAYS, list(range(300, 311)), "days, between 2016-02-24 and 2016-03-11"),
    ],
)
def test_what_is_left_out_is_counted(index, left_out, said):
    assert missing_periods(index) == ""
    found = missing_periods(index.delete(left_out))
    count = 15 if index is WEEKDAYS else len(left_out)
    assert found.startswith(f"no row for {count} {said}")


@pytest.mark.parametrize(
    "index",
    [
        DAYS[~WEEK.isin([4, 5])],
        DAYS[WEEK != 5],
        WEEKDAYS.delete(slice(300, 307)),
        WEEKDAYS.delete(np.random.default_rng(0).choice(1300, 60, replace=False)),
        HOURS,
        HOURS[HOURS.day_of_week < 5].delete(slice(500, 620)),
        pd.date_range("2018-01-01", "2020-12-31", tz="America/New_York"),
        DAYS[np.sort(np.random.default_rng(1).choice(len(DAYS), 300, replace=False))],
        pd.RangeIndex(30),
        None,
    ],
    ids=[
        "Sunday to Thursday",
        "six days",
        "closed for nine days",
        "holidays",
        "always",
        "weekdays by the hour",
        "summer time",
        "irregular",
        "numbers",
        "nothing",
    ],
)
def test_days_of_rest_are_no_gaps(index):
    assert missing_periods(index) == ""


@pytest.mark.parametrize("rule", ["D", "W", "2W", "SME", "ME", "BME", "QE", "YE"])
def test_nothing_is_missing_from_what_is_shipped(rule):
    for prices in (pf.datasets.load_equities(), pf.datasets.load_sp500().to_frame()):
        kept = prices.resample(rule).last().dropna(how="all").index
        assert missing_periods(kept) == ""
        # The last day of trading, which is not the last of the month, and the first.
        if rule in ("ME", "QE", "YE"):
            month = prices.index.to_period(rule[0])
            assert missing_periods(prices.index[~month.duplicated("last")]) == ""
            assert missing_periods(prices.index[~month.duplicated("first")]) == ""


def monthly(left_out=(), empty=()):
    dates = pd.date_range("2015-01-31", periods=60, freq="ME")
    steps = 0.005 + 0.03 * np.random.default_rng(1).normal(size=(60, 2))
    prices = pd.DataFrame(100 * np.exp(np.cumsum(steps, axis=0)), dates, ["A", "B"])
    prices.iloc[list(empty), 0] = np.nan
    return prices.drop(dates[list(left_out)]).round(4).rename_axis("date").to_csv()


def test_the_first_line_says_what_is_missing():
    said = "no row for 3 months, the first between 2016-08-31 and 2016-10-31"
    line = returns_of(read_text(monthly(left_out=[20, 40, 41]), PRICES)).line
    assert line.endswith(f"; {said} (a return over several counts as one)")
    assert "no row" not in returns_of(read_text(monthly(), PRICES)).line
    # A row that is there and empty is said of its column, as ever.
    empty = returns_of(read_text(monthly(empty=[20]), PRICES)).line
    assert "no row" not in empty
    assert "A has no value on 1 of 60" in empty
