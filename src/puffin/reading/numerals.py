"""Text becomes numbers: thousands separators, decimal commas, currency and percent signs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.cells import texts_of
from puffin.reading.errors import ReadingError
from puffin.reading.rules import MISSING, SCALES

__all__ = ["Numerals", "decimal_mark", "is_numeral", "looks_like_number", "read_numerals"]

_CODES = r"(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|SEK|NOK|DKK|INR|CNY|RUB|PLN|BRL|US\$|R\$|A\$|C\$|HK\$)"
_SIGN = rf"(?:[$€£¥₹₽₩]|{_CODES}|Rs\.?)"
_SCALE = "|".join(sorted(SCALES, key=len, reverse=True))
_NUMERAL = re.compile(
    rf"(?P<open>\()?(?P<minus>[-+]?)\s?\(?{_SIGN}?\s?(?P<sign>[-+]?)"
    r"(?P<digits>(?:\d[\d.,' ]*|[.,]\d+)(?:[eE][-+]?\d+)?)"
    rf"(?P<after>[-)]?)\s?(?P<unit>%|(?i:{_SCALE})\.?(?![a-z]))?\s?{_SIGN}?\)?(?P<last>-?)"
)
_WORD = re.compile(r"[-+]?inf(?:inity)?", re.IGNORECASE)
_MARKS = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u202f\u2009\u2007\t", " "),
        **dict.fromkeys("\u2212\u2013\u2012", "-"),
        "\u2019": "'",
    }
)
_POINTS_IN_THREES = re.compile(r"\d{1,3}(?:\.\d{3})+")
_POINTS_BETWEEN = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_COMMAS_IN_THREES = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?")
_INDIAN = re.compile(r"[1-9]\d?(?:,\d{2})+,\d{3}(?:\.\d*)?")
_DECIMAL_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:[.']\d{3})+)?,\d+(?:[eE][-+]?\d+)?")
_LONGEST = 400
_FAR_ABOVE = 10.0


@dataclass(frozen=True)
class Numerals:
    """A column of numbers.

    Attributes
    ----------
    values : ndarray of shape (n,)
        NaN where nothing is known, and where there is no number.
    wrong : int or None
        The first row that holds something else.
    bare : int or None
        The first row with no percent sign, where others have one; zeros need none.
    percent, money : bool
        Whether most of them have a percent sign, or a sign of a currency.
    """

    values: NDArray[np.float64]
    wrong: int | None
    percent: bool = False
    money: bool = False
    bare: int | None = None


def looks_like_number(text: str) -> bool:
    """Whether one cell could be a number, however it is written."""
    if len(text) > _LONGEST:
        return False
    written = _NUMERAL.fullmatch(text.translate(_MARKS)) or _WORD.fullmatch(text)
    return written is not None


def is_numeral(text: str) -> bool:
    """Whether one cell is a number, with a decimal point or a decimal comma; no dotted date is."""
    return bool(text) and any(_number(text, mark) is not None for mark in ".,")


def decimal_mark(cells: Iterable[str], separator: str) -> str:
    """Return what stands before the decimals of a table's numbers, a point or a comma.

    Parameters
    ----------
    cells : iterable of str
        Numbers with a comma or a point, and whole ones.
    separator : str

    Raises
    ------
    ReadingError
        If every comma could as well separate thousands.
    """
    bare = [re.sub(r"[^\d.,']", "", text) for text in cells]
    with_comma = [text for text in bare if "," in text]
    with_point = [text for text in bare if "." in text and "," not in text]
    whole = [text for text in bare if text.isdecimal()]
    if not with_comma:
        return "," if _only_thousands(with_point, _POINTS_BETWEEN, whole) else "."
    if not all(_DECIMAL_COMMA.fullmatch(text) for text in with_comma):
        return "."
    if not all(_COMMAS_IN_THREES.fullmatch(text) for text in with_comma):
        return ","
    decimal_points = not all(map(_POINTS_BETWEEN.fullmatch, with_point))
    if separator == "," or decimal_points or _only_thousands(with_comma, _COMMAS_IN_THREES, whole):
        return "."
    if separator != ";":
        raise ReadingError(
            f"{with_comma[0]!r} could be a number with a decimal comma or with separated "
            "thousands; say --decimal comma or --decimal point."
        )
    return ","


def _only_thousands(
    marked: Sequence[str], in_threes: re.Pattern[str], whole: Sequence[str]
) -> bool:
    """Whether marks can only separate thousands: 1.234.567, or 1.050 among 950, 960, 970."""
    if not marked or not all(map(in_threes.fullmatch, marked)):
        return False
    if any(len(text) > len("999.999") for text in marked):
        return True
    with_decimals = np.median([float(text.replace(",", ".")) for text in marked])
    whole_numbers = [float(text) for text in whole]
    return (
        bool(whole_numbers)
        and max(whole_numbers) < 1e3
        and (float(np.median(whole_numbers)) > _FAR_ABOVE * with_decimals)
    )


def read_numerals(cells: pd.Series[Any], decimal: str = ".") -> Numerals:
    """Return a column of text as numbers.

    Parameters
    ----------
    cells : Series of str
    decimal : {".", ","}
    """
    if decimal == ".":
        try:
            return Numerals(_as_written(cells), None)
        except (ValueError, TypeError):
            pass
    texts = texts_of(cells)
    missing = texts.str.lower().isin(MISSING).to_numpy(dtype=bool)
    values = np.full(len(texts), np.nan)
    wrong, percent, money = None, np.zeros(len(texts), dtype=np.bool_), 0
    for row in np.flatnonzero(~missing):
        text = str(texts.iloc[row])
        number = _number(text, decimal)
        if number is None:
            wrong = int(row) if wrong is None else wrong
            continue
        values[row] = number
        percent[row] = text.rstrip(")- .").lower().endswith(("%", "bp", "bps"))
        money += re.search(_SIGN, text) is not None
    known = max(1, int((~missing).sum()))
    plain = np.flatnonzero(~percent & (values != 0.0) & np.isfinite(values))
    bare = int(plain[0]) if plain.size and percent.any() else None
    return Numerals(values, wrong, bool(percent.sum() > known / 2), money > known / 2, bare)


def _as_written(cells: pd.Series[Any]) -> NDArray[np.float64]:
    """Return the floats nearest to plain numbers, or raise ValueError or TypeError.

    pandas says what is one and what is missing; its own floats are, before pandas 3, up to a few
    units in the last place away.
    """
    known = pd.to_numeric(cells).notna().to_numpy(dtype=bool)
    values = np.full(len(cells), np.nan)
    values[known] = cells.to_numpy(dtype=object)[known]
    return values


def _number(text: str, decimal: str) -> float | None:
    """Return what a numeral says, or None if it is none."""
    text = text.translate(_MARKS)
    if len(text) > _LONGEST:
        return None
    if _WORD.fullmatch(text):
        return float(text)
    found = _NUMERAL.fullmatch(text)
    plain = None if found is None else _plain(found["digits"].replace(" ", ""), decimal)
    if found is None or plain is None:
        return None
    minuses = (found["minus"] + found["sign"]).count("-")
    negative = minuses % 2 == 1 or found["open"] or "-" in found["after"] + found["last"]
    scale = SCALES.get((found["unit"] or "").lower().rstrip("."), 1.0)
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
