"""Where the dates are: any column, found by what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.reading.cells import texts_of
from puffin.reading.date_numbers import Dates, read_numbers
from puffin.reading.dates import is_clock, read_texts, share_of_dates, within_years
from puffin.reading.errors import ReadingError
from puffin.reading.headers import Name, joined, letters
from puffin.reading.numerals import looks_like_number, read_numerals
from puffin.reading.rules import DATE_NAMES, DATE_PARTS, MISSING, SURE_DATE_NAMES
from puffin.reading.zones import exchange_days

__all__ = ["DateColumn", "found_dates", "is_named_as_dates", "is_row_numbers", "listed"]

_LISTED = 12
_MEANT = 0.5
_SAMPLE = 20
_HINT = re.compile(rf"(?:{'|'.join(DATE_NAMES)})(?![a-z])")
_CLOCK_NAMES = ("time", "hour", "uhrzeit", "zeit", "hora", "heure")


@dataclass(frozen=True)
class DateColumn:
    """The dates of a table, and the columns that they were taken from or that repeat them.

    Attributes
    ----------
    dates : Dates or None
    used : tuple of name
        Columns that hold the dates.
    left_out : dict of name to str
        Columns that are no data either, and why: row numbers, other dates.
    """

    dates: Dates | None
    used: tuple[Name, ...]
    left_out: dict[Name, str]


def found_dates(frame: pd.DataFrame, named: str | None, asked: str | None) -> DateColumn:
    """Return the dates of a table.

    Parameters
    ----------
    frame : DataFrame
        Columns of text, numbers or dates.
    named : str, optional
        The column that holds the dates, if somebody says so.
    asked : {"day", "month", "year"}, optional
        What comes first in a date.

    Raises
    ------
    ReadingError
        If there is no column of that name, or one that is meant to hold dates holds others.
    """
    numbers: dict[Name, str] = {
        name: "row numbers"
        for place, name in enumerate(frame.columns)
        if name != named and is_row_numbers(frame[name], name, place)
    }
    columns = [name for name in frame.columns if name not in numbers]
    if named is not None:
        used: tuple[Name, ...] = (_matching(frame, named),)
        dates: Dates | None = _of_named(frame, named, asked)
    else:
        dates, used = _by_content(frame, columns, asked)
    if dates is not None:
        rest = [name for name in columns if name not in used]
        dates, used = _with_clock(frame, rest, dates, used)
    others: dict[Name, str] = {
        name: "other dates"
        for name in columns
        if dates is not None and name not in used and _repeats(frame[name], asked, dates.index)
    }
    return DateColumn(dates, used, {**numbers, **others})


def _repeats(column: pd.Series[Any], asked: str | None, index: pd.DatetimeIndex) -> bool:
    """Whether a column holds dates of the same time as the index, such as when a bar closes."""
    start = _read(column.iloc[:_SAMPLE], asked, sure=False, quiet=True)
    found = None if start is None else _read(column, asked, sure=False, quiet=True)
    if found is None or not found.index.notna().any():
        return False
    margin = pd.Timedelta(days=400)
    first, last = _span(index)
    begins, ends = _span(found.index)
    return first - margin <= begins and ends <= last + margin


def _span(index: pd.DatetimeIndex) -> tuple[pd.Timestamp, pd.Timestamp]:
    local = index.tz_localize(None)
    return local.min(), local.max()


def listed(names: Sequence[Any]) -> str:
    """Return a sentence that names columns, up to a dozen."""
    shown = [repr(joined(name)) for name in names]
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return f"there are {', '.join(shown[:_LISTED])}{more}." if shown else "there are none."


def is_row_numbers(column: pd.Series[Any], name: Name, place: int) -> bool:
    """Whether a column only numbers the rows: 0, 1, 2, ..., first or without a name."""
    label = joined(name).strip().lower()
    unnamed = label in ("", "#", "no", "no.", "nr", "nr.", "row", "id", "index", "n", "obs")
    unnamed = unnamed or label.startswith(("unnamed:", "level_"))
    if place > 0 and not unnamed:
        return False
    cells = texts_of(column)
    if len(cells) < 2 or not cells.str.fullmatch(r"\d{1,9}(?:\.0)?").all():
        return False
    steps = np.diff(cells.astype(float).to_numpy(dtype=np.float64))
    starts = float(cells.iloc[0 if steps[0] >= 0 else -1]) in (0.0, 1.0)
    if unnamed and starts:
        # A number for each date, where there are several rows of it, in either order.
        again = (cells.iloc[1:] == cells.iloc[0]).to_numpy()
        steps = np.where(again | (steps == 0.0), 1.0, steps)
    if (steps == 1.0).all() or (steps == -1.0).all():
        return starts or (unnamed and label != "")
    rising = bool((steps > 0).all() and (steps == np.floor(steps)).all())
    return label.startswith("unnamed:") and rising


def _matching(frame: pd.DataFrame, named: str) -> Name:
    for name in frame.columns:
        if joined(name) == named:
            return name
    raise ReadingError(
        f"there is no column {named!r} to take dates from; {listed(list(frame.columns))}"
    )


def _of_named(frame: pd.DataFrame, named: str, asked: str | None) -> Dates:
    name = _matching(frame, named)
    dates = _read(frame[name], asked, sure=True)
    if dates is None:
        raise _misfit(frame[name], f"column {named!r}")
    return dates


def is_named_as_dates(name: Name) -> bool:
    """Whether the name of a column says that it may hold dates: when, Open Time, caldt."""
    return _HINT.match(re.sub(r"[^a-z]+", " ", joined(name).lower()).strip()) is not None


def _by_content(
    frame: pd.DataFrame, columns: Sequence[Name], asked: str | None
) -> tuple[Dates | None, tuple[Name, ...]]:
    """Return the first column that reads as dates, those with a name that says so before others."""
    parts = _in_parts(frame, columns)
    if parts is not None and not parts[0].index.has_duplicates:
        return parts
    for name in sorted(columns, key=lambda name: not is_named_as_dates(name)):
        dates = _read(frame[name], asked, sure=is_named_as_dates(name) and _not_small(frame[name]))
        if dates is not None:
            return dates, (name,)
    if parts is not None:
        return parts
    for name in columns:
        first = name == columns[0]
        meant = letters(name) in SURE_DATE_NAMES or (
            (is_named_as_dates(name) or first)
            and share_of_dates(texts_of(frame[name].iloc[:_SAMPLE])) >= _MEANT
        )
        if meant or (first and _is_text(frame[name])):
            where = f"the first column, {joined(name)!r}," if first else f"column {joined(name)!r}"
            raise _misfit(frame[name], where if joined(name) else "the first column")
    return None, ()


def _in_parts(
    frame: pd.DataFrame, columns: Sequence[Name]
) -> tuple[Dates, tuple[Name, ...]] | None:
    """Return dates from columns named Year and Month (Day too, if there is one) or Quarter."""
    parts = {name: part for part, names in DATE_PARTS.items() for name in names}
    named = {parts[letters(name)]: name for name in reversed(columns) if letters(name) in parts}
    smaller = ("month", "day") if "month" in named else ("quarter",)
    used = tuple(named[part] for part in ("year", *smaller) if part in named)
    if "year" not in named or len(used) < 2:
        return None
    cells = [texts_of(frame[name]).str.replace(r"\.0$", "", regex=True) for name in used]
    if smaller == ("quarter",):
        cells[1] = "Q" + cells[1].str.removeprefix("Q")
    texts = pd.Series(["-".join(row) for row in zip(*cells, strict=True)], dtype=object)
    dates = read_texts(texts, sure=True)
    return None if dates is None else (dates, used)


def _not_small(column: pd.Series[Any]) -> bool:
    """Whether digits are more than a number of an hour, day or month."""
    return bool((texts_of(column).str.len() > 2).any())


def _is_text(column: pd.Series[Any]) -> bool:
    known = [one for one in texts_of(column.iloc[:200]) if one.lower() not in MISSING]
    return bool(known) and sum(map(looks_like_number, known)) <= _MEANT * len(known)


def _read(
    column: pd.Series[Any], asked: str | None, *, sure: bool, quiet: bool = False
) -> Dates | None:
    """Return a column as dates, or None if it holds anything else."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        index = pd.DatetimeIndex(column)
        if not within_years(index):
            return None
        dates = Dates(index.as_unit("ns"))
        in_utc = str(index.tz) == "UTC" and dates.has_clock
        return Dates(exchange_days(dates.index)) if in_utc else dates
    if pd.api.types.is_bool_dtype(column.dtype):
        return None
    if pd.api.types.is_numeric_dtype(column.dtype):
        return read_numbers(column.to_numpy(dtype=np.float64, na_value=np.nan), sure=sure)
    try:
        return read_texts(texts_of(column), asked=asked, sure=sure)
    except ReadingError:
        if quiet:
            return None
        raise


def _misfit(column: pd.Series[Any], where: str) -> ReadingError:
    texts = texts_of(column)
    for row, text in enumerate(texts):
        if text.strip().lower() in MISSING:
            continue
        if read_texts(pd.Series([text], dtype=object), asked="day", sure=True) is None:
            return ReadingError(
                f"{where} must hold dates; found {text!r} in row {row + 1} "
                "(--date-column names another column)."
            )
    return ReadingError(
        f"{where} must hold dates written in one way; found {texts.iloc[0]!r} and others that "
        "cannot be read so (--date-column names another column)."
    )


def _with_clock(
    frame: pd.DataFrame, columns: Sequence[Name], dates: Dates, used: tuple[Name, ...]
) -> tuple[Dates, tuple[Name, ...]]:
    """Add the times of day that another column has."""
    if dates.has_clock:
        return dates, used
    for name in columns:
        times = _times(frame[name], name)
        if times is not None:
            return Dates(dates.index + times, dates.said), (*used, name)
    return dates, used


def _times(column: pd.Series[Any], name: Name) -> pd.TimedeltaIndex | None:
    """Return a column as times of day: 09:30, 9:30 PM; 930 and 93000 where its name says so."""
    cells = texts_of(column)
    sample = cells.iloc[0] if len(cells) else ""
    if is_clock(sample):
        read = read_texts("2000-01-01 " + cells.astype(object), sure=True)
        if read is None or read.index.tz is not None or read.index.hasnans:
            return None
        return pd.TimedeltaIndex(read.index - pd.Timestamp("2000-01-01"))
    named = re.sub(r"[^a-z]", "", joined(name).lower()) in _CLOCK_NAMES
    if not named or not cells.str.fullmatch(r"\d{1,6}").all():
        return None
    numbers = read_numerals(column).values.astype(np.int64)
    if numbers.max() < 24:
        numbers = numbers * 10_000
    elif cells.str.len().max() <= 4:
        numbers = numbers * 100
    hours, minutes, seconds = numbers // 10_000, numbers // 100 % 100, numbers % 100
    if (hours > 23).any() or (minutes > 59).any() or (seconds > 59).any():
        return None
    return pd.TimedeltaIndex(
        (3600 * hours + 60 * minutes + seconds).astype("timedelta64[s]").astype("timedelta64[ns]")
    )
