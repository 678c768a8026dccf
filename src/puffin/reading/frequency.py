"""How often a series is observed, and so how many periods a year has: bars are counted.

A market that rests every week has 252 days a year, by convention, of the five that a week then
has; one that never rests has 365. Nothing is read off the hour or the weekday itself, so that the
answer does not depend on a time zone, on summer time, or on which days a country rests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["CALENDAR_DAYS", "TRADING_DAYS", "Frequency", "frequency_of", "periods_per_year"]

TRADING_DAYS = 252.0
CALENDAR_DAYS = 365.0
_YEAR = 365.25
_MICROSECONDS_PER_DAY = 86_400e6
_REGULAR = (
    (6.0, 8.0, 52.0, "weekly"),
    (13.0, 15.0, 26.0, "two-weekly"),
    (27.0, 32.0, 12.0, "monthly"),
    (88.0, 93.0, 4.0, "quarterly"),
    (180.0, 185.0, 2.0, "half-yearly"),
    (364.0, 367.0, 1.0, "yearly"),
)
_ENOUGH_WEEKS, _YEAR_OF_WEEKS = 3, 50
_MOSTLY_OPEN, _FULL = 4.5, 0.975
_EVEN = 0.9
_REST = 30.0 / 24.0
_FIVE_DAYS, _SEVEN_DAYS = (4.2, 5.4), 6.5


@dataclass(frozen=True)
class Frequency:
    """How often a series is observed.

    Attributes
    ----------
    periods_per_year : float
    said : str
        "daily", "hourly", "5-minute", "irregular"; empty where there are no dates.
    """

    periods_per_year: float
    said: str


def periods_per_year(index: pd.Index[Any] | None) -> float:
    """Return the number of periods in a year of this index.

    252 for trading days, whichever days of the week they are (365 where all seven trade), 52 for
    weeks, 12 for months, 4 for quarters, 1 for years; within a day, the bars of a usual week times
    the weeks that go with 252 or 365 days. A market that is open day and night and has hardly a
    holiday in a year of bars, such as currencies, has those counted over the year. Other spacings,
    six bars a week, irregular rows and spacings that change within the series give the observations
    counted over the time they span. 252 where there are no dates, or fewer than three.
    """
    return frequency_of(index).periods_per_year


def frequency_of(index: pd.Index[Any] | None) -> Frequency:
    """Return how often an index is observed, as `periods_per_year` counts it."""
    if not isinstance(index, pd.DatetimeIndex):
        return Frequency(TRADING_DAYS, "")
    if len(index) < 3:
        return Frequency(TRADING_DAYS, "daily")
    local = index.tz_localize(None) if index.tz is not None else index
    elapsed = index.as_unit("us").asi8 / _MICROSECONDS_PER_DAY
    days = local.as_unit("us").asi8 / _MICROSECONDS_PER_DAY
    spacing = float(np.median(np.diff(elapsed)))
    if spacing < 0.9:
        return _within_a_day(days, elapsed, spacing)
    if spacing < 1.5:
        return _daily(days, elapsed)
    counted = _counted(elapsed)
    irregular = Frequency(counted, "irregular")
    if 13.0 <= spacing <= 17.0 and not _on_one_weekday(days):
        return Frequency(24.0, "half-monthly") if _mostly(np.diff(elapsed), spacing) else irregular
    for low, high, periods, said in _REGULAR:
        if low <= spacing <= high and _mostly(np.diff(elapsed), spacing):
            return Frequency(periods, said)
    even = np.mean(np.diff(elapsed) == spacing) >= _EVEN
    return Frequency(counted, f"{spacing:g}-day") if even and spacing % 1.0 == 0.0 else irregular


def _counted(elapsed: NDArray[np.float64]) -> float:
    """Return the steps counted over the time they span, in a year."""
    return float((elapsed.size - 1) / (elapsed[-1] - elapsed[0]) * _YEAR)


def _changes(counts: NDArray[np.int64]) -> bool:
    """Whether usual weeks say little of the others, as where months become days, or days hours."""
    return not 0.8 <= float(counts.mean()) / float(np.median(counts)) <= 1.25


def _mostly(steps: NDArray[np.float64], usual: float) -> bool:
    """Whether most steps are about as long as the usual one."""
    return bool(np.mean(np.abs(steps - usual) <= 0.25 * usual + 0.5) >= 0.6)


def _on_one_weekday(days: NDArray[np.float64]) -> bool:
    """Whether most rows are of the same weekday, as every other week has them."""
    counts = np.bincount(np.floor(days).astype(np.int64) % 7)
    return bool(counts.max() >= 0.7 * counts.sum())


def _weekly_counts(days: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bars of each week, from the first bar on, in which there are any."""
    weeks = np.floor((days - np.floor(days[0])) / 7.0).astype(np.int64)
    counts = np.unique(weeks, return_counts=True)[1].astype(np.int64)
    whole = days[-1] >= np.floor(days[0]) + 7.0 * (weeks[-1] + 1) - 1.0
    return counts if whole else counts[:-1]


def _daily(days: NDArray[np.float64], elapsed: NDArray[np.float64]) -> Frequency:
    counts = _weekly_counts(days)
    if counts.size < _ENOUGH_WEEKS:
        weekdays = np.unique(np.floor(days).astype(np.int64) % 7).size
        return Frequency(CALENDAR_DAYS if weekdays == 7 else TRADING_DAYS, "daily")
    if _changes(counts):
        return Frequency(_counted(elapsed), "irregular")
    usual, mean = float(np.median(counts)), float(counts.mean())
    if mean > _SEVEN_DAYS or usual == 7.0:
        return Frequency(CALENDAR_DAYS, "daily")
    if _FIVE_DAYS[0] <= mean <= _FIVE_DAYS[1] or usual == 5.0:
        return Frequency(TRADING_DAYS, "daily")
    said = "daily" if mean > _FIVE_DAYS[1] else "irregular"
    return Frequency(mean * _YEAR / 7.0, said)


def _within_a_day(
    days: NDArray[np.float64], elapsed: NDArray[np.float64], spacing: float
) -> Frequency:
    steps = np.diff(elapsed)
    if np.mean(np.abs(steps - spacing) <= 0.3 * spacing) < 0.5:
        return Frequency(_counted(elapsed), "irregular")
    said = _bar(spacing)
    rests = _rests_weekly(elapsed)
    counts = _weekly_counts(days)
    if counts.size >= _ENOUGH_WEEKS and _changes(counts):
        return Frequency(_counted(elapsed), "irregular")
    if counts.size >= _YEAR_OF_WEEKS and _hardly_ever_closes(counts, spacing):
        return Frequency(float(counts.mean()) * _YEAR / 7.0, said)
    if counts.size >= _ENOUGH_WEEKS:
        weeks = TRADING_DAYS / 5.0 if rests else CALENDAR_DAYS / 7.0
        return Frequency(float(np.median(counts)) * weeks, said)
    bars = np.unique(np.floor(days), return_counts=True)[1]
    return Frequency(float(np.median(bars)) * (TRADING_DAYS if rests else CALENDAR_DAYS), said)


def _hardly_ever_closes(counts: NDArray[np.int64], spacing: float) -> bool:
    """Whether a market is open day and night in its weeks, and has hardly a holiday.

    252 days are 97% of the five in each week; futures that close on three days have 98%.
    """
    usual = float(np.median(counts))
    day_and_night = _MOSTLY_OPEN <= usual * spacing < _SEVEN_DAYS
    return day_and_night and float(counts.mean()) >= _FULL * usual


def _rests_weekly(elapsed: NDArray[np.float64]) -> bool:
    """Whether a market rests for more than a day in most weeks; if unknown, that it does."""
    span = elapsed[-1] - elapsed[0]
    rests = int(np.count_nonzero(np.diff(elapsed) > _REST))
    return span < 6.0 or (rests > 0 and rests >= 0.5 * np.floor(span / 7.0))


def _bar(spacing: float) -> str:
    minutes = spacing * 1440.0
    if abs(minutes - 60.0) < 0.5:
        return "hourly"
    if minutes >= 59.5:
        return f"{minutes / 60.0:.3g}-hour"
    return f"{minutes:.3g}-minute" if minutes >= 0.95 else f"{minutes * 60.0:.3g}-second"
