"""Which rows are the same: by the day or the instant that their labels mean, whatever their text.

A file that comes every day has another offset from UTC after the clocks change, or comes from
another source with another time zone or none, and a history that a spreadsheet saved has dates in
its own style. The rows stay the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from puffin.reading import ReadingError, read_texts
from puffin.validation import Labels, ReturnSeries, row_label

__all__ = ["labels_of", "matched", "of_texts", "on_clock_of", "row_text"]

_ISO = r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?([-+]\d\d:\d\d)?"


def labels_of(series: ReturnSeries) -> Labels:
    """Return the labels of a series: row numbers where it has no index."""
    return pd.RangeIndex(series.values.size) if series.index is None else series.index


def row_text(series: ReturnSeries, t: int, like: ReturnSeries) -> str:
    """Return the label of a row as text from which `of_texts` makes the same row again.

    A day where it is midnight on the clock of `like`; another time zone is written out.
    """
    if series.timezone is None:
        series = on_clock_of(like, series)
    label = labels_of(series)[t]
    return row_label(label) if series.timezone == like.timezone else str(label)


def on_clock_of(like: ReturnSeries, series: ReturnSeries) -> ReturnSeries:
    """Return a series with the time zone of another one, or without one as that."""
    if not isinstance(series.index, pd.DatetimeIndex):
        return series
    if not isinstance(like.index, pd.DatetimeIndex):
        return series
    return replace(series, index=_on_clock(like.index, series.index))


def matched(one: Labels, other: Labels) -> tuple[Labels, Labels]:
    """Return two indexes in terms in which rows that are the same have equal labels.

    Where both have one row a day, that is the day on the clock on the wall. Otherwise it is the
    instant, or what the clock shows where one of them has no time zone. Labels that are no dates
    are compared as text.

    Raises
    ------
    ValueError
        If rows can only be told apart by a time zone that one of them does not have.
    """
    if not isinstance(one, pd.DatetimeIndex) or not isinstance(other, pd.DatetimeIndex):
        return one.map(row_label), other.map(row_label)
    clocks = one.tz_localize(None), other.tz_localize(None)
    days = clocks[0].normalize(), clocks[1].normalize()
    if days[0].is_unique and days[1].is_unique:
        return days
    if one.tz is not None and other.tz is not None:
        return one.tz_convert("UTC"), other.tz_convert("UTC")
    if not clocks[0].is_unique or not clocks[1].is_unique:
        raise ValueError("Some dates have a time zone, others none; write all of them one way.")
    return clocks


def of_texts(texts: Sequence[str], like: Labels) -> Labels:
    """Return labels that were written as text as an index of the kind of another one.

    Parameters
    ----------
    texts : sequence of str
        As `row_label` writes them, or as dates in any style that `reading` understands.
    like : Index
        Of the returns. Dates in which day and month could be swapped are taken the way in which
        they are among these.

    Raises
    ------
    ValueError
        If they are not understood.
    """
    if isinstance(like, pd.RangeIndex):
        return pd.Index([int(text) for text in texts])
    if not isinstance(like, pd.DatetimeIndex):
        return pd.Index(texts, dtype=object)
    found = _iso(texts, like)
    return _of_any_style(texts, like) if found is None else found


def _iso(texts: Sequence[str], like: pd.DatetimeIndex) -> pd.DatetimeIndex | None:
    """Return ISO dates; those without an offset are on the clock of `like`."""
    parts = pd.Series(texts, dtype=object).str.extract(f"^{_ISO}$")
    if parts[0].isna().any():
        return None
    clock = parts[0] + " " + parts[1].fillna("00:00:00")
    local = pd.DatetimeIndex(pd.to_datetime(clock, format="ISO8601"))
    if like.tz is None:
        return local
    instants = pd.to_datetime(clock + parts[2].fillna("+00:00"), format="ISO8601", utc=True)
    zoned = local.tz_localize(like.tz, ambiguous="NaT", nonexistent="NaT").tz_convert("UTC")
    given = parts[2].notna().to_numpy()
    found = pd.DatetimeIndex(np.where(given, pd.DatetimeIndex(instants), zoned), tz="UTC")
    return found.tz_convert(like.tz)


def _of_any_style(texts: Sequence[str], like: pd.DatetimeIndex) -> pd.DatetimeIndex:
    cells = pd.Series(texts, dtype=object)
    try:
        return _on_clock(like, _read(cells, None))
    except ReadingError:
        # Day and month could be swapped: only one way is that of the returns.
        ways = [_on_clock(like, _read(cells, first)) for first in ("day", "month")]
        fitting = []
        for way in ways:
            keys, known = matched(way, like)
            if keys.isin(known).all():
                fitting.append(way)
        if len(fitting) != 1:
            raise
        return fitting[0]


def _read(cells: pd.Series[str], first: str | None) -> pd.DatetimeIndex:
    found = read_texts(cells, asked=first, sure=True)
    if found is None or found.index.hasnans:
        raise ValueError(f"{cells.iloc[0]!r} and others in its first column are no dates")
    return found.index


def _on_clock(like: pd.DatetimeIndex, index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return dates with the time zone of others, or without one as these."""
    if like.tz is None:
        return index.tz_localize(None)
    return index.tz_convert(like.tz) if index.tz is not None else index.tz_localize(like.tz)
