"""Indexes of numbers and text: understood or refused, never trading days in silence."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from puffin.reading import (
    ROW,
    ReadingError,
    index_as_dates,
    is_dates_as_text,
    unused_dates,
)
from puffin.validation import as_prices, as_returns, as_strategies, periods_per_year

MONTHS = pd.date_range("2000-01-01", periods=240, freq="MS")
DAYS = pd.bdate_range("2019-01-02", periods=240)
VALUES = np.random.default_rng(0).normal(0.005, 0.04, 240)


def quiet(index):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return index_as_dates("returns", index)


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (MONTHS.strftime("%Y%m").astype(int), MONTHS),
        (MONTHS.strftime("%Y%m").astype(float), MONTHS),
        (pd.Index([int(one) for one in MONTHS.strftime("%Y%m")], dtype=object), MONTHS),
        (DAYS.strftime("%Y%m%d").astype(int), DAYS),
        (pd.Index(DAYS.as_unit("s").asi8), DAYS),
        (pd.Index(DAYS.as_unit("ms").asi8), DAYS),
        (pd.Index((DAYS - pd.Timestamp("1899-12-30")).days), DAYS),
    ],
)
def test_numbers_that_are_dates(index, expected):
    assert quiet(index).equals(expected)
    clean = as_returns(pd.Series(VALUES, index))
    assert periods_per_year(clean.index) == periods_per_year(expected)


def test_years_are_said_as_they_could_number_rows():
    with pytest.warns(UserWarning, match="1780 to 2019 for its index, taken as years"):
        found = index_as_dates("returns", pd.Index(np.arange(1780, 2020)))
    assert periods_per_year(found) == 1
    assert not isinstance(quiet(pd.Index(np.arange(1780, 2020), name=ROW)), pd.DatetimeIndex)


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(np.arange(240)),
        pd.Index(np.arange(5, 245)),
        pd.Index(np.arange(0, 720, 3)),
        pd.Index(np.arange(20_000, 20_240)),
        pd.Index(list("abc")),
        pd.Index([True, False]),
        DAYS,
    ],
)
def test_row_numbers_and_names_are_left_alone(index):
    assert quiet(index) is index


def test_other_numbers_are_refused():
    with pytest.raises(ReadingError, match="neither dates nor row numbers, such as 2000"):
        index_as_dates("returns", pd.Index(2000.0 + (np.arange(240) + 0.5) / 12))


@pytest.mark.parametrize(
    "texts",
    [
        MONTHS.strftime("%b %Y"),
        MONTHS.strftime("%Y%m"),
        DAYS.strftime("%d/%m/%Y"),
        DAYS.strftime("%Y%m%d"),
        MONTHS.to_period("Q").unique().astype(str),
        DAYS[:3].strftime("%m/%d/%y"),
        DAYS.astype(str),
    ],
)
def test_dates_as_text_are_refused(texts):
    assert is_dates_as_text(pd.Index(texts))
    with pytest.raises(ValueError, match="dates as text"):
        as_returns(pd.Series(VALUES[: len(texts)], texts))


@pytest.mark.parametrize("texts", [list("abcd"), ["1", "2", "3"], ["AAPL", "MSFT"], []])
def test_names_are_no_dates(texts):
    assert not is_dates_as_text(pd.Index(texts))


@pytest.mark.parametrize("style", ["%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y", "%Y%m%d"])
@pytest.mark.parametrize("numbers", [True, False])
def test_a_named_column_of_dates(style, numbers):
    if numbers and style != "%Y%m%d":
        pytest.skip("not a number")
    dates = [int(one) if numbers else one for one in DAYS.strftime(style)]
    for frame in (
        pl.DataFrame({"when": dates, "a": VALUES}),
        pd.DataFrame({"when": dates, "a": VALUES}),
    ):
        assert as_returns(frame, date="when").index.equals(DAYS)
        assert as_prices(frame, date="when").index.equals(DAYS)


def test_a_named_column_of_something_else():
    frame = pl.DataFrame({"when": ["a", "b", "c"], "a": VALUES[:3]})
    with pytest.raises(ValueError, match="no dates in its column 'when'; found 'a'"):
        as_returns(frame, date="when")


WRITTEN = {
    "nanoseconds": DAYS.as_unit("ns").asi8,
    "milliseconds": DAYS.as_unit("ms").asi8,
    "compact": DAYS.strftime("%Y%m%d").astype(int),
    "months": MONTHS.strftime("%Y%m").astype(int),
    "text": DAYS.strftime("%d/%m/%Y"),
    "dates": DAYS,
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_a_column_of_dates_that_nobody_named(written, library):
    """It would be a strategy of Sharpe ratio 5,000, or 240 trading days."""
    frame = library({"x": np.asarray(WRITTEN[written]), "a": VALUES, "b": -VALUES})
    said = r"has dates in its column 'x'; say date='x', or .* with \.set_index\('x'\)"
    for call in (as_returns, as_strategies, as_prices):
        with pytest.raises(ValueError, match=said):
            call(frame)
    assert periods_per_year(as_prices(frame, date="x").index) == (
        12 if written == "months" else 252
    )
    assert [one.name for one in as_strategies(frame, date="x").series] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("serial", (DAYS - pd.Timestamp("1899-12-30")).days),
        ("year", np.arange(1783, 2023)),
        ("volume", np.cumsum(np.arange(1, 241)) * 1_234_567),
        ("index", np.arange(15_000, 15_240)),
        ("month", np.tile(np.arange(1, 13), 20)),
        ("price", 20_000 + 100.5 * np.arange(240)),
    ],
)
def test_numbers_are_dates_by_their_name_only_where_they_could_be_others(name, values):
    frame = pd.DataFrame({name: values, "a": VALUES})
    assert unused_dates(frame) == ("year" if name == "year" else None)
    named = frame.rename(columns={name: "date"})
    dates = {"serial", "year", "index", "price"}
    assert unused_dates(named) == ("date" if name in dates else None)
    assert unused_dates(named.set_index(DAYS)) is None
