"""Several series of returns."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pytest

from puffin.validation import as_strategies

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
