"""Columns of the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.validation.aligned import as_aligned, as_indicators

DATES = pd.date_range("2020-01-01", periods=3)


def test_the_first_series_gives_the_index():
    (a, b), index = as_aligned(a=[1, 2, 3], b=pd.Series([4.0, 5.0, 6.0], DATES))
    np.testing.assert_array_equal([a, b], [[1, 2, 3], [4, 5, 6]])
    assert index.equals(DATES)
    assert as_aligned(a=[1.0])[1] is None


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [1, 2], "b": [1]}, "b has 1 rows and a has 2"),
        ({"a": [[1.0]]}, "a must be one-dimensional"),
        ({"a": [1.0, np.nan]}, "a has 1 NaN value, first at row 1"),
        ({"a": pd.Series([1.0] * 3, DATES), "b": pd.Series([1.0] * 3)}, "different indexes"),
        ({"a": [1.0], "minimum": 2}, "a needs at least 2 rows; found 1"),
    ],
)
def test_columns_that_do_not_belong_together_are_named(columns, message):
    with pytest.raises(ValueError, match=message):
        as_aligned(**columns)


def test_indicators_are_booleans_or_zeros_and_ones():
    for values in ([True, False], [1, 0], np.array([1.0, 0.0])):
        np.testing.assert_array_equal(as_indicators("hits", values), [True, False])
    with pytest.raises(ValueError, match="hits must be True or False, or 1 or 0; found 2"):
        as_indicators("hits", [0, 2])
    with pytest.raises(TypeError, match="hits must be True or False; found dtype"):
        as_indicators("hits", ["yes"])
    with pytest.raises(ValueError, match="at least 3 rows; found 1"):
        as_indicators("hits", [True], minimum=3)


def test_masked_indicators_are_refused():
    with pytest.raises(ValueError, match="violations is masked in places"):
        as_indicators("violations", np.ma.array([True, False], mask=[True, False]))
