"""Which columns are bars, and which rows are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.realized.bars import Bars

TABLE = pd.DataFrame(
    {"Open": [10.0, 11.0], "High": [12.0, 11.0], "Low": [9.0, 11.0], "Close": [11.0, 11.0]}
)


@pytest.mark.parametrize(
    "names",
    [
        ["Open", "High", "Low", "Close"],
        ["1. open", "2. high", "3. low", "4. close"],
        ["o", "h", "l", "c"],
        ["AAPL_Open", "AAPL_High", "AAPL_Low", "AAPL_Close"],
        [("AAPL", "Open"), ("AAPL", "High"), ("AAPL", "Low"), ("AAPL", "Close")],
    ],
)
def test_columns_are_found_as_the_reader_finds_them(names):
    bars = Bars.of(TABLE.set_axis(names, axis="columns"), "open")
    np.testing.assert_array_equal(bars.open, [10.0, 11.0])
    np.testing.assert_array_equal(bars.low, [9.0, 11.0])


def test_an_adjusted_close_is_beside_the_point():
    bars = Bars.of(TABLE.assign(**{"Adj Close": [5.0, 6.0], "Volume": [1, 2]}))
    np.testing.assert_array_equal(bars.close, [11.0, 11.0])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (TABLE[["Open", "Close"]], "bars must have open, high, low, close of one instrument"),
        (TABLE.assign(High=[10.5, 11.0]), "a high below its open or close in 1 rows"),
        (TABLE.assign(Low=[9.0, 11.5]), "a low above its open or close .* row 1"),
        (TABLE.assign(Low=[-9.0, 11.0]), "not above zero"),
        (pd.concat({"A": TABLE, "B": TABLE}, axis="columns"), "of one instrument"),
    ],
)
def test_what_is_wrong_is_said(table, said):
    with pytest.raises(ValueError, match=said):
        Bars.of(table, "open")


def test_no_table():
    with pytest.raises(TypeError, match="DataFrame"):
        Bars.of([1.0])


def test_missing_rows_are_missing():
    bars = Bars.of(TABLE.assign(High=[np.nan, 11.0]))
    assert np.isnan([bars.open[0], bars.low[0], bars.close[0]]).all()
    assert bars.measure("none", np.array([np.nan, 0.0])).isna().all()
