"""What dates say in text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.cells import texts_of
from puffin.reading.date_numbers import MANY, Dates, read_numbers, strictly_in_order
from puffin.reading.date_order import Candidate, most_likely
from puffin.reading.days import day_candidates, looks_like_day, without_weekday
from puffin.reading.errors import ReadingError
from puffin.reading.rules import CLOCK, MISSING, YEARS, ZONE_OFFSETS
from puffin.reading.zones import placed

__all__ = [
    "is_clock",
    "looks_like_date",
    "read_date",
    "read_texts",
    "share_of_dates",
    "within_years",
]

_WITH_CLOCK = re.compile(rf"(?P<day>.*\d.*?)(?:[Tt]|,? +|; *|:(?=\d\d:\d\d:)){CLOCK}")
_COMPACT_CLOCK = re.compile(
    r"(?P<day>\d{8})[T ;](?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
    r"(?P<zone>[Zz]|[-+]\d{2}:?\d{2})?"
)
_CLOCK = re.compile(CLOCK)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?")
_DASHES = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u00a0": " "})
_PARTS = ("hour", "minute", "second", "half", "zone")
_SAMPLE = 200
_LONGEST = 64


def looks_like_date(text: str) -> bool:
    """Whether one cell could be a date that is no plain number."""
    if len(text) > _LONGEST:
        return False
    found = _WITH_CLOCK.fullmatch(text) or _COMPACT_CLOCK.fullmatch(text)
    day = found.group("day").strip() if found else text
    return looks_like_day(day) or (found is not None and day.isdigit())


def is_clock(text: str) -> bool:
    """Whether one cell is a time of day."""
    return _CLOCK.fullmatch(text) is not None


def share_of_dates(texts: pd.Series[Any]) -> float:
    """Return the share of the first cells that could be dates, among those that say anything."""
    known = [str(text) for text in texts.iloc[:_SAMPLE] if str(text).lower() not in MISSING]
    return sum(map(looks_like_date, known)) / len(known) if known else 0.0


def read_texts(
    texts: pd.Series[Any], *, asked: str | None = None, sure: bool = False
) -> Dates | None:
    """Return a column of text as dates, or None if it holds anything else.

    Parameters
    ----------
    texts : Series of str
    asked : {"day", "month", "year"}, optional
        What comes first, if somebody says so.
    sure : bool, default False
        Whether these are meant to be dates. Otherwise, digits must rise or fall from row to row.

    Raises
    ------
    ReadingError
        If they are dates, and day and month could be swapped.
    """
    plain = _plain_iso(texts)
    if plain is not None:
        return plain
    stripped = texts_of(texts).str.translate(_DASHES).str.strip().astype(object)
    known = ~stripped.str.lower().isin(MISSING).to_numpy(dtype=bool)
    codes, unique = pd.factorize(stripped[known])
    distinct = pd.Series(np.asarray(unique, dtype=object), dtype=object)
    if not len(distinct) or max(map(len, unique)) > _LONGEST:
        return None
    if not any(c.isdigit() for c in str(distinct.iloc[0])):
        return None
    written, clock = _split_clock(distinct)
    candidates = day_candidates(without_weekday(written), asked)
    if not candidates:
        return _read_digits(distinct, codes, known, sure)
    in_rows = [Candidate(one.order, one.days[codes]) for one in candidates]
    if not sure and clock is None and written.str.isdigit().all():
        many = len(distinct) >= MANY and written.str.len().min() >= 6
        in_rows = [one for one in in_rows if many or strictly_in_order(one.days)]
        if not in_rows:
            return None
    found = most_likely(in_rows, str(distinct.iloc[0]))
    days = found.days.astype("datetime64[ns]")
    if clock is None:
        return Dates(_spread(pd.DatetimeIndex(days), known), found.said)
    local = pd.DatetimeIndex(days + clock.since_midnight[codes])
    return Dates(_spread(placed(local, clock.offsets[codes]), known), found.said)


def _plain_iso(texts: pd.Series[Any]) -> Dates | None:
    """Return dates written as ISO 8601 has them, without an offset: pandas reads those well."""
    if not len(texts) or not _ISO.fullmatch(str(texts.iloc[0])):
        return None
    try:
        index = pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601"))
    except (ValueError, OverflowError):
        return None
    return Dates(index.as_unit("ns")) if index.tz is None and within_years(index) else None


def within_years(index: pd.DatetimeIndex) -> bool:
    """Whether all dates are of years in which there could be data."""
    years = index.year[index.notna()]
    return bool(((years >= YEARS[0]) & (years <= YEARS[1])).all())


def _read_digits(
    distinct: pd.Series[Any], codes: NDArray[np.intp], known: NDArray[np.bool_], sure: bool
) -> Dates | None:
    numbers = pd.to_numeric(distinct, errors="coerce").to_numpy(dtype=np.float64)
    found = read_numbers(numbers[codes], sure=sure)
    return None if found is None else Dates(_spread(found.index, known), found.said)


def _spread(dates: pd.DatetimeIndex, known: NDArray[np.bool_]) -> pd.DatetimeIndex:
    """Return dates in the rows where they are known, NaT in the others."""
    if known.all():
        return dates
    rows = np.full(known.size, -1)
    rows[known] = np.arange(len(dates))
    return pd.DatetimeIndex(pd.Series(dates).reindex(rows))


@dataclass(frozen=True)
class _Clock:
    since_midnight: NDArray[np.timedelta64]
    offsets: NDArray[np.float64]


def _split_clock(texts: pd.Series[Any]) -> tuple[pd.Series[Any], _Clock | None]:
    """Return days, and the times of day if every cell has one (or is a plain day)."""
    for pattern in (_WITH_CLOCK, _COMPACT_CLOCK):
        if not pattern.fullmatch(str(texts.iloc[0])) and not pattern.fullmatch(str(texts.iloc[-1])):
            continue
        parts = texts.str.extract(f"^(?:{pattern.pattern})$", expand=True)
        without = parts["day"].isna()
        days = parts["day"].where(~without, texts).str.strip().astype(object)
        clock = _clock(parts)
        if clock is not None:
            return days, clock
    return texts, None


def _clock(parts: pd.DataFrame) -> _Clock | None:
    text = {name: parts[name].fillna("").astype(str) for name in _PARTS if name in parts}
    number = {
        name: np.array([float(one.replace(",", ".") or 0.0) for one in text[name]])
        for name in ("hour", "minute", "second")
    }
    hours = number["hour"].copy()
    if "half" in text:
        half = text["half"].str.lower().str[:1].to_numpy(dtype=str)
        hours = np.where(half == "", hours, hours % 12 + np.where(half == "p", 12, 0))
    if (hours > 23).any() or (number["minute"] > 59).any() or (number["second"] >= 61).any():
        return None
    seconds = 3600.0 * hours + 60.0 * number["minute"] + number["second"]
    zones = text.get("zone", pd.Series([""] * len(parts)))
    offsets = {zone: _offset(str(zone)) for zone in zones.unique()}
    if any(offset is None for offset in offsets.values()):
        return None
    return _Clock(
        np.round(seconds * 1e9).astype("timedelta64[ns]"),
        zones.map(offsets).to_numpy(dtype=np.float64),
    )


def _offset(zone: str) -> float | None:
    """Return minutes ahead of UTC: NaN for no zone, None for one that is not known."""
    if not zone:
        return float("nan")
    if zone.upper() in ZONE_OFFSETS:
        return float(ZONE_OFFSETS[zone.upper()])
    signed = re.fullmatch(r"(?:UTC|GMT)?([-+])(\d{2}):?(\d{2})?", zone)
    if signed is None:
        return None
    minutes = 60.0 * int(signed[2]) + int(signed[3] or 0)
    return (-minutes if signed[1] == "-" else minutes) if minutes < 1440.0 else None


def read_date(text: str, *, asked: str | None = None) -> pd.Timestamp:
    """Return a date that a person has typed.

    Parameters
    ----------
    text : str
    asked : {"day", "month", "year"}, optional
        What comes first in the dates that it belongs to.

    Raises
    ------
    ReadingError
        If it is no date, or day and month could be swapped.
    """
    found = read_texts(pd.Series([text], dtype=object), asked=asked, sure=True)
    if found is None or found.index.hasnans:
        raise ReadingError(f"{text!r} is no date; write it as 2024-01-31.")
    return pd.Timestamp(found.index[0])
