"""Series of different calendars, such as seven days a week and five, on the dates they share.

An asset that trades on Saturdays has returns on days on which a share has none. Leaving those days
out would lose them: from Friday to Monday the asset earned all three. So returns are compounded
from one shared date to the next, and then every series has the calendar of the shared dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.reading.frequency import Frequency, frequency_of

__all__ = ["SharedCalendar", "calendars_differ", "on_shared_dates"]

_DIFFERENT = 1.1
_DAYS = 366.0


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


def calendars_differ(series: Mapping[str, pd.Series[float]]) -> bool:
    """Whether dated series have different numbers of periods a year, by more than a tenth."""
    periods = [
        frequency_of(one.index).periods_per_year
        for one in series.values()
        if isinstance(one.index, pd.DatetimeIndex)
    ]
    return len(periods) > 1 and max(periods) > _DIFFERENT * min(periods)


def on_shared_dates(series: Mapping[str, pd.Series[float]]) -> SharedCalendar:
    r"""Return simple returns compounded onto the dates that all series have.

    From a shared date s to the next one t a series returns

    .. math:: \prod_{s < u \le t} (1 + r_u) - 1

    over its own dates u. The first shared date has none before it, and is left out where a series
    had returns between shared dates. Days are days, whatever the hour and the zone of their stamp.

    Parameters
    ----------
    series : mapping of str to Series
        Simple returns, dated, in order and without NaN.

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
    return SharedCalendar(
        frame.iloc[1:] if between else frame, frequency, tuple(between), _note(between, frequency)
    )


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
    return pd.Series(growth - 1.0, shared)


def _note(between: list[str], frequency: Frequency) -> str:
    if not between:
        return ""
    names = ", ".join(between[:5]) + (f" and {len(between) - 5} more" if len(between) > 5 else "")
    trade = "trades" if len(between) == 1 else "trade"
    return (
        f"{names} {trade} on dates that others have not; returns are compounded onto the dates "
        f"that all share, and annualised by {frequency.periods_per_year:g} periods a year."
    )
