"""Series of different calendars, such as seven days a week and five, on the dates they share.

An asset that trades on Saturdays has returns on days on which a share has none. Leaving those days
out would lose them: from Friday to Monday the asset earned all three. So returns are compounded
from one shared date to the next, and then every series has the calendar of the shared dates.

A calendar is known by its slots of the week, a weekday and a time of day. So a day that is missing
here or there, a holiday, or a column that is full of gaps makes no calendar of its own. Markets
which rest on different days of as many (Sunday to Thursday, Monday to Friday) have returns on days
that the other has not, and neither calendar is part of the other: each keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.frequency import Frequency, frequency_of

__all__ = [
    "OneCalendar",
    "SharedCalendar",
    "calendar_of",
    "calendars_differ",
    "on_one_calendar",
    "on_shared_dates",
]

_DAYS = 366.0
_WEEK = 7 * 86_400 * 10**9
_LONG = 6 * 86_400 * 10**9
_TOO_FEW = 10
_OFTEN = 0.1
_CHANCE, _MOST_FILLED, _FEWEST_WEEKS = 1e-4, 0.99, 3.0

Slots = frozenset[int]
"""Moments of the week at which a series has rows: nanoseconds since its beginning."""


@dataclass(frozen=True)
class SharedCalendar:
    """Returns on shared dates.

    Attributes
    ----------
    returns : DataFrame
        A column for each series, without NaN.
    frequency : Frequency
        That of the shared dates, by which all of them are annualised.
    compounded : tuple of str
        The series that had returns between shared dates.
    note : str
        One sentence for people; empty where nothing was compounded.
    """

    returns: pd.DataFrame
    frequency: Frequency
    compounded: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class OneCalendar:
    """Series of which none has rows at times of the week at which another always rests.

    Attributes
    ----------
    returns : dict of str to Series
        Each from its own first date to its own last.
    compounded : tuple of str
        The series that were compounded onto the dates of the others.
    note : str
        One sentence for people; empty where nothing was compounded.
    """

    returns: dict[str, pd.Series[float]]
    compounded: tuple[str, ...]
    note: str


def calendar_of(known: pd.Index[Any], rows: pd.Index[Any]) -> pd.Index[Any]:
    """Return the rows of a table at which a column could have had a value, those known among them.

    They are the rows from its first value to its last at times of the week at which it usually has
    one; all rows of the table where it has too few to tell. Values once a month in a table of days,
    or rarer in another regular way, are a calendar by themselves.
    """
    if isinstance(known, pd.DatetimeIndex) and len(known) < _TOO_FEW:
        return rows
    first, last = rows.get_indexer(known[[0, -1]])
    rows = rows[first : last + 1]
    if not isinstance(known, pd.DatetimeIndex) or len(known) == len(rows):
        return rows
    if _is_rare(known):
        as_rare = frequency_of(rows).said == frequency_of(known).said
        return rows if as_rare else known
    own = np.isin(_moments(pd.DatetimeIndex(rows)), list(_slots(known)))
    return rows[own | rows.isin(known)]


def calendars_differ(series: Mapping[str, pd.Series[float]]) -> bool:
    """Whether a series has rows at times of the week at which another, as frequent, rests."""
    return bool(_faster([one.index for one in series.values()]))


def on_one_calendar(series: Mapping[str, pd.Series[float]]) -> OneCalendar:
    r"""Return simple returns of which those on more days of the week are compounded.

    Where a series has rows at times of the week at which another rests, it is compounded onto the
    dates of the others as in `on_shared_dates`; before they begin and after they end, onto the days
    of the week on which they have rows. So it keeps its own beginning and end, and the others stay
    as they are: which series there are besides does not matter to two of the same calendar.

    Parameters
    ----------
    series : mapping of str to Series
        Simple returns, in order; left as they are unless dated. A NaN is a return that is not
        known, and makes one of what it would go into. Where stamps of days are of different hours
        or zones they become plain days.
    """
    names = list(series)
    faster = _faster([series[name].index for name in names])
    days = {name: one.set_axis(_days(one.index)) for name, one in series.items() if _dated(one)}
    if not faster:
        same = _same_hours([series[name].index for name in days])
        return OneCalendar({**series, **({} if same else days)}, (), "")
    found = {**series, **days}
    onto: dict[str, None] = {}
    for place, others in faster.items():
        one = days[names[place]]
        onto |= dict.fromkeys(names[other] for other in others)
        dates = _dates_of([days[names[other]].index for other in others], one.index)
        found[names[place]] = _compounded(one, dates)
    compounded = tuple(names[place] for place in faster)
    periods = {frequency_of(found[name].index).periods_per_year for name in compounded}
    return OneCalendar(found, compounded, _said(compounded, list(onto), periods))


def _faster(indexes: Sequence[pd.Index[Any]]) -> dict[int, list[int]]:
    """Return by place the series that never rest when others do, and the places of those others."""
    days = {k: _days(one) for k, one in enumerate(indexes) if isinstance(one, pd.DatetimeIndex)}
    if all(next(iter(days.values())).equals(one) for one in days.values()):
        return {}
    slots = {k: _slots(one) for k, one in days.items() if len(one) > 2 and not _is_rare(one)}
    bars = {k: frequency_of(days[k]).said for k in slots}
    resting = {
        k: [
            other
            for other, theirs in slots.items()
            if bars[other] == bars[k] and theirs < own and _surely_rests(days[other], theirs)
        ]
        for k, own in slots.items()
    }
    # Onto the calendars that themselves are not compounded.
    return {k: [o for o in others if not resting[o]] for k, others in resting.items() if others}


def _surely_rests(dates: pd.DatetimeIndex, slots: Slots) -> bool:
    """Whether it cannot be by chance that a series never has a row at its other times.

    If each row of its slots is missing with probability 1 - f, all of w weeks are with (1 - f)^w.
    """
    weeks = float((dates[-1] - dates[0]).value) / _WEEK
    filled = min(len(dates) / (len(slots) * max(weeks, 1.0)), _MOST_FILLED)
    return weeks >= _FEWEST_WEEKS and (1.0 - filled) ** weeks < _CHANCE


def _dates_of(slow: Sequence[pd.Index[Any]], own: pd.Index[Any]) -> pd.DatetimeIndex:
    """Return the dates among `own` at which the slow ones have rows, or would have."""
    dates = pd.DatetimeIndex(own)
    first, last = min(one[0] for one in slow), max(one[-1] for one in slow)
    slots = frozenset().union(*(_slots(pd.DatetimeIndex(one)) for one in slow))
    inside = (dates >= first) & (dates <= last)
    known = np.logical_or.reduce([dates.isin(one) for one in slow])
    usual = np.isin(_moments(dates), list(slots))
    return dates[np.where(inside, known, usual)]


def _slots(dates: pd.DatetimeIndex) -> Slots:
    moments, counts = np.unique(_moments(dates), return_counts=True)
    return frozenset(moments[counts > _OFTEN * counts.max()].tolist())


def _moments(dates: pd.DatetimeIndex) -> NDArray[np.int64]:
    return np.asarray(dates.as_unit("ns").asi8 % _WEEK)


def _is_rare(dates: pd.DatetimeIndex) -> bool:
    """Whether rows are a week or more apart, regularly."""
    if len(dates) < 3:
        return False
    steps = np.diff(dates.as_unit("ns").asi8)
    return bool(np.median(steps) >= _LONG and frequency_of(dates).said != "irregular")


def _same_hours(indexes: Sequence[pd.Index[Any]]) -> bool:
    """Whether dates have one time of the day and one zone, or each several times."""
    stamps = set()
    for index in map(pd.DatetimeIndex, indexes):
        local = index.tz_localize(None)
        hours = pd.unique(local - local.normalize())
        stamps.add((str(index.tz), hours[0] if len(hours) == 1 else None))
    return len(stamps) <= 1


def _dated(one: pd.Series[float]) -> bool:
    return isinstance(one.index, pd.DatetimeIndex)


def on_shared_dates(series: Mapping[str, pd.Series[float]]) -> SharedCalendar:
    r"""Return simple returns compounded onto the dates that all series have.

    From a shared date s to the next one t a series returns

    .. math:: \prod_{s < u \le t} (1 + r_u) - 1

    over its own dates u. The first shared date has none before it, and is left out where a series
    had returns between shared dates. Days are days, whatever the hour and the zone of their stamp.

    Parameters
    ----------
    series : mapping of str to Series
        Simple returns, dated and in order. A NaN is a return that is not known; the rows that it
        would go into are left out.

    Raises
    ------
    ValueError
        If they share fewer than two dates.
    """
    series = {name: one.set_axis(_days(one.index)) for name, one in series.items()}
    shared: pd.DatetimeIndex | None = None
    for one in series.values():
        dates = pd.DatetimeIndex(one.index)
        shared = dates if shared is None else shared.intersection(dates, sort=None)
    if shared is None or len(shared) < 2:
        count = 0 if shared is None else len(shared)
        raise ValueError(
            f"the series share {count} dates; returns are compared on shared dates, and need two."
        )
    shared = shared.sort_values()
    between = [name for name, one in series.items() if _rows_within(one, shared) > len(shared)]
    frame = pd.DataFrame({name: _compounded(one, shared) for name, one in series.items()})
    frequency = frequency_of(shared)
    known = (frame.iloc[1:] if between else frame).dropna()
    return SharedCalendar(known, frequency, tuple(between), _note(between, frequency))


def _days(index: pd.Index[Any]) -> pd.DatetimeIndex:
    """Return daily and rarer stamps as plain days, others as they are."""
    dates = pd.DatetimeIndex(index)
    if frequency_of(dates).periods_per_year > _DAYS:
        return dates
    days = dates.tz_localize(None).normalize()
    return days if days.is_unique else dates


def _rows_within(one: pd.Series[float], shared: pd.DatetimeIndex) -> int:
    return int(((one.index >= shared[0]) & (one.index <= shared[-1])).sum())


def _compounded(one: pd.Series[float], shared: pd.DatetimeIndex) -> pd.Series[float]:
    """Return the growth from each shared date to the next; the first date's own return first."""
    values = one.to_numpy(dtype=np.float64)
    places = pd.DatetimeIndex(one.index).get_indexer(shared)
    starts = np.concatenate([[places[0]], places[:-1] + 1])
    growth = np.multiply.reduceat(1.0 + values[: places[-1] + 1], starts)
    # A single return stays as it is, to the last digit.
    return pd.Series(np.where(starts == places, values[places], growth - 1.0), shared)


def _note(between: list[str], frequency: Frequency) -> str:
    if not between:
        return ""
    trade = "trades" if len(between) == 1 else "trade"
    return (
        f"{_listed(between)} {trade} on dates that others have not; returns are compounded onto "
        f"the dates that all share, and annualised by {frequency.periods_per_year:g} periods a "
        "year."
    )


def _said(compounded: Sequence[str], others: Sequence[str], periods: set[float]) -> str:
    trade, rest = ("trades", "its") if len(compounded) == 1 else ("trade", "their")
    years = " or ".join(f"{each:g}" for each in sorted(periods))
    return (
        f"{_listed(compounded)} {trade} when {_listed(others)} "
        f"{'rests' if len(others) == 1 else 'rest'}: {rest} returns are compounded onto the dates "
        f"that they share, and annualised by {years} periods a year."
    )


def _listed(names: Sequence[str]) -> str:
    few = ", ".join(names[:5])
    return few + (f" and {len(names) - 5} more" if len(names) > 5 else "")
