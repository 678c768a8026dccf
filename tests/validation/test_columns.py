"""Numbers out of whatever holds them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from puffin.validation.columns import as_float_array, labelled

DATES = pd.date_range("2020-01-01", periods=2)
PANDAS = pd.DataFrame({"date": DATES, "a": [1.0, 2.0]})


@pytest.mark.parametrize(
    "data",
    [
        [[1, 2], [3, 4]],
        np.array([[1, 2], [3, 4]], np.int8),
        pd.DataFrame({"a": [1, 3], "b": pd.array([2, 4], dtype="Int64")}),
        pl.DataFrame({"a": [1, 3], "b": [2.0, 4.0]}),
    ],
)
def test_every_kind_gives_the_same_floats(data):
    found = as_float_array("data", data)
    assert found.dtype == np.float64
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, [[1.0, 2.0], [3.0, 4.0]])


def test_missing_values_are_nan():
    assert np.isnan(as_float_array("data", pd.Series([1, None], dtype="Int64"))[1])
    assert np.isnan(as_float_array("data", pl.Series([1.0, None]))[1])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([[1.0], [1.0, 2.0]], "data must be a rectangular array"),
        (["1", "2"], "data must hold numbers; found dtype"),
        (DATES, "data must hold numbers; found dtype datetime64"),
        ([True, False], "data must hold numbers; found dtype bool"),
        (pd.Series([True], dtype="boolean"), "data must hold numbers; found dtype boolean"),
        (pd.DataFrame({"a": ["x"]}), r"data\['a'\] must hold numbers"),
    ],
)
def test_what_is_no_number_is_refused(data, message):
    with pytest.raises(TypeError, match=message):
        as_float_array("data", data)


@pytest.mark.parametrize("frame", [PANDAS, pl.from_pandas(PANDAS)])
def test_a_column_becomes_the_index(frame):
    found = labelled(frame, "data", "date")
    assert list(found.columns) == ["a"]
    assert list(found.index) == list(DATES)
    with pytest.raises(ValueError, match="data has no column 'day'; it has date, a"):
        labelled(frame, "data", "day")


def test_what_has_no_labels_stays_as_it_is():
    values = np.ones(3)
    assert labelled(values, "data", "date") is values
    with pytest.raises(TypeError, match="data must hold numbers; found text"):
        labelled("1, 2", "data", None)


@pytest.mark.parametrize("dtype", [float, int, np.float32])
def test_what_is_masked_is_missing(dtype):
    data = np.ma.array([[1, 99], [3, 4]], mask=[[False, True], [False, False]], dtype=dtype)
    np.testing.assert_array_equal(as_float_array("data", data), [[1.0, np.nan], [3.0, 4.0]])
    whole = np.ma.array([1, 2], dtype=dtype)
    np.testing.assert_array_equal(as_float_array("data", whole), [1.0, 2.0])
    with pytest.raises(TypeError, match="must hold numbers"):
        as_float_array("data", np.ma.array([True, False], mask=[True, False]))


def test_a_date_column_has_a_name():
    with pytest.raises(TypeError, match=r"date must be the name of a column; found \['a'\]"):
        labelled(PANDAS, "data", ["a"])
