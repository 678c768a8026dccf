"""When a strategy is flat."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.validation.flat import check_active, flat_value, repeated_value


def returns(flat, size=100):
    values = np.random.default_rng(1).normal(size=size)
    values[:flat] = 0.0
    return values


@pytest.mark.parametrize(
    ("flat", "usual", "value"),
    [(4, None, None), (5, None, None), (6, None, 0.0), (50, None, 0.0), (51, 0.0, 0.0)],
)
def test_a_twentieth_of_one_value_is_flat_and_half_is_the_usual(flat, usual, value):
    assert repeated_value(returns(flat)) == usual
    assert flat_value(returns(flat)) == value


def test_a_few_equal_values_of_few_are_chance():
    assert flat_value(returns(4, size=20)) is None
    assert flat_value(returns(5, size=20)) == 0.0


def test_active_days_must_differ():
    check_active(np.array([0.1, 0.2]))
    for active in ([0.1], [0.1, 0.1, 0.2]):
        with pytest.raises(ValueError, match="active days with different returns"):
            check_active(np.array(active))
