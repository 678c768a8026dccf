"""Columns of numbers beside returns that are none: positions, drawdowns, parts of dates."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from puffin.reading.headers import Name, letters
from puffin.reading.numerals import Numerals
from puffin.reading.rules import ASIDE_NAMES, DATE_PARTS

__all__ = ["are_few_whole_numbers", "why_aside"]

_KINDS = {name: kind for kind, names in ASIDE_NAMES.items() for name in names}
_PARTS = {name for names in DATE_PARTS.values() for name in names}
_ENOUGH, _FEW = 20, 5


def why_aside(name: Name, found: Numerals) -> str:
    """Say why a column is no strategy where there are others; empty if it could be one.

    Its name says so; or it never rises above zero and is called a drawdown; or it has one whole
    number or a few only, as codes and signals (-1, 0, 1) do.
    """
    plain = letters(name)
    if plain in _KINDS:
        return _KINDS[plain]
    known = found.values[np.isfinite(found.values)]
    if not known.size:
        return ""
    if re.search("drawdown|underwater|^(max)?dd$", plain) and known.max() <= 0.0:
        return "drawdowns"
    if plain in _PARTS and bool((known == np.floor(known)).all()):
        return "parts of dates"
    if known[0] != 0.0 and known[0] % 1.0 == 0.0 and (known == known[0]).all():
        return "the same in each row"
    if are_few_whole_numbers(known) and not found.percent:
        return "a few whole numbers, as signals"
    return ""


def are_few_whole_numbers(values: NDArray[np.float64]) -> bool:
    """Whether there are two to five different values, all whole, in twenty rows and more."""
    whole = values.size >= _ENOUGH and bool((values == np.floor(values)).all())
    return whole and 2 <= np.unique(values).size <= _FEW
