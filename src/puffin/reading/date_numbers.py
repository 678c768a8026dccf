"""Numbers become dates: compact ones, times since 1970, days of a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.date_order import in_order, most_likely
from puffin.reading.days import day_candidates
from puffin.reading.rules import EPOCHS, SERIALS, YEARS
from puffin.reading.zones import exchange_days

__all__ = ["MANY", "Dates", "read_numbers", "strictly_in_order", "whole_minutes"]

MANY = 10
"""So many numbers that all read as dates are no chance, in whatever order they stand."""


@dataclass(frozen=True)
class Dates:
    """Dates, and how they were understood.

    Attributes
    ----------
    index : DatetimeIndex
        Local times; NaT where there was none.
    said : str
        "day first", "milliseconds since 1970"; empty where there was no choice.
    """

    index: pd.DatetimeIndex
    said: str = ""

    @property
    def has_clock(self) -> bool:
        """Whether there are times of day."""
        known = self.index[self.index.notna()]
        return bool((known != known.normalize()).any())


def read_numbers(values: NDArray[np.float64], *, sure: bool = False) -> Dates | None:
    """Return numbers as dates, or None if they are something else.

    Whole numbers such as 20190131, 201901 and 2019; seconds and smaller units since 1970; days as
    spreadsheets number them; months as 1871.01. Unless it is sure that they are meant to be dates,
    they must rise or fall from row to row, years by one; or be ten and more such numbers, none of
    which could be anything else.
    """
    if not values.size or not np.isfinite(values).all() or (values <= 0.0).any():
        return None
    whole = bool((values == np.floor(values)).all())
    many = whole and values.size >= MANY and (values.min() >= 1e5) and whole_minutes(values)
    if not sure and not many and not strictly_in_order(values):
        return None
    if whole and values.max() < 1e8:
        return _compact(values, sure)
    low, high = float(values.min()), float(values.max())
    if high < YEARS[1] + 1.0:
        return _months_after_the_point(values)
    for epoch in EPOCHS:
        if epoch.low <= low and high < epoch.high:
            return Dates(_since_1970(values, epoch.unit), epoch.said)
    return _serials(values)


def whole_minutes(values: NDArray[np.float64]) -> bool:
    """Whether numbers that could count from 1970 count whole minutes; smaller ones cannot."""
    if values.max() < EPOCHS[0].low:
        return True
    unit = next((one.unit for one in EPOCHS if values.max() < one.high), "ns")
    minute = 60.0 * {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[unit]
    return bool((values % minute == 0.0).all() and np.ptp(values) < 0.5 * values.max())


def _compact(values: NDArray[np.float64], sure: bool) -> Dates | None:
    low, high = values.min(), values.max()
    if YEARS[0] <= low and high <= YEARS[1]:
        if not strictly_in_order(values) or not (sure or (np.diff(values) == 1.0).all()):
            return None
        width = 4
    elif low >= 1e4 and high < 1e6 and not (SERIALS[0] <= low and high <= SERIALS[1]):
        width = 6
    elif low >= 1e6:
        width = 8
    else:
        return _serials(values)
    digits = pd.Series([f"{int(value):0{width}d}" for value in values], dtype=object)
    candidates = day_candidates(digits)
    if not candidates:
        return None
    found = most_likely(candidates, str(digits.iloc[0]))
    return Dates(pd.DatetimeIndex(found.days.astype("datetime64[ns]")), found.said)


def _since_1970(values: NDArray[np.float64], unit: str) -> pd.DatetimeIndex:
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    whole = np.floor(values)
    nanoseconds = whole.astype(np.int64) * (10**9 // per_second)
    nanoseconds += np.round((values - whole) * (10**9 // per_second)).astype(np.int64)
    return exchange_days(pd.DatetimeIndex(nanoseconds.astype("datetime64[ns]"), tz="UTC"))


def _serials(values: NDArray[np.float64]) -> Dates | None:
    if not (values.min() >= SERIALS[0] and values.max() <= SERIALS[1]):
        return None
    seconds = np.round(values * 86_400.0).astype("timedelta64[s]")
    dates = (np.datetime64("1899-12-30", "s") + seconds).astype("datetime64[ns]")
    return Dates(pd.DatetimeIndex(dates), "numbered as in a spreadsheet")


def _months_after_the_point(values: NDArray[np.float64]) -> Dates | None:
    """Return 1871.01, ..., 1871.1 (October), 1871.12 as months."""
    years = np.floor(values + 1e-6)
    months = np.round(100.0 * (values - years))
    exact = np.abs(100.0 * (values - years) - months) < 1e-4
    steps = np.diff(12 * years + months)
    valid = exact & (months >= 1) & (months <= 12) & (years >= YEARS[0]) & (years <= YEARS[1])
    if not valid.all() or values.size < 3 or not (steps == steps[0]).all():
        return None
    starts = (12 * (years - 1970) + months - 1).astype(np.int64).astype("datetime64[M]")
    return Dates(pd.DatetimeIndex(starts.astype("datetime64[ns]")), "year.month")


def strictly_in_order(values: NDArray[Any]) -> bool:
    """Whether values always rise, or always fall."""
    return in_order(values) and bool((values[1:] != values[:-1]).all())
