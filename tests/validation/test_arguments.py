"""Scalar arguments: the clean value, or what was found."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.validation import arguments


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_whole_numbers_of_every_kind(value):
    found = arguments.positive_integer("window", value)
    assert found == 3
    assert type(found) is int


@pytest.mark.parametrize(
    ("check", "value", "error", "message"),
    [
        ("positive_integer", 0, ValueError, "n must be a whole number of at least 1; found 0"),
        (
            "positive_integer",
            True,
            ValueError,
            "n must be a whole number of at least 1; found True",
        ),
        ("positive_integer", 2.0, TypeError, "n must be a whole number; found 2.0"),
        ("finite_number", "1", TypeError, "n must be a number; found '1'"),
        ("finite_number", True, TypeError, "n must be a number; found True"),
        ("finite_number", np.inf, ValueError, "n must be finite; found inf"),
        ("positive_number", 0, ValueError, "n must be above zero; found 0.0"),
        ("probability", 1.0, ValueError, "n must be between 0 and 1, exclusive; found 1.0"),
        ("tail_level", 0.95, ValueError, "A confidence of 0.95 is a level of 0.05"),
        ("tail_levels", (), ValueError, "one or more different numbers"),
        ("tail_levels", (0.01, 0.01), ValueError, "one or more different numbers"),
        ("tail_levels", "0.05", TypeError, "must be a sequence of numbers"),
    ],
)
def test_what_is_wrong_is_said(check, value, error, message):
    with pytest.raises(error, match=message):
        getattr(arguments, check)("n", value)


def test_one_level_is_a_sequence_of_one():
    assert arguments.tail_levels("levels", 0.05) == (0.05,)
    assert arguments.tail_levels("levels", [0.05, 0.01]) == (0.05, 0.01)


def test_choices_are_listed():
    assert arguments.choice("kind", "mean", ("mean", "outcome")) == "mean"
    with pytest.raises(ValueError, match="kind must be one of 'mean', 'outcome'; found 'median'"):
        arguments.choice("kind", "median", ("mean", "outcome"))


def test_limits_are_included():
    assert arguments.number_within("n", 1, 1.0, 2.0) == 1.0
    with pytest.raises(ValueError, match=r"n must be between 1 and 2; found 2\.5"):
        arguments.number_within("n", 2.5, 1.0, 2.0)
