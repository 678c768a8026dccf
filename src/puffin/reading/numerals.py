"""Text becomes numbers: thousands separators, decimal commas, currency and percent signs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.cells import texts_of
from puffin.reading.errors import ReadingError
from puffin.reading.rules import MISSING

__all__ = ["Numerals", "decimal_mark", "looks_like_number", "read_numerals"]

_CODES = r"(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|SEK|NOK|DKK|INR|CNY|RUB|PLN|BRL|US\$|R\$|A\$|C\$|HK\$)"
_SIGN = rf"(?:[$€£¥₹₽₩]|{_CODES})"
_BODY = r"(?:\d[\d.,' ]*|[.,]\d+)(?:[eE][-+]?\d+)?"
_NUMERAL = re.compile(rf"[-+(]?\s?{_SIGN}?\s?[-+]?{_BODY}[-)]?\s?(?:%|[KMBTkmb]|{_SIGN})?\)?")
_WORD = re.compile(r"[-+]?inf(?:inity)?", re.IGNORECASE)
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009\u2007\t ", None))
_MARKS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2012": "-", "\u2019": "'"})
_POINTS_IN_THREES = re.compile(r"\d{1,3}(?:\.\d{3})+")
_COMMAS_IN_THREES = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
_INDIAN = re.compile(r"[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d*)?")
_DECIMAL_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:[.']\d{3})+)?,\d+(?:[eE][-+]?\d+)?")
_LONGEST = 400
_LARGE = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


@dataclass(frozen=True)
class Numerals:
    """A column of numbers.

    Attributes
    ----------
    values : ndarray of shape (n,)
        NaN where nothing is known, and where there is no number.
    wrong : int or None
        The first row that holds something else.
    percent, money : bool
        Whether most of them have a percent sign, or a sign of a currency.
    """

    values: NDArray[np.float64]
    wrong: int | None
    percent: bool = False
    money: bool = False


def looks_like_number(text: str) -> bool:
    """Whether one cell could be a number, however it is written."""
    if len(text) > _LONGEST:
        return False
    written = _NUMERAL.fullmatch(text.translate(_MARKS)) or _WORD.fullmatch(text)
    return written is not None


def decimal_mark(cells: Iterable[str], separator: str) -> str:
    """Return what stands before the decimals of a table's numbers, a point or a comma.

    A comma only where another character separates the columns.

    Raises
    ------
    ReadingError
        If every comma could as well separate thousands.
    """
    if separator == ",":
        return "."
    bare = [re.sub(r"[^\d.,']", "", text) for text in cells if "," in text]
    if not bare:
        return "."
    commas = all(_DECIMAL_COMMA.fullmatch(text) for text in bare)
    thousands = all(_COMMAS_IN_THREES.fullmatch(text) for text in bare)
    if commas and thousands and separator != ";":
        raise ReadingError(
            f"{bare[0]!r} could be a number with a decimal comma or with separated thousands; say "
            "--decimal comma or --decimal point."
        )
    return "," if commas else "."


def read_numerals(cells: pd.Series[Any], decimal: str = ".") -> Numerals:
    """Return a column of text as numbers.

    Parameters
    ----------
    cells : Series of str
    decimal : {".", ","}
    """
    if decimal == ".":
        try:
            return Numerals(pd.to_numeric(cells).to_numpy(dtype=np.float64), None)
        except (ValueError, TypeError):
            pass
    texts = texts_of(cells)
    missing = texts.str.lower().isin(MISSING).to_numpy(dtype=bool)
    values = np.full(len(texts), np.nan)
    wrong, percent, money = None, 0, 0
    for row in np.flatnonzero(~missing):
        text = str(texts.iloc[row])
        number = _number(text, decimal)
        if number is None:
            wrong = int(row) if wrong is None else wrong
            continue
        values[row] = number
        percent += text.endswith("%")
        money += re.search(_SIGN, text) is not None
    known = max(1, int((~missing).sum()))
    return Numerals(values, wrong, percent > known / 2, money > known / 2)


def _number(text: str, decimal: str) -> float | None:
    """Return what a numeral says, or None if it is none."""
    text = text.translate(_MARKS)
    if len(text) > _LONGEST:
        return None
    if _WORD.fullmatch(text):
        return float(text)
    if not _NUMERAL.fullmatch(text):
        return None
    scale = _LARGE.get(text.rstrip(")")[-1:].upper(), 1.0)
    negative = text.startswith("(") or text.rstrip("% ").endswith("-")
    bare = re.sub(_SIGN, "", text.translate(_SPACES))
    bare = re.sub(r"^\(|[)%KMBTkmb]+$", "", bare).removesuffix("-")
    unsigned = bare.lstrip("+-")
    negative ^= bare.count("-", 0, len(bare) - len(unsigned)) % 2 == 1
    plain = _plain(unsigned, decimal)
    if plain is None:
        return None
    try:
        return (-scale if negative else scale) * float(plain)
    except ValueError:
        return None


def _plain(digits: str, decimal: str) -> str | None:
    """Return digits with a decimal point and nothing else, or None if commas are misplaced."""
    if decimal == ",":
        if "," not in digits:
            in_threes = _POINTS_IN_THREES.fullmatch(digits)
            return digits.replace(".", "").replace("'", "") if in_threes else digits
        if not _DECIMAL_COMMA.fullmatch(digits):
            return None
        return digits.replace(".", "").replace("'", "").replace(",", ".")
    if "," not in digits:
        points = digits.count(".") > 1 and _POINTS_IN_THREES.fullmatch(digits)
        return digits.replace(".", "") if points else digits.replace("'", "")
    if _COMMAS_IN_THREES.fullmatch(digits) or _INDIAN.fullmatch(digits):
        return digits.replace(",", "")
    return None
