"""Prices of a pair, put on the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.validation.pair_prices import (
    as_pair,
    as_series_of_levels,
    as_spread,
    check_enough,
    check_moves,
    check_positive,
)

DATES = pd.date_range("2020-01-01", periods=4)
Y = pd.Series([1.0, 2.0, np.nan, 4.0], DATES, name="KO")


def test_x_is_put_on_the_dates_of_y():
    x = pd.DataFrame({"PEP": [10.0, 20.0, 30.0], "XOM": [1.0, 2.0, 3.0]}, DATES[[1, 2, 3]])
    found = as_pair(Y, x)
    assert (found.name, found.hedges) == ("KO", ("PEP", "XOM"))
    np.testing.assert_array_equal(found.X[:, 0], [np.nan, 10.0, 20.0, 30.0])
    np.testing.assert_array_equal(found.complete, [1, 3])
    assert len(found.until(1).index) == 2


def test_a_frame_may_bring_its_dates_in_a_column():
    found = as_pair(Y.rename_axis("day").reset_index()[["day", "KO"]], Y * 2.0, date="day")
    assert found.index.equals(DATES)
    np.testing.assert_array_equal(found.X[:, 0], 2.0 * Y)


def test_arrays_match_row_by_row():
    found = as_pair([1.0, 2.0], [[1.0, 3.0], [2.0, 4.0]])
    assert (found.name, found.hedges) == ("y", ("x0", "x1"))
    with pytest.raises(ValueError, match="y has 2 rows and x has 1"):
        as_pair([1.0, 2.0], [1.0])


def test_checks_name_what_stands_in_the_way():
    still = as_pair(pd.Series([1.0, 5.0, 5.0, 5.0], DATES, name="a"), [1.0, 2.0, 3.0, 4.0])
    check_moves(still, 4)
    with pytest.raises(ValueError, match=r"y \(a\) stands still at 5 .* 2020-01-02 to 2020-01-04"):
        check_moves(still, 3)
    with pytest.raises(ValueError, match="window must be at least 4 with 1 hedge"):
        check_enough(still, 3)
    with pytest.raises(ValueError, match="more rows than the window has"):
        check_enough(still, 4)
    with pytest.raises(ValueError, match="1 prices that are not above zero, first -1 at row 1"):
        check_positive(as_pair([1.0, 2.0], [1.0, -1.0]))


def test_a_spread_keeps_its_index_and_its_gaps():
    values, index = as_spread(Y)
    np.testing.assert_array_equal(values, Y)
    assert index.equals(DATES)
    known = as_series_of_levels(Y, argument="spread", minimum=3)
    np.testing.assert_array_equal(known, [1.0, 2.0, 4.0])
    with pytest.raises(ValueError, match="at least 4 values that are not missing; found 3"):
        as_series_of_levels(Y, argument="spread", minimum=4)
    with pytest.raises(ValueError, match="spread never moves: all 3 values are 2"):
        as_series_of_levels([2.0] * 3, argument="spread", minimum=2)
