"""Returns by month and by year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

__all__ = ["CalendarReturns", "calendar_returns"]

_LEAST_A_YEAR = 12.0


@dataclass(frozen=True)
class CalendarReturns:
    """What the calendar's months and years returned, all returns in them compounded.

    Attributes
    ----------
    months : Series
        By year and month: those that have a return. The first and the last may be cut short.
    years : Series
        By year, likewise.
    """

    months: pd.Series[float]
    years: pd.Series[float]

    @property
    def grid(self) -> pd.DataFrame:
        """Months as a row for each year, the last on top, columns 1 to 12; NaN where none is."""
        table = self.months.unstack().reindex(columns=range(1, 13))
        return pd.DataFrame(table).sort_index(ascending=False)

    @property
    def month_to_date(self) -> float:
        """The return of the last month so far."""
        return float(self.months.iloc[-1])

    @property
    def year_to_date(self) -> float:
        """The return of the last year so far."""
        return float(self.years.iloc[-1])


def calendar_returns(returns: pd.Series[float], periods_per_year: float) -> CalendarReturns | None:
    """Return the calendar's returns; None without dates, or with fewer than twelve a year."""
    dates = returns.index
    if not isinstance(dates, pd.DatetimeIndex) or periods_per_year < _LEAST_A_YEAR:
        return None
    return CalendarReturns(
        _compounded(returns, [dates.year, dates.month]), _compounded(returns, [dates.year])
    )


def _compounded(returns: pd.Series[float], by: Sequence[pd.Index[int]]) -> pd.Series[float]:
    factors = pd.Series(1.0 + returns.to_numpy())
    return factors.groupby([one.to_numpy() for one in by]).prod() - 1.0
