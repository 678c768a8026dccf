"""The labels of rows: dates, in order, or others."""

from __future__ import annotations

import datetime
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading import index_as_dates, is_dates_as_text

__all__ = [
    "Labels",
    "as_time_index",
    "as_timestamp",
    "counts_rows",
    "is_dated",
    "places_in",
    "row_label",
    "timezone_name",
]

Labels: TypeAlias = "pd.Index[Any]"
"""Dates or other labels, one a row."""


def is_dated(index: Labels | None) -> bool:
    """Whether the index is made of dates."""
    return isinstance(index, pd.DatetimeIndex)


def counts_rows(index: Labels) -> bool:
    """Whether labels are the numbers of rows, of which some may have been left out."""
    whole = pd.api.types.is_integer_dtype(index.dtype)
    return whole and index.is_monotonic_increasing and bool(index[0] >= 0)


def as_time_index(argument: str, index: Labels) -> Labels | None:
    """Return the index of a series in time, checked; None for a plain row number.

    Periods become the timestamps at which they start, numbers the dates that they stand for.
    """
    if isinstance(index, pd.RangeIndex):
        return None
    if isinstance(index, pd.MultiIndex):
        raise TypeError(
            f"{argument} has an index of {index.nlevels} levels; keep one, for example with "
            ".droplevel(0)."
        )
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if isinstance(index, pd.TimedeltaIndex):
        raise ValueError(
            f"{argument} has durations for its index; add the date at which they begin, for "
            "example with .set_axis(pd.Timestamp('2020-01-01') + returns.index)."
        )
    first = index[0] if len(index) else None
    if isinstance(first, datetime.date) and not is_dated(index):
        index = pd.DatetimeIndex(index)
    if is_dates_as_text(index):
        raise ValueError(
            f"{argument} has dates as text ({first!r}) for its index; convert them first, for "
            "example with .set_axis(puffin.reading.read_texts(returns.index.to_series()).index)."
        )
    index = index_as_dates(argument, index)
    if index.hasnans:
        position = int(np.flatnonzero(np.asarray(index.isna()))[0])
        raise ValueError(f"{argument} has a missing date at row {position}; drop or fill that row.")
    if index.has_duplicates:
        repeated = index[index.duplicated()]
        raise ValueError(
            f"{argument} repeats {len(repeated)} of its dates, first {row_label(repeated[0])}; "
            "keep one row a date, for example with .groupby(level=0).last()."
        )
    if isinstance(index, pd.DatetimeIndex) and not index.is_monotonic_increasing:
        backwards = int(np.flatnonzero(np.diff(index.asi8) < 0)[0]) + 1
        raise ValueError(
            f"{argument} is not in order of time: {row_label(index[backwards])} comes after "
            f"{row_label(index[backwards - 1])}; sort it with .sort_index()."
        )
    return index


def as_timestamp(label: object, index: pd.DatetimeIndex) -> pd.Timestamp:
    """Return a label as a date to compare with those of an index, in its time zone.

    One without a time zone is what a clock there shows.

    Raises
    ------
    TypeError, ValueError
        If it is no date, or one that the clock there never showed or showed twice.
    """
    date = pd.Timestamp(label)  # type: ignore[arg-type]
    naive = index.tz is not None and date.tz is None
    here = date.tz_localize(index.tz, ambiguous="NaT", nonexistent="NaT") if naive else date
    if not isinstance(here, pd.Timestamp):
        raise ValueError(f"{label!r} is no date of the time zone {index.tz}, or one of two.")
    return here


def places_in(argument: str, labels: Labels, index: Labels) -> NDArray[np.intp]:
    """Return in which row of an argument each label of the returns is, -1 where in none.

    Raises
    ------
    ValueError
        If dates would be compared with other labels, or with a time zone with those without.
    """
    if isinstance(index, pd.DatetimeIndex) != isinstance(labels, pd.DatetimeIndex):
        raise ValueError(f"{argument} and returns must both have dates, or neither.")
    if isinstance(index, pd.DatetimeIndex) and isinstance(labels, pd.DatetimeIndex):
        if (index.tz is None) != (labels.tz is None):
            raise ValueError(
                f"{argument} and returns must both have dates with a time zone, or both without."
            )
        if index.tz is not None:
            labels = labels.tz_convert(index.tz)
    return np.asarray(labels.get_indexer(index))


def timezone_name(zone: datetime.tzinfo) -> str:
    """Return a name of the time zone that pandas reads on any system.

    Raises
    ------
    ValueError
        If there is none.
    """
    epoch = pd.Timestamp(0, tz="UTC")
    path = str(getattr(zone, "_filename", ""))  # of dateutil's zones, which print it
    offset = zone.utcoffset(None)
    fixed = "" if offset is None else str(datetime.timezone(offset))
    for name in (str(zone), path.partition("zoneinfo/")[2], fixed):
        try:
            epoch.tz_convert(name or "no such zone")
        except (KeyError, ValueError):
            continue
        return name
    raise ValueError(f"The time zone {zone} has no name; convert the dates with .tz_convert.")


def row_label(label: object) -> str:
    """Return a date without an idle clock time, and anything else as it prints."""
    if isinstance(label, pd.Timestamp):
        return str(label.date()) if label == label.normalize() else str(label)
    return str(label)
