"""Local times and their offsets from UTC become one index; local days stay the days they are."""

from __future__ import annotations

from datetime import timedelta, timezone

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.errors import ReadingError
from puffin.reading.rules import ZONES

__all__ = ["exchange_days", "placed"]

_MINUTE = np.timedelta64(1, "m")
_HOUR_NS, _DAY_NS = 3_600_000_000_000, 86_400_000_000_000
_SUNDAY, _SATURDAY, _FRIDAY = 6, 5, 4


def placed(local: pd.DatetimeIndex, offsets: NDArray[np.float64]) -> pd.DatetimeIndex:
    """Return local times, with the time zone that their offsets show.

    Days (midnights) stay plain days, whatever their offsets. Times within a day keep a constant
    offset; where it changes, the zone whose summer time it follows is looked for.

    Parameters
    ----------
    local : DatetimeIndex
        As the clock on the wall shows them.
    offsets : ndarray of shape (n,)
        Minutes ahead of UTC; NaN where none is given.
    """
    given = np.isfinite(offsets)
    if not given.any():
        return local
    if not given.all():
        raise ReadingError(
            "some dates have a UTC offset and others have none; write all of them the same way."
        )
    if _are_midnights(local):
        return local
    instants = pd.DatetimeIndex(local.to_numpy() - offsets.astype(np.int64) * _MINUTE, tz="UTC")
    if not offsets.any():
        return exchange_days(instants)
    if (offsets == offsets[0]).all():
        return instants.tz_convert(_fixed(offsets[0]))
    if len(np.unique(local.normalize())) == len(local):
        return local
    for name in ZONES:
        found = instants.tz_convert(name)
        if (found.tz_localize(None) == local).all():
            return found
    usual, counts = np.unique(offsets, return_counts=True)
    return instants.tz_convert(_fixed(usual[counts.argmax()]))


def exchange_days(instants: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return days, where instants in UTC are one a day at an exchange's midnight, else instants.

    An exchange east of Greenwich opens a new day while UTC has the evening before, so that its
    Mondays look like Sundays: Sunday to Thursday, late in the day, becomes Monday to Friday.
    """
    times = instants.tz_localize(None)
    if _are_midnights(times):
        return times
    clock = np.unique(times.as_unit("ns").asi8 % _DAY_NS)
    days = times.normalize()
    daily = clock.size <= 2 and np.ptp(clock) in (0, _HOUR_NS) and days.is_unique
    if not daily or len(days) < 5:
        return instants
    weekdays = set(days.day_of_week)
    evenings = clock[0] >= 12 * _HOUR_NS
    if evenings and _SUNDAY in weekdays and not weekdays & {_FRIDAY, _SATURDAY}:
        return days + pd.Timedelta(days=1)
    return days


def _are_midnights(times: pd.DatetimeIndex) -> bool:
    known = times[times.notna()]
    return bool((known == known.normalize()).all())


def _fixed(minutes: float) -> timezone:
    return timezone(timedelta(minutes=float(minutes)))
