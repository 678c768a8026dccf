"""Measures beside returns: what they are aligned to. What is wrong is tested with the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.validation import NO_MEASURES, as_measures

DAYS = pd.date_range("2024-01-01", periods=8, freq="B")
VALUES = pd.Series(np.exp(np.arange(8.0)), DAYS, name="rv (5 min)")


def test_is_taken_at_the_dates_of_the_returns():
    found = as_measures(VALUES.drop(DAYS[3]), DAYS[1:], 7)
    assert found.names == ("rv_5_min_",)
    np.testing.assert_allclose(found.values[:, 0], [1, 2, np.nan, 4, 5, 6, 7])


def test_time_zones_are_one_moment():
    zoned = VALUES.tz_localize("UTC")
    found = as_measures(zoned.tz_convert("Asia/Tokyo"), zoned.index, 8)
    np.testing.assert_allclose(found.values[:, 0], np.arange(8.0))


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (VALUES.to_numpy(), ("measure",)),
        (np.column_stack([VALUES, VALUES]), ("measure_1", "measure_2")),
        (VALUES.rename(None), ("measure",)),
        ({"a": VALUES, "b": VALUES}, ("a", "b")),
    ],
)
def test_names(given, names):
    assert as_measures(given, None, 8).names == names
    assert NO_MEASURES.names == ()


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"day": DAYS.to_numpy(), "rv": VALUES.to_numpy()})
    found = as_measures(frame, DAYS, 8, date="day")
    np.testing.assert_allclose(found.values[:, 0], np.arange(8.0))


def test_names_must_differ():
    both = pd.DataFrame({"a-b": VALUES, "a+b": VALUES})
    with pytest.raises(ValueError, match="differ in letters"):
        as_measures(both, DAYS, 8)
