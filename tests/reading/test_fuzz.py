"""Whatever is in a file, there is a valid table or the reader's own error, and soon."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffin.reading import (
    ReadingError,
    Request,
    frequency_of,
    prices_of,
    read_bytes,
    read_date,
    read_frame,
    read_numbers,
    read_text,
    read_texts,
    returns_of,
)

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "-",
            "NaN",
            "1",
            "0.01",
            "-0.02",
            "1,234.5",
            "1.234,5",
            "12%",
            "$5",
            "(3)",
            "1e9",
            "inf",
            "2019-01-02",
            "02/01/2019",
            "13.02.19",
            "Jan-19",
            "2019Q1",
            "201901",
            "20190102",
            "43467",
            "1577836800000",
            "09:30",
            "2019-01-02 09:30:00+01:00",
            "2019-13-45",
            "31/02/2019",
            "Total",
            "9999-12-31",
            "0001-01-01",
            "2019-W53",
            "99:99",
            "2019-01-02T25:00",
            "1d",
            "1_000",
            "−1",
            "9" * 30,
            "1e400",
            "0" * 12,
            "٢٠١٩",
            "²",
            "2019-01-02 10:00 XYZ",
            "2019-01-02 10:00+99:99",
        ]
    ),
    st.text(max_size=6),
    st.floats().map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.dates().map(str),
    st.datetimes().map(str),
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12)
NAMES = st.sampled_from(
    [
        "Date",
        "time",
        "",
        "Open",
        "High",
        "Low",
        "Close",
        "Adj Close",
        "Volume",
        "r",
        "pct",
        "Year",
        "Month",
    ]
)
REQUESTS = st.builds(
    Request,
    date_column=st.sampled_from([None, None, "Date"]),
    date_order=st.sampled_from([None, "day", "month", "year"]),
    unit=st.sampled_from([None, None, "prices", "percent", "gross", "cumulative", "profit"]),
    decimal=st.sampled_from([None, "comma", "point"]),
    capital=st.sampled_from([None, 1000.0]),
)


def valid_or_clear(read, request=None):
    """Check the table that `read` returns; the reader's error is an answer too."""
    try:
        table = read()
    except ReadingError as error:
        assert len(str(error)) > 10
        return
    assert all(table.numbers[name].dtype == np.float64 for name in table.numbers)
    assert table.numbers.columns.is_unique
    index = table.numbers.index
    assert not index.hasnans
    assert index.is_unique
    assert index.is_monotonic_increasing
    assert 0.0 < table.frequency.periods_per_year < 1e9
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for what in (returns_of, prices_of):
            try:
                found = what(table)
            except ReadingError as error:
                assert len(str(error)) > 10
            else:
                if what is returns_of:
                    assert found.line.startswith("read ")


@given(st.binary(max_size=300), REQUESTS)
@settings(max_examples=100)
def test_any_bytes(content, request):
    valid_or_clear(lambda: read_bytes(content, request))


@given(st.text(max_size=300), REQUESTS)
@settings(max_examples=100)
def test_any_text(text, request):
    valid_or_clear(lambda: read_text(text, request))


@given(st.lists(NAMES, min_size=1, max_size=4), ROWS, st.sampled_from(",;\t| "), REQUESTS)
@settings(max_examples=100)
def test_any_table(names, rows, separator, request):
    text = "\n".join(separator.join(row) for row in [names, *rows])
    valid_or_clear(lambda: read_text(text, request))


@pytest.mark.slow
@given(
    st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%y", "%d.%m.%y", "%b-%y", "%Y%m", "%Y%m%d"]),
    st.integers(1, 40),
    st.sampled_from(["D", "B", "MS", "W", "QS", "h"]),
    st.lists(CELLS, max_size=3),
    st.data(),
)
@settings(max_examples=100)
def test_dates_with_something_wrong_among_them(style, rows, often, wrong, data):
    dates = pd.date_range("2018-11-28", periods=rows, freq=often).strftime(style).tolist()
    for cell in wrong:
        dates[data.draw(st.integers(0, rows - 1))] = cell
    text = "when,a\n" + "\n".join(
        f'"{date}",{0.01 * (i % 7) - 0.03}' for i, date in enumerate(dates)
    )
    valid_or_clear(lambda: read_text(text))


@given(st.lists(CELLS, max_size=8), st.sampled_from([None, "day", "month"]), st.booleans())
@settings(max_examples=100)
def test_any_column_of_dates(cells, asked, sure):
    try:
        found = read_texts(pd.Series(cells, dtype=object), asked=asked, sure=sure)
    except ReadingError:
        return
    assert found is None or len(found.index) == len(cells)


@given(CELLS)
@settings(max_examples=100)
def test_any_typed_date(text):
    try:
        assert read_date(text) is not pd.NaT
    except ReadingError as error:
        assert len(str(error)) > 10


@given(st.lists(st.floats() | st.integers(0, 10**19).map(float), max_size=8), st.booleans())
@settings(max_examples=100)
def test_any_numbers(values, sure):
    try:
        found = read_numbers(np.array(values), sure=sure)
    except ReadingError:
        return
    assert found is None or len(found.index) == len(values)


@given(st.lists(st.datetimes(pd.Timestamp("1700-01-01"), pd.Timestamp("2200-01-01")), max_size=30))
@settings(max_examples=100)
def test_any_index_has_a_frequency(times):
    index = pd.DatetimeIndex(sorted(set(times)))
    assert 0.0 < frequency_of(index).periods_per_year < np.inf


@given(
    st.lists(
        st.tuples(
            st.text(max_size=5),
            st.lists(
                st.floats() | st.none() | st.booleans() | st.text(max_size=3) | st.datetimes(),
                min_size=3,
                max_size=3,
            ),
        ),
        max_size=4,
    )
)
@settings(max_examples=100)
def test_any_frame(columns):
    frame = pd.DataFrame({place: values for place, (_, values) in enumerate(columns)})
    frame.columns = [name for name, _ in columns]
    valid_or_clear(lambda: read_frame(frame))
