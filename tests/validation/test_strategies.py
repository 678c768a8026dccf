"""Several series of returns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from puffin.validation import as_strategies, shared_rows

DATES = pd.bdate_range("2020-01-01", periods=4)


VALUES = [0.1, -0.2, 0.3, 0.05]


def test_strategies_of_a_frame_with_repeated_names():
    frame = pd.DataFrame([VALUES, VALUES], columns=["a", "a", "b", "c"])
    with pytest.raises(ValueError, match="more than one strategy named 'a'"):
        as_strategies(frame)


def test_polars_frame_of_strategies():
    frame = pl.DataFrame({"day": DATES.to_numpy(), "a": VALUES, "b": [None, 0.1, 0.3, 0.2]})
    strategies = as_strategies(frame, date="day")
    assert [one.name for one in strategies.series] == ["a", "b"]
    assert strategies.series[1].values.size == 3


def test_rows_without_a_value_are_left_out_of_that_series():
    frame = pd.DataFrame({"a": VALUES, "b": [np.nan, 0.1, np.nan, 0.2]}, DATES)
    for given in (frame, dict(frame), frame.reset_index(drop=True)):
        a, b = as_strategies(given).series
        assert a.calendar is None
        np.testing.assert_array_equal(b.values, [0.1, 0.2])
        assert len(b.index) == 2
    assert b.index.tolist() == [1, 3]


def test_a_column_of_months_in_a_table_of_days_has_twelve_periods_a_year():
    days = pd.bdate_range("2015-01-01", periods=1500)
    stream = np.random.default_rng(1)
    frame = pd.DataFrame({"daily": stream.normal(size=1500), "monthly": np.nan}, days)
    frame["monthly"] = frame["daily"].groupby(days.to_period("M")).tail(1)
    daily, monthly = as_strategies(0.01 * frame).series
    assert (daily.periods_per_year, monthly.periods_per_year) == (252.0, 12.0)


def test_shared_rows_lose_no_return_in_between():
    """A holiday of one is compounded into the next day that both have; what is unknown is not."""
    days = pd.bdate_range("2020-01-01", periods=40)
    stream = np.random.default_rng(2)
    a, b = (pd.Series(stream.normal(0, 0.01, 40), days) for _ in range(2))
    holiday = b.drop(days[20])
    rows = shared_rows(as_strategies({"a": a, "b": holiday}).series)
    assert len(rows.labels) == 38  # the first shared date has no date before it
    both = (1 + a.iloc[20]) * (1 + a.iloc[21]) - 1
    assert rows.values[rows.labels == days[21], 0] == pytest.approx(both)
    assert "compounded" in rows.note
    unknown = b.copy()
    unknown.iloc[20] = np.nan
    rows = shared_rows(as_strategies({"a": a, "b": unknown}).series)
    np.testing.assert_array_equal(rows.values[20], [a.iloc[21], b.iloc[21]])
    assert rows.note == ""
