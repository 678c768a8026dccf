"""On which dates strategies are compared, and what a reader must know of them."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from puffin.reading import frequency_of
from puffin.validation import ReturnSeries, check_alike, one_calendar, shared_rows

__all__ = ["check_frequencies", "dates_note", "on_dates"]

_FREQUENCY_TOLERANCE = 1.5


def on_dates(series: Sequence[ReturnSeries], dates: str) -> tuple[Sequence[ReturnSeries], str]:
    """Return the series on their own dates or on those that all have, and what was compounded.

    Raises
    ------
    ValueError
        If the series cannot meet on their rows.
    """
    if not series:
        return series, ""
    if dates == "own":
        check_alike(series)
        return one_calendar(series)
    values, index, note = shared_rows(series)
    return [ReturnSeries(values[:, k], index, one.name) for k, one in enumerate(series)], note


def dates_note(series: Sequence[ReturnSeries]) -> str:
    """Say which strategies have gaps, and that they have different dates, if they do."""
    return " ".join(filter(None, [_missing(series), _different(series)]))


def check_frequencies(series: Sequence[ReturnSeries]) -> None:
    """Refuse to compare series of bars of different lengths."""
    found = {
        one.name: one.periods_per_year
        for one in series
        if frequency_of(one.index if one.calendar is None else one.calendar).said != "irregular"
    }
    if not found:
        return
    slowest, fastest = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    if found[fastest] > _FREQUENCY_TOLERANCE * found[slowest]:
        raise ValueError(
            f"returns_dict mixes frequencies: {fastest!r} has {found[fastest]:g} periods a year "
            f"and {slowest!r} {found[slowest]:g}. Resample them to one, or pass periods_per_year."
        )


def _missing(series: Sequence[ReturnSeries]) -> str:
    """Say which returns are not known, if some are not."""
    said = []
    for one in series:
        if one.calendar is None or one.index is None:
            continue
        rows = one.calendar.slice_indexer(one.index[0], one.index[-1])
        count = len(one.calendar[rows])
        if count > one.values.size:
            said.append(f"{one.name} has no return on {count - one.values.size:,} of {count:,}")
    if not said:
        return ""
    few = ", ".join(said[:5]) + (f" and {len(said) - 5} more on some" if len(said) > 5 else "")
    whose = "its" if len(said) == 1 else "their"
    return f"{few} of {whose} dates: these are left out."


def _different(series: Sequence[ReturnSeries]) -> str:
    """Say that the strategies have different dates, if they do."""
    labels = [one.labels for one in series]
    if all(np.array_equal(labels[0], one) for one in labels[1:]):
        return ""
    counts = {one.name: one.values.size for one in series}
    shortest, longest = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    shared = len(functools.reduce(np.intersect1d, labels))
    return (
        f"Each strategy is judged by its own dates, and they differ ({counts[shortest]:,} of "
        f"{shortest}, {counts[longest]:,} of {longest}; {shared:,} that all have), so that "
        "part of a difference may be one of their times. dates='shared' (puffin compare --dates "
        "shared) compares them on the same."
    )
