"""Which rows are the same, whatever the text of their dates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.risk.row_keys import labels_of, matched, of_texts, on_clock_of, row_text
from puffin.validation import ReturnSeries

DAYS = pd.bdate_range("2024-03-04", periods=10)
CLOSES = DAYS + pd.Timedelta(hours=16)
HOURS = pd.date_range("2024-03-09", periods=60, freq="h", tz="America/New_York")


def series(index):
    return ReturnSeries(np.zeros(len(index)), index, "a")


def same(one, other):
    keys, others = matched(one, other)
    return bool(keys.equals(others))


@pytest.mark.parametrize(
    "other",
    [
        DAYS,
        DAYS.tz_localize("Asia/Tokyo"),
        CLOSES,
        CLOSES.tz_localize("America/New_York"),
        CLOSES.tz_localize("America/New_York").tz_convert("UTC"),
        CLOSES.tz_localize("-05:00"),
    ],
)
def test_one_row_a_day_is_the_day(other):
    assert same(DAYS, other)
    assert same(other, DAYS)


def test_within_the_day_it_is_the_instant():
    assert same(HOURS, HOURS.tz_convert("Europe/Berlin"))
    assert not same(HOURS, HOURS + pd.Timedelta(hours=1))


def test_without_a_zone_it_is_the_clock():
    assert same(HOURS[:20], HOURS[:20].tz_localize(None))
    autumn = pd.date_range("2024-11-02", periods=40, freq="h", tz="America/New_York")
    with pytest.raises(ValueError, match="time zone"):
        matched(autumn, autumn.tz_localize(None))


def test_rows_and_texts():
    assert same(labels_of(ReturnSeries(np.zeros(3), None, "a")), pd.Index([0, 1, 2]))
    assert same(pd.Index(["a", "b"]), pd.Index(["a", "b"], dtype=object))


@pytest.mark.parametrize(
    "index",
    [
        DAYS,
        DAYS.tz_localize("America/New_York"),
        CLOSES,
        CLOSES.tz_localize("America/New_York"),
        HOURS,
        HOURS.tz_convert("UTC"),
        pd.Index(["first", "second"]),
        None,
    ],
)
def test_text_and_back(index):
    one = ReturnSeries(np.zeros(20 if index is None else len(index)), index, "a")
    labels = labels_of(one)
    texts = [row_text(one, t, one) for t in range(len(labels))]
    assert same(of_texts(texts, labels), labels)
    assert list(of_texts(texts, labels)) == list(labels)


def test_another_offset_is_written_out():
    """After the clocks change a file has -04:00, and the model began with -05:00."""
    known = series(HOURS[:8].tz_convert("-05:00"))
    now = series(HOURS[40:].tz_convert("-04:00"))
    texts = [row_text(now, t, known) for t in range(len(now.index))]
    assert "2024-03-11 00:00:00-04:00" in texts
    assert list(of_texts(texts, known.index)) == list(now.index)
    assert on_clock_of(known, now).index.tz == known.index.tz


def test_clocks_are_put_right():
    zoned, plain = series(HOURS), series(HOURS.tz_localize(None))
    assert on_clock_of(plain, zoned).index.equals(plain.index)
    assert on_clock_of(zoned, plain).index.equals(zoned.index)
    rows = ReturnSeries(np.zeros(3), None, "a")
    assert on_clock_of(rows, rows) is rows
