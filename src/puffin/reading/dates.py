"""What dates say, in text or in numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.cells import texts_of
from puffin.reading.date_order import Candidate, in_order, most_likely
from puffin.reading.days import day_candidates, looks_like_day, without_weekday
from puffin.reading.errors import ReadingError
from puffin.reading.rules import CLOCK, EPOCHS, MISSING, SERIALS, YEARS, ZONE_OFFSETS
from puffin.reading.zones import exchange_days, placed

__all__ = [
    "Dates",
    "looks_like_date",
    "read_date",
    "read_numbers",
    "read_texts",
    "share_of_dates",
    "within_years",
]

_WITH_CLOCK = re.compile(rf"(?P<day>.*\d.*?)(?:[Tt]|,? +|:(?=\d\d:\d\d:)){CLOCK}")
_COMPACT_CLOCK = re.compile(r"(?P<day>\d{8})[T ](?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?")
_DASHES = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u00a0": " "})
_PARTS = ("hour", "minute", "second", "half", "zone")
_SAMPLE = 200
_MANY = 10
_LONGEST = 64


@dataclass(frozen=True)
class Dates:
    """Dates, and how they were understood.

    Attributes
    ----------
    index : DatetimeIndex
        Local times; NaT where there was none.
    said : str
        "day first", "milliseconds since 1970"; empty where there was no choice.
    """

    index: pd.DatetimeIndex
    said: str = ""

    @property
    def has_clock(self) -> bool:
        """Whether there are times of day."""
        known = self.index[self.index.notna()]
        return bool((known != known.normalize()).any())


def looks_like_date(text: str) -> bool:
    """Whether one cell could be a date that is no plain number."""
    if len(text) > _LONGEST:
        return False
    found = _WITH_CLOCK.fullmatch(text) or _COMPACT_CLOCK.fullmatch(text)
    day = found.group("day").strip() if found else text
    return looks_like_day(day) or (found is not None and day.isdigit())


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
        many = len(distinct) >= _MANY and written.str.len().min() >= 6
        in_rows = [one for one in in_rows if many or _strictly_in_order(one.days)]
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


def read_numbers(values: NDArray[np.float64], *, sure: bool = False) -> Dates | None:
    """Return numbers as dates, or None if they are something else.

    Whole numbers such as 20190131, 201901 and 2019; seconds and smaller units since 1970; days as
    spreadsheets number them; months as 1871.01. Unless it is sure that they are meant to be dates,
    they must rise or fall from row to row, years by one; or be ten and more such numbers, none of
    which could be anything else.
    """
    if not values.size or not np.isfinite(values).all() or (values <= 0.0).any():
        return None
    whole = bool((values == np.floor(values)).all())
    many = whole and values.size >= _MANY and (values.min() >= 1e5) and _whole_minutes(values)
    if not sure and not many and not _strictly_in_order(values):
        return None
    if whole and values.max() < 1e8:
        return _compact(values, sure)
    low, high = float(values.min()), float(values.max())
    if high < YEARS[1] + 1.0:
        return _months_after_the_point(values)
    for epoch in EPOCHS:
        if epoch.low <= low and high < epoch.high:
            return Dates(_since_1970(values, epoch.unit), epoch.said)
    return _serials(values)


def _whole_minutes(values: NDArray[np.float64]) -> bool:
    """Whether numbers that could count from 1970 count whole minutes; smaller ones cannot."""
    if values.max() < EPOCHS[0].low:
        return True
    unit = next((one.unit for one in EPOCHS if values.max() < one.high), "ns")
    minute = 60.0 * {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[unit]
    return bool((values % minute == 0.0).all() and np.ptp(values) < 0.5 * values.max())


def _compact(values: NDArray[np.float64], sure: bool) -> Dates | None:
    low, high = values.min(), values.max()
    if YEARS[0] <= low and high <= YEARS[1]:
        if not _strictly_in_order(values) or not (sure or (np.diff(values) == 1.0).all()):
            return None
        width = 4
    elif low >= 1e4 and high < 1e6 and not (SERIALS[0] <= low and high <= SERIALS[1]):
        width = 6
    elif low >= 1e6:
        width = 8
    else:
        return _serials(values)
    digits = pd.Series([f"{int(value):0{width}d}" for value in values], dtype=object)
    candidates = day_candidates(digits)
    if not candidates:
        return None
    found = most_likely(candidates, str(digits.iloc[0]))
    return Dates(pd.DatetimeIndex(found.days.astype("datetime64[ns]")), found.said)


def _since_1970(values: NDArray[np.float64], unit: str) -> pd.DatetimeIndex:
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    whole = np.floor(values)
    nanoseconds = whole.astype(np.int64) * (10**9 // per_second)
    nanoseconds += np.round((values - whole) * (10**9 // per_second)).astype(np.int64)
    return exchange_days(pd.DatetimeIndex(nanoseconds.astype("datetime64[ns]"), tz="UTC"))


def _serials(values: NDArray[np.float64]) -> Dates | None:
    if not (values.min() >= SERIALS[0] and values.max() <= SERIALS[1]):
        return None
    seconds = np.round(values * 86_400.0).astype("timedelta64[s]")
    dates = (np.datetime64("1899-12-30", "s") + seconds).astype("datetime64[ns]")
    return Dates(pd.DatetimeIndex(dates), "numbered as in a spreadsheet")


def _months_after_the_point(values: NDArray[np.float64]) -> Dates | None:
    """Return 1871.01, ..., 1871.1 (October), 1871.12 as months."""
    years = np.floor(values + 1e-6)
    months = np.round(100.0 * (values - years))
    exact = np.abs(100.0 * (values - years) - months) < 1e-4
    steps = np.diff(12 * years + months)
    valid = exact & (months >= 1) & (months <= 12) & (years >= YEARS[0]) & (years <= YEARS[1])
    if not valid.all() or values.size < 3 or not (steps == steps[0]).all():
        return None
    starts = (12 * (years - 1970) + months - 1).astype(np.int64).astype("datetime64[M]")
    return Dates(pd.DatetimeIndex(starts.astype("datetime64[ns]")), "year.month")


def _strictly_in_order(values: NDArray[Any]) -> bool:
    return in_order(values) and bool((values[1:] != values[:-1]).all())


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
