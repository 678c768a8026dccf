"""What numbers must be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.validation.values import check_finite, constant_rows, is_constant


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, r"x has 1 NaN value, first at row 1 \(2020-01-02\); drop them"),
        (-np.inf, "x has 1 infinite value, .* division by zero"),
        (1e80, "x has 1 huge value, .* rescale them"),
    ],
)
def test_what_has_no_square_is_named(value, message):
    index = pd.date_range("2020-01-01", periods=3)
    check_finite("x", np.array([1.0, 1e37, -1e37]), index)
    with pytest.raises(ValueError, match=message):
        check_finite("x", np.array([1.0, value, 2.0]), index)


@pytest.mark.parametrize("level", [0.0, 1e-300, 1.0, -1e6])
def test_rounding_is_no_movement(level):
    assert is_constant(level * (1.0 + np.array([0.0, 1e-16, -1e-16])))


@pytest.mark.parametrize("level", [1e-60, 1.0, -1e6])
def test_a_billionth_is(level):
    moving = level * (1.0 + np.array([0.0, 1e-9, 0.0]))
    assert not is_constant(moving)
    rows = np.array([moving, np.full(3, level)])
    np.testing.assert_array_equal(constant_rows(rows), [False, True])
