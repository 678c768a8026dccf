"""Periods without a row: months left out of a monthly series, or a hole in a daily one.

Where one is missing, the return from the row before it to the row after it spans two periods and
counts as one. Weekends, holidays and halts are no gaps: a market that rests is only noticed when it
does for longer than any exchange is closed for a festival.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.frequency import CALENDAR_DAYS, Frequency, frequency_of

__all__ = ["missing_periods"]

_DAY = 86_400e9
_YEAR = 365.25
_SKIPS = 1.7
_LONGEST_CLOSURE = 14.0
_NOUNS = {
    "weekly": "week",
    "two-weekly": "fortnight",
    "half-monthly": "half-month",
    "monthly": "month",
    "quarterly": "quarter",
    "half-yearly": "half-year",
    "yearly": "year",
}


def missing_periods(index: pd.Index[Any] | None) -> str:
    """Say for how many periods an index has no row, and where first; empty if for none.

    Of weeks, months and other even spacings each step of 1.7 periods and more leaves some out; of
    days without a day of rest, too. Of other days and of bars within a day only a stretch of more
    than two weeks counts. Irregular rows have no gaps.

    Parameters
    ----------
    index : pandas.Index or None
        In order of time.

    Returns
    -------
    str
        Such as "no row for 3 months, the first between 2019-03-31 and 2019-05-31".
    """
    every = frequency_of(index)
    if not isinstance(index, pd.DatetimeIndex) or len(index) < 3 or every.said == "irregular":
        return ""
    steps = np.diff(index.as_unit("ns").asi8) / _DAY
    noun, missing = _missing(every, steps)
    gaps = np.flatnonzero(missing)
    if not gaps.size:
        return ""
    count, first = int(missing.sum()), int(gaps[0])
    where = "" if gaps.size == 1 else "the first "
    return (
        f"no row for {count:,} {noun}{'' if count == 1 else 's'}, {where}between "
        f"{index[first]:%Y-%m-%d} and {index[first + 1]:%Y-%m-%d}"
    )


def _missing(every: Frequency, steps: NDArray[np.float64]) -> tuple[str, NDArray[np.int64]]:
    """Return what a period is called, and how many of them each step leaves out."""
    days_only = every.said == "daily" and every.periods_per_year == CALENDAR_DAYS
    even = every.said in _NOUNS or every.said.endswith("-day") or days_only
    if not even:
        return "day", np.where(steps > _LONGEST_CLOSURE, np.round(steps) - 1, 0).astype(np.int64)
    noun = "day" if days_only else _NOUNS.get(every.said, f"{every.said} period")
    periods = steps * every.periods_per_year / _YEAR
    return noun, np.where(periods >= _SKIPS, np.round(periods) - 1, 0).astype(np.int64)
