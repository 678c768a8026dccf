"""Which column holds the dates, and how they are written."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from puffin.cli.failures import BadInputError
from puffin.cli.reading.files import listed_columns

__all__ = ["split_off_dates"]

_COMPACT = {8: "%Y%m%d", 6: "%Y%m", 4: "%Y"}
_YEARS = (1800, 2200)
_MOSTLY = 0.5


def split_off_dates(frame: pd.DataFrame, named: str | None) -> pd.DataFrame:
    """Return the frame in order of time, indexed by its dates, or by row number if it has none.

    Dates are in the column that is named, else in the index (of a Parquet file), else in the first
    column, unless that holds numbers that are not dates (20240131, 202401 and rising years are).
    A first column that only numbers the rows is left out.

    Raises
    ------
    BadInputError
        If dates are unreadable, missing or repeated.
    """
    if named is not None:
        if named in frame.columns:
            return _dated(frame.drop(columns=named), _read_dates(frame[named], f"column {named!r}"))
        if named == frame.index.name and isinstance(frame.index, pd.DatetimeIndex):
            return _dated(frame, frame.index)
        raise BadInputError(
            f"there is no column {named!r} to take dates from; {listed_columns(frame)}"
        )
    if isinstance(frame.index, pd.DatetimeIndex):
        return _dated(frame, frame.index)
    name = frame.columns[0]
    first, rest = frame[name], frame.drop(columns=name)
    if pd.api.types.is_numeric_dtype(first.dtype):
        dates = _compact_dates(first)
        if dates is not None:
            return _dated(rest, dates)
        return _undated(rest if len(rest.columns) and _numbers_rows(first) else frame)
    if _holds_text_among_numbers(first):
        return _undated(frame)
    where = f"the first column, {name!r}," if name else "the first column"
    return _dated(rest, _read_dates(first, where))


def _read_dates(column: pd.Series[Any], where: str) -> pd.DatetimeIndex:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        dates = pd.DatetimeIndex(column)
    elif pd.api.types.is_numeric_dtype(column.dtype):
        compact = _compact_dates(column)
        if compact is None:
            raise BadInputError(f"{where} holds numbers that are not dates: {column.iloc[0]}.")
        dates = compact
    else:
        dates = _parse(column.astype(str).where(column.notna()), where)
    return dates


def _parse(texts: pd.Series[Any], where: str) -> pd.DatetimeIndex:
    """Return dates written in any one way: ISO 8601, month first, or day first."""
    attempts = [_attempt(texts, format="ISO8601")]
    if _unread(attempts[0]) > int(texts.isna().sum()):
        attempts += [_attempt(texts), _attempt(texts, dayfirst=True)]
    best = min(attempts, key=_unread)
    unread = np.flatnonzero(best.isna() & texts.notna().to_numpy())
    if unread.size:
        raise BadInputError(
            f"{where} must hold dates; found {texts.iloc[unread[0]]!r} in row {unread[0] + 1} "
            "(--date-column names another column)."
        )
    if len(attempts) > 1:
        _warn_if_ambiguous(attempts[1], attempts[2], texts.iloc[0])
    return best


def _unread(dates: pd.DatetimeIndex) -> int:
    return int(np.count_nonzero(dates.isna()))


def _attempt(texts: pd.Series[Any], **how: Any) -> pd.DatetimeIndex:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pd.DatetimeIndex(pd.to_datetime(texts, errors="coerce", **how))
        except ValueError:  # offsets that differ, as with daylight saving time
            return pd.DatetimeIndex(pd.to_datetime(texts, errors="coerce", utc=True, **how))


def _warn_if_ambiguous(
    month_first: pd.DatetimeIndex, day_first: pd.DatetimeIndex, example: str
) -> None:
    if month_first.hasnans or day_first.hasnans or month_first.equals(day_first):
        return
    warnings.warn(
        f"dates such as {example} are read month first, as {month_first[0]:%Y-%m-%d}; if that is "
        "wrong, write them as YYYY-MM-DD.",
        UserWarning,
        stacklevel=2,
    )


def _compact_dates(column: pd.Series[Any]) -> pd.DatetimeIndex | None:
    """Return whole numbers as dates if all of them read as one: 20240131, 202401, or years."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(values).all() or (values != np.floor(values)).any() or not values.size:
        return None
    digits = len(str(int(values[0])))
    if digits not in _COMPACT or (digits == 4 and not (np.diff(values) > 0).all()):
        return None
    texts = pd.Series(values.astype(np.int64).astype(str))
    dates = pd.DatetimeIndex(pd.to_datetime(texts, format=_COMPACT[digits], errors="coerce"))
    years_are_likely = ((dates.year >= _YEARS[0]) & (dates.year <= _YEARS[1])).all()
    return dates if years_are_likely and not dates.hasnans else None


def _holds_text_among_numbers(column: pd.Series[Any]) -> bool:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return False
    return bool(pd.to_numeric(column, errors="coerce").notna().mean() > _MOSTLY)


def _numbers_rows(column: pd.Series[Any]) -> bool:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return values.size > 1 and values[0] in (0.0, 1.0) and bool((np.diff(values) == 1.0).all())


def _dated(frame: pd.DataFrame, dates: pd.DatetimeIndex) -> pd.DataFrame:
    missing = np.flatnonzero(dates.isna())
    if missing.size:
        raise BadInputError(f"row {missing[0] + 1} has no date.")
    repeated = dates[dates.duplicated()]
    if len(repeated):
        first = repeated[0]
        shown = f"{first:%Y-%m-%d}" if first == first.normalize() else str(first)
        count = "a date" if len(repeated) == 1 else f"{len(repeated)} dates"
        raise BadInputError(f"the file repeats {count}, first {shown}; keep one row a date.")
    return frame.set_axis(dates, axis="index").sort_index()


def _undated(frame: pd.DataFrame) -> pd.DataFrame:
    # Not a RangeIndex: columns that start late still meet the others on the same row.
    return frame.set_axis(pd.Index(np.arange(len(frame))), axis="index")
