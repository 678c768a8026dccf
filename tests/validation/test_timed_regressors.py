from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from puffin.validation import check_explain, no_regressors, regressors_after, regressors_at

DATES = pd.date_range("2024-01-01", periods=6, freq="B", name="day")
FRAME = pd.DataFrame({"a": np.arange(6.0), "b": [True, False] * 3}, DATES)
VALUES = FRAME.astype(float).to_numpy()


def at(values, index=DATES[1:4], n_times=3, **options):
    return regressors_at("z", values, index, n_times, **options)


def test_rows_are_those_of_the_returns():
    found = at(FRAME)
    np.testing.assert_array_equal(found.values, VALUES[1:4])
    assert found.names == ("a", "b")
    np.testing.assert_array_equal(at(FRAME.where(FRAME["a"] > 0.0, np.nan)[["a"]]).values[0], 1.0)
    np.testing.assert_array_equal(at(FRAME["a"]).values, VALUES[1:4, :1])
    polars = pl.from_pandas(FRAME.reset_index())
    np.testing.assert_array_equal(at(polars, date="day").values, VALUES[1:4])
    there = DATES.tz_localize("UTC")
    berlin = there.tz_convert("Europe/Berlin")
    np.testing.assert_array_equal(at(FRAME.set_axis(berlin), there[1:4]).values, VALUES[1:4])


def test_rows_without_labels_are_in_order():
    for values in (VALUES[:3], FRAME[:3].reset_index(drop=True), {"a": VALUES[:3, 0]}):
        found = at(values)
        np.testing.assert_array_equal(found.values, VALUES[:3, : found.values.shape[1]])
    np.testing.assert_array_equal(at(np.array([True, False, True])).values[:, 0], [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(at(FRAME[:3], None).values, VALUES[:3])
    with pytest.raises(ValueError, match="z has 6 rows for 3 returns"):
        at(VALUES)


def test_columns_are_in_the_order_of_the_fit():
    fitted = at(FRAME)
    np.testing.assert_array_equal(at(FRAME[["b", "a"]], fitted=fitted).values, fitted.values)
    with pytest.raises(ValueError, match=r"z lacks the columns \['b'\]"):
        at(FRAME[["a"]], fitted=fitted)


def test_masked_values_are_missing():
    masked = np.ma.MaskedArray(VALUES[:3], mask=np.eye(3, 2, dtype=bool))
    with pytest.raises(ValueError, match="z has 2 NaN values"):
        at(masked)


def test_rows_after_the_last_return():
    fitted = at(FRAME)
    for values in (FRAME, FRAME[4:], VALUES[4:], {"a": [4.0, 5.0], "b": [1.0, 0.0]}):
        found = regressors_after("z", values, DATES[1:4], 2, fitted=fitted)
        np.testing.assert_array_equal(found.values, VALUES[4:])
    one = regressors_after("z", {"b": True, "a": 4.0}, DATES[1:4], 1, fitted=fitted)
    np.testing.assert_array_equal(one.values, [[4.0, 1.0]])
    with pytest.raises(ValueError, match="2 rows after the last return, 2024-01-04; horizon=3"):
        regressors_after("z", FRAME, DATES[1:4], 3, fitted=fitted)
    with pytest.raises(ValueError, match="6 rows; horizon=3 needs 3"):
        regressors_after("z", VALUES, DATES[1:4], 3, fitted=fitted)


def test_the_next_row_is_of_the_next_period():
    """A table of all days would give Saturday's values for Monday; some holidays may be there."""
    fitted, returns = at(FRAME), pd.bdate_range("2024-01-01", "2024-03-01")
    for tz in (None, "Europe/Berlin"):
        every_day = pd.date_range("2024-01-01", "2024-03-31", tz=tz)
        table = pd.DataFrame({"a": np.arange(91.0), "b": 0.0}, every_day)
        dates = returns.tz_localize(tz)
        with pytest.raises(ValueError, match=r"16 rows .* the latest 2024-02-25, so that its next"):
            regressors_after("z", table, dates, 1, fitted=fitted)
        weekdays = table[table.index.day_of_week < 5]
        found = regressors_after("z", weekdays, dates.delete([3, 17]), 1, fitted=fitted)
        assert found.values[0, 0] == 63.0


def test_columns_must_explain_something_of_their_own():
    check_explain("z", at(FRAME))
    assert no_regressors(4).values.shape == (4, 0)
    for frame, said in (
        (FRAME.assign(c=7.0), r"z\['c'\] is 7 at every return"),
        (FRAME.assign(c=1.0 - 2.0 * FRAME["a"] + FRAME["b"]), r"z\['c'\] is a sum of multiples"),
        (FRAME.assign(c=1e-9 * FRAME["a"] ** 2), None),
    ):
        found = at(frame, DATES, 6)
        if said is None:
            check_explain("z", found)
        else:
            with pytest.raises(ValueError, match=said):
                check_explain("z", found)
    with pytest.raises(ValueError, match="sum of multiples"):
        check_explain("z", at(FRAME.assign(c=FRAME["a"] ** 2)))
