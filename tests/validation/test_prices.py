"""Prices of several assets, side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from puffin.validation.prices import as_prices, check_positive_prices

DATES = pd.date_range("2020-01-01", periods=3)
FRAME = pd.DataFrame({"a": [1.0, np.nan, 3.0], ("b", 1): [4.0, 5.0, 6.0]}, DATES)


def test_labels_are_kept():
    panel = as_prices(FRAME)
    assert panel.names == ("a", ("b", 1))
    pd.testing.assert_frame_equal(panel.frame, FRAME, check_freq=False)
    assert panel[1:].position(0, 0) == "'a' at 2020-01-02"
    frame = panel.frame
    frame.iloc[0, 0] = 9.0
    assert panel.values[0, 0] == 1.0


@pytest.mark.parametrize(
    ("prices", "names"),
    [
        (np.ones((2, 2)), ("asset0", "asset1")),
        ([1.0, 2.0], ("asset0",)),
        (pd.Series([1.0, 2.0], name="KO"), ("KO",)),
        (pl.Series("KO", [1.0, 2.0]), ("KO",)),
        ({"x": [1.0, 2.0], "y": pd.Series([1.0, 2.0])}, ("x", "y")),
        (pl.DataFrame({"x": [1.0, 2.0]}), ("x",)),
    ],
)
def test_kinds_of_input(prices, names):
    assert as_prices(prices).names == names


@pytest.mark.parametrize(
    ("prices", "message"),
    [
        (np.ones((2, 0)), "prices has no columns"),
        ([1.0], "prices needs at least 2 rows; found 1"),
        (FRAME.assign(a=np.nan), "prices has no price at all of 'a'"),
        (FRAME.replace(5.0, np.inf), r"1 infinite values, first \('b', 1\) at 2020-01-02"),
        (FRAME.set_axis(["a", "a"], axis=1), "more than one column named 'a'"),
        ("prices.csv", "must hold numbers; found text"),
    ],
)
def test_what_is_wrong_is_said(prices, message):
    with pytest.raises((ValueError, TypeError), match=message):
        as_prices(prices)


def test_prices_without_returns_are_refused():
    check_positive_prices("prices", as_prices(FRAME), "for returns to exist")
    with pytest.raises(
        ValueError, match="above zero for returns to exist; found 0 for 'a' at 2020"
    ):
        check_positive_prices("prices", as_prices(FRAME.fillna(0.0)), "for returns to exist")
    with pytest.raises(ValueError, match="must be between 1e-75 and 1e"):
        check_positive_prices("prices", as_prices(FRAME * 1e80), "for returns to exist")
