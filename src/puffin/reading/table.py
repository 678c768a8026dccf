"""What was read: numbers in order of time, and how they were understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from puffin.reading.calendars import calendar_of
from puffin.reading.date_column import listed
from puffin.reading.errors import ReadingError
from puffin.reading.frequency import Frequency, frequency_of, periods_per_year
from puffin.reading.gaps import missing_periods

__all__ = ["Request", "Table"]

_TOLD = 3


@dataclass(frozen=True)
class Request:
    """What a person says of a file, so that it need not be found out.

    Attributes
    ----------
    date_column : str, optional
    date_order : {"day", "month", "year"}, optional
        What comes first in a date.
    unit : str, optional
        A key of `UNITS`.
    decimal : {"point", "comma"}, optional
    capital : float, optional
        What earned the profits, where they are in money.
    """

    date_column: str | None = None
    date_order: str | None = None
    unit: str | None = None
    decimal: str | None = None
    capital: float | None = None


@dataclass(frozen=True)
class Table:
    """A file, read.

    Attributes
    ----------
    numbers : DataFrame
        All columns of numbers, in order of time: indexed by dates, or by row number. NaN where a
        cell is empty.
    columns : tuple of str
        Those that a command takes unless others are chosen.
    dates_said : str
        How the dates were understood; empty where there was no choice.
    prices : frozenset of str
        Columns that are prices beyond doubt: closes of bars.
    percent, money : frozenset of str
        Columns whose cells have percent signs, or signs of a currency.
    bars : dict of str to DataFrame
        For each price taken from bars: open, high, low, close, adjusted, volume, as far as there.
    bars_said : str
        "the adjusted close"; empty without bars.
    rejected : dict of str to str
        Columns that hold something else than numbers, and where.
    left_out : tuple of str
        What is in the file and not in here, for people.
    request : Request
    """

    numbers: pd.DataFrame
    columns: tuple[str, ...]
    dates_said: str = ""
    prices: frozenset[str] = frozenset()
    percent: frozenset[str] = frozenset()
    money: frozenset[str] = frozenset()
    bars: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    bars_said: str = ""
    rejected: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    request: Request = field(default_factory=Request)

    @property
    def date_order(self) -> str | None:
        """What comes first in a date, as `Request` has it; None where there was no choice."""
        word, _, first = self.dates_said.partition(" ")
        return word if first == "first" else self.request.date_order

    @property
    def frequency(self) -> Frequency:
        """How often there is a row."""
        return frequency_of(self.numbers.index)

    def chosen(self, asked: Sequence[str] = (), needed: Sequence[str] = ()) -> list[str]:
        """Return the columns to use, in the file's order: those asked for, or all that are data.

        Raises
        ------
        ReadingError
            If there is no such column, or none at all.
        """
        there = [*self.numbers.columns, *self.rejected]
        for name in (*asked, *needed):
            if name not in there:
                raise ReadingError(f"there is no column {name!r}; {listed(self._shown(there))}")
        names = [
            name
            for name in there
            if name in asked or name in needed or (not asked and name in self.columns)
        ]
        if not names:
            raise ReadingError("the file has dates but no column of returns.")
        return names

    def _shown(self, there: Sequence[str]) -> list[str]:
        return sorted(there, key=lambda name: name not in self.columns)

    def line(self, names: Sequence[str], rows: int, unit: str) -> str:
        """Return the sentence that says what was read.

        Parameters
        ----------
        names : sequence of str
            The columns in use.
        rows : int
            How many rows of returns (or of prices) they have.
        unit : str
            What was understood of the numbers.
        """
        every = self.frequency
        columns = f"1 column ({names[0]})" if len(names) == 1 else f"{len(names)} columns"
        often = f"{every.said} " if every.said else ""
        calendars = self._calendars(names)
        year = self._year(calendars)
        dates = ", ".join(part for part in (self._span(), self._dates(), year) if part)
        left = f"; left out: {', '.join(self.left_out)}" if self.left_out else ""
        what = f"read {rows:,} {often}{self._noun(unit)} of {columns}, {dates}; {unit}"
        return f"{what}{left}{_gaps(calendars)}"

    def _noun(self, unit: str) -> str:
        return "prices" if unit == "prices" else "returns"

    def _span(self) -> str:
        index = self.numbers.index
        if not isinstance(index, pd.DatetimeIndex):
            return "no dates"
        days = bool((index == index.normalize()).all())
        form = "%Y-%m-%d" if days else "%Y-%m-%d %H:%M"
        first, last = index[0].strftime(form), index[-1].strftime(form)
        zone = "" if index.tz is None else f" ({index.tz})"
        return f"{first} to {last}{zone}"

    def _dates(self) -> str:
        return f"dates {self.dates_said}" if self.dates_said else ""

    def _calendars(self, names: Sequence[str]) -> dict[str, pd.Index[Any]]:
        """Return the rows at which each column could have had a value, if it has any."""
        rows = self.numbers.index
        known = {name: rows[self.numbers[name].notna()] for name in names}
        return {name: calendar_of(one, rows) for name, one in known.items() if len(one)}

    def _year(self, calendars: Mapping[str, pd.Index[Any]]) -> str:
        """Return how many periods a year has, of the calendar of each column."""
        found = {periods_per_year(one) for one in calendars.values()}
        said = " or ".join(dict.fromkeys(map(_counted, sorted(found))))
        return f"{said} a year" if self.frequency.said else f"taken as {said} a year"


def _gaps(calendars: Mapping[str, pd.Index[Any]]) -> str:
    """Say which periods have no row, and in which columns if not in all."""
    missing = {name: missing_periods(one) for name, one in calendars.items()}
    found = {name: said for name, said in missing.items() if said}
    if not found:
        return ""
    if len(set(missing.values())) == 1:
        parts = [next(iter(found.values()))]
    else:
        parts = [f"{name} has {said}" for name, said in list(found.items())[:_TOLD]]
        more = len(found) - _TOLD
        parts += [f"{more} more have gaps"] if more > 0 else []
    return f"; {'; '.join(parts)} (a return over several counts as one)"


def _counted(periods: float) -> str:
    return f"{periods:,.0f}" if abs(periods - round(periods)) < 0.01 else f"{periods:,.1f}"
