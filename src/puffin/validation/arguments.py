"""Checks of scalar arguments: each returns the clean value, or says what was found."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import SupportsIndex

import numpy as np

__all__ = [
    "choice",
    "finite_number",
    "flag",
    "number_within",
    "positive_integer",
    "positive_number",
    "probability",
    "tail_level",
    "tail_levels",
    "text",
]


def positive_integer(argument: str, value: SupportsIndex, *, minimum: int = 1) -> int:
    """Return `value` as an int of at least `minimum`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{argument} must be a whole number; found {value!r}.") from None
    if isinstance(value, bool) or number < minimum:
        raise ValueError(f"{argument} must be a whole number of at least {minimum}; found {value}.")
    return number


def finite_number(argument: str, value: object) -> float:
    """Return `value` as a finite float."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{argument} must be a number; found {value!r}.")
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{argument} must be finite; found {number}.")
    return number


def positive_number(argument: str, value: object) -> float:
    """Return `value` as a finite float above zero."""
    number = finite_number(argument, value)
    if number <= 0.0:
        raise ValueError(f"{argument} must be above zero; found {number}.")
    return number


def number_within(argument: str, value: object, least: float, most: float) -> float:
    """Return `value` as a float between the two, either of them included."""
    number = finite_number(argument, value)
    if not least <= number <= most:
        raise ValueError(f"{argument} must be between {least:g} and {most:g}; found {value}.")
    return number


def probability(argument: str, value: object) -> float:
    """Return `value` as a float strictly between 0 and 1."""
    number = finite_number(argument, value)
    if not 0.0 < number < 1.0:
        raise ValueError(f"{argument} must be between 0 and 1, exclusive; found {number}.")
    return number


def tail_level(argument: str, value: object) -> float:
    """Return `value` as the probability of a tail: a float between 0 and one half."""
    number = probability(argument, value)
    if number >= 0.5:
        raise ValueError(
            f"{argument} must be the probability of the tail, below 0.5; found {number:g}. "
            f"A confidence of {number:g} is a level of {1.0 - number:.10g}."
        )
    return number


def tail_levels(argument: str, values: object) -> tuple[float, ...]:
    """Return probabilities of tails; a single number is one of them.

    Raises
    ------
    TypeError, ValueError
        If there are none, two are the same, or one is not between 0 and one half.
    """
    if isinstance(values, Real):
        values = (values,)
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{argument} must be a sequence of numbers; found {values!r}.")
    levels = tuple(tail_level(argument, value) for value in values)
    if not levels or len(set(levels)) < len(levels):
        raise ValueError(f"{argument} must be one or more different numbers; found {levels}.")
    return levels


def flag(argument: str, value: object) -> bool:
    """Return `value` as a bool if it is one, of Python or NumPy."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{argument} must be True or False; found {value!r}.")
    return bool(value)


def text(argument: str, value: object) -> str:
    """Return `value` if it is text."""
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be text; found {value!r}.")
    return value


def choice(argument: str, value: object, options: Sequence[str]) -> str:
    """Return `value` if it is one of `options`."""
    if value not in options:
        listed = ", ".join(repr(option) for option in options)
        raise ValueError(f"{argument} must be one of {listed}; found {value!r}.")
    return str(value)
