"""UTC offsets: local days stay local days, hours become instants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import ReadingError, read_numbers, read_texts


def read(texts):
    return read_texts(pd.Series(list(texts), dtype=object)).index


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"])
def test_days_with_offsets_are_local_days(zone):
    days = pd.bdate_range("2022-01-03", periods=300, tz=zone)
    assert read(days.astype(str)).equals(days.tz_localize(None))


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Asia/Tokyo", "Australia/Sydney", "America/New_York"]
)
def test_midnights_of_an_exchange_in_utc_are_its_days(zone):
    days = pd.bdate_range("2022-01-03", periods=300, tz=zone)
    milliseconds = days.as_unit("ms").asi8.astype(float)
    assert read_numbers(milliseconds).index.equals(days.tz_localize(None))
    assert read(days.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")).equals(
        days.tz_localize(None)
    )


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney"])
def test_hours_over_summer_time_are_instants_in_their_zone(zone):
    hours = pd.date_range("2023-01-01", "2023-12-31", freq="h", tz=zone)
    found = read(hours.astype(str))
    assert (found == hours).all()
    assert found.tz_localize(None).equals(hours.tz_localize(None))


def test_a_constant_offset_is_kept():
    hours = pd.date_range("2023-01-02", periods=48, freq="h", tz="Asia/Tokyo")
    found = read(hours.astype(str))
    assert (found == hours).all()
    assert found.hour[0] == 0


def test_closing_times_stay_on_the_clock_of_the_exchange():
    closes = pd.bdate_range("2023-01-02", periods=200, tz="America/New_York") + pd.Timedelta("16h")
    found = read(closes.astype(str))
    assert found.tz_localize(None).equals(closes.tz_localize(None))


def test_offsets_of_no_known_zone_keep_the_instants():
    times = ["2023-01-01 10:00+05:00", "2023-01-01 10:30+06:00", "2023-01-01 13:00+05:00"]
    found = read(times)
    assert (found == pd.to_datetime(times, utc=True)).all()


def test_some_offsets_and_some_none_are_refused():
    with pytest.raises(ReadingError, match="UTC offset and others have none"):
        read(["2023-01-01 10:00+01:00", "2023-01-01 11:00"])


@pytest.mark.parametrize(
    ("name", "hours"),
    [("EST", -5), ("CET", 1), ("UTC", 0), ("Z", 0), ("UTC+02", 2), ("+01:00[Europe/Paris]", 1)],
)
def test_names_of_offsets(name, hours):
    found = read([f"2023-01-02 09:30 {name}", f"2023-01-02 10:30 {name}"])
    expected = pd.Timestamp("2023-01-02 09:30") - np.timedelta64(hours, "h")
    assert found.tz_convert("UTC").tz_localize(None)[0] == expected
