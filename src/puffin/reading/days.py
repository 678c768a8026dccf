"""Text becomes days: every form and order of the table that reads a whole column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.date_order import Candidate, Days, in_order
from puffin.reading.rules import DATE_FORMS, MONTHS, YEARS, DateForm

__all__ = ["day_candidates", "looks_like_day", "month_of", "without_weekday"]

_PIVOTS = (69, 50, 30)
_STARTS = sorted(
    ((start, month) for month, starts in MONTHS.items() for start in starts.split()),
    key=lambda pair: -len(pair[0]),
)
_WEEKDAY = r"^(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)[a-z]*\.?,? +"
_ASKED = {"day": "d", "month": "m", "year": "Yy"}
_FORMS = [re.compile(form.pattern) for form in DATE_FORMS]


def looks_like_day(text: str) -> bool:
    """Whether one cell could be a day, other than a plain number."""
    if not text or text.isdigit() or not any(c.isdigit() for c in text):
        return False
    return any(pattern.fullmatch(text) for pattern in _FORMS)


def without_weekday(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Take names of weekdays from the start of dates: Wed, 2 Jan 2019."""
    if not len(texts) or not re.match(_WEEKDAY, str(texts.iloc[0]), re.IGNORECASE):
        return texts
    return texts.str.replace(_WEEKDAY, "", regex=True, flags=re.IGNORECASE).astype(object)


def day_candidates(texts: pd.Series[Any], asked: str | None = None) -> list[Candidate]:
    """Return all ways to read every one of `texts` as a day; none if there is no way.

    Parameters
    ----------
    texts : Series of str
        None of them empty.
    asked : {"day", "month", "year"}, optional
        What comes first, if somebody says so.
    """
    return list(_candidates(texts, asked))


def _candidates(texts: pd.Series[Any], asked: str | None) -> Iterator[Candidate]:
    first = str(texts.iloc[0])
    for form, pattern in zip(DATE_FORMS, _FORMS, strict=True):
        if not pattern.fullmatch(first):
            continue
        parts = texts.str.extract(f"^(?:{form.pattern})$", expand=True)
        if parts.isna().to_numpy().any():
            continue
        columns = [parts[column].to_numpy(dtype=str) for column in parts.columns]
        for order in _orders(form, asked):
            days = _build(order, columns)
            if days is not None:
                yield Candidate(order, days)


def _orders(form: DateForm, asked: str | None) -> Sequence[str]:
    """Return the orders of a form, cut down to what somebody says of day and month."""
    every = form.orders + form.if_asked
    if asked is None or len(every) == 1:
        return form.orders
    return [order for order in every if order[0] in _ASKED[asked]] or form.orders


def _build(order: str, columns: Sequence[NDArray[np.str_]]) -> Days | None:
    """Return the days that parts stand for, or None if one of them is no day."""
    part: dict[str, NDArray[np.int64]] = {}
    for letter, column in zip(order, columns, strict=True):
        numbers = _months_by_name(column) if letter == "b" else column.astype(np.int64)
        if numbers is None:
            return None
        part["m" if letter == "b" else letter] = numbers
    if "y" not in part:
        return _days(part["Y"], part)
    for pivot in _PIVOTS:
        days = _days(part["y"] + np.where(part["y"] >= pivot, 1900, 2000), part)
        if days is not None and in_order(days):
            return days
    return _days(part["y"] + np.where(part["y"] >= _PIVOTS[0], 1900, 2000), part)


def _days(years: NDArray[np.int64], part: dict[str, NDArray[np.int64]]) -> Days | None:
    if ((years < YEARS[0]) | (years > YEARS[1])).any():
        return None
    if "w" in part:
        return _weeks(years, part["w"], part.get("e", np.ones_like(years)))
    months = part.get("m", np.ones_like(years))
    for letter, length in (("q", 3), ("h", 6)):
        months = length * (part[letter] - 1) + 1 if letter in part else months
    days = part.get("d", np.ones_like(years))
    if ((months < 1) | (months > 12) | (days < 1)).any():
        return None
    start = (12 * (years - 1970) + months - 1).astype("datetime64[M]")
    found: Days = np.add(start.astype("datetime64[D]"), days - 1)
    return found if (found.astype("datetime64[M]") == start).all() else None


def _weeks(
    years: NDArray[np.int64], weeks: NDArray[np.int64], weekdays: NDArray[np.int64]
) -> Days | None:
    """Return days of weeks as ISO 8601 numbers them, from Monday (1) to Sunday (7)."""
    if ((weeks < 1) | (weeks > 53)).any():
        return None
    fourth = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 3
    monday: Days = np.subtract(fourth, (fourth.astype(np.int64) + 3) % 7)
    found: Days = np.add(monday, 7 * (weeks - 1) + weekdays - 1)
    return found


def month_of(name: str) -> int | None:
    """Return the month of a name such as Jan, März or aout; None for other words."""
    lower = name.lower()
    return next((month for start, month in _STARTS if lower.startswith(start)), None)


def _months_by_name(names: NDArray[np.str_]) -> NDArray[np.int64] | None:
    known: dict[str, int] = {}
    for name in np.unique(names):
        month = month_of(str(name))
        if month is None:
            return None
        known[str(name)] = month
    return np.array([known[str(name)] for name in names], dtype=np.int64)
