"""How many periods a year has, read off the dates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.validation.index import Labels

__all__ = ["TRADING_DAYS", "periods_per_year"]

TRADING_DAYS = 252.0
_CALENDAR_DAYS = 365.0
_YEAR = 365.25
_NANOSECONDS_PER_DAY = 86_400e9
_REGULAR = ((6.0, 8.0, 52.0), (27.0, 32.0, 12.0), (88.0, 93.0, 4.0), (364.0, 367.0, 1.0))
_WEEKEND_SHARE = 0.05


def periods_per_year(index: Labels | None) -> float:
    """Return the number of periods in a year of this index.

    252 for trading days (365 where weekends trade), 52 for weeks, 12 for months, 4 for quarters,
    1 for years; within a day, the usual number of bars a day times the days a year. Other
    spacings give the observations counted over the time they span. 252 where there are no
    dates, or fewer than three.
    """
    if not isinstance(index, pd.DatetimeIndex) or len(index) < 3:
        return TRADING_DAYS
    days = index.as_unit("ns").asi8 / _NANOSECONDS_PER_DAY
    spacing = float(np.median(np.diff(days)))
    weekend = float(np.mean(index.day_of_week >= 5))
    days_per_year = _CALENDAR_DAYS if weekend > _WEEKEND_SHARE else TRADING_DAYS
    if spacing < 0.9:
        bars = np.unique(index.normalize().asi8, return_counts=True)[1]
        return float(np.median(bars)) * days_per_year
    if spacing < 1.5:
        return days_per_year
    for low, high, periods in _REGULAR:
        if low <= spacing <= high:
            return periods
    return float((len(index) - 1) / (days[-1] - days[0]) * _YEAR)
