"""Labels of rows: what is a series in time, and what its dates are called."""

from __future__ import annotations

import datetime

import dateutil.tz
import pandas as pd
import pytest

from puffin.validation.index import as_time_index, as_timestamp, is_dated, row_label, timezone_name

DATES = pd.date_range("2020-01-01", periods=3)


def test_row_numbers_are_no_labels():
    assert as_time_index("x", pd.RangeIndex(3)) is None
    assert as_time_index("x", DATES) is DATES
    assert not is_dated(as_time_index("x", pd.Index(["a", "b"])))


@pytest.mark.parametrize(
    "index", [DATES.to_period("D"), pd.Index([date.date() for date in DATES], dtype=object)]
)
def test_periods_and_dates_become_timestamps(index):
    assert list(as_time_index("x", index)) == list(DATES)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (DATES[::-1], "not in order of time: 2020-01-02 comes after 2020-01-03"),
        (DATES[[0, 0, 1]], "x repeats 1 of its dates, first 2020-01-01"),
        (DATES.insert(1, pd.NaT), "a missing date at row 1"),
        (pd.Index(["2020-01-01", "2020-01-02"]), "dates as text"),
        (pd.MultiIndex.from_product([["a"], DATES]), "an index of 2 levels"),
        (pd.timedelta_range("0D", periods=3), "durations for its index"),
    ],
)
def test_dates_that_cannot_be_used_are_named(index, message):
    with pytest.raises((ValueError, TypeError), match=message):
        as_time_index("x", index)


@pytest.mark.parametrize(
    "zone",
    [
        pd.Timestamp(0, tz="Europe/Berlin").tz,
        dateutil.tz.gettz("America/New_York"),
        datetime.timezone(datetime.timedelta(hours=-3)),
    ],
)
def test_names_of_time_zones_are_read_again(zone):
    then = pd.Timestamp("2024-07-01 12:00", tz="UTC")
    name = timezone_name(zone)
    assert then.tz_convert(name).utcoffset() == then.to_pydatetime().astimezone(zone).utcoffset()


def test_a_zone_of_no_name_is_refused():
    class Nowhere(datetime.tzinfo):
        def utcoffset(self, when):
            return None

    with pytest.raises(ValueError, match="has no name"):
        timezone_name(Nowhere())


def test_midnight_is_not_said():
    assert row_label(DATES[0]) == "2020-01-01"
    assert row_label(pd.Timestamp("2020-01-01 09:30")) == "2020-01-01 09:30:00"
    assert row_label(7) == "7"


def test_a_date_without_a_time_zone_is_of_the_index():
    there = DATES.tz_localize("America/New_York")
    utc = pd.Timestamp("2020-01-02 05:00", tz="UTC")
    assert as_timestamp("2020-01-02", there) == utc == there[1]
    assert as_timestamp(utc, there) == utc
    assert as_timestamp(datetime.date(2020, 1, 2), DATES) == DATES[1]
    for changing in ("2020-03-08 02:30", "2020-11-01 01:30", None):
        with pytest.raises(ValueError, match="is no date of the time zone"):
            as_timestamp(changing, there)
