"""Columns of a table become simple returns, each by its unit."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.reading.aside import are_few_whole_numbers
from puffin.reading.calendars import calendar_of
from puffin.reading.errors import ReadingError
from puffin.reading.splits import unadjusted_split
from puffin.reading.table import Table
from puffin.reading.unit_guess import Guess, agreed, guessed
from puffin.reading.units import UNITS, simple_returns

__all__ = ["Returns", "all_rejected", "place", "prices_of", "returns_of"]

_LARGEST = 1e38


@dataclass(frozen=True)
class Returns:
    """Simple returns of the columns of a table.

    Attributes
    ----------
    returns : dict of str to Series
        From each column's first value to its last, without rows in between that have none.
    units : dict of str to str
        What each column was: a key of `UNITS`.
    rejected : dict of str to str
        Columns that cannot be used, and why.
    line : str
        One sentence about what was read.
    """

    returns: Mapping[str, pd.Series[float]]
    units: Mapping[str, str]
    rejected: Mapping[str, str]
    line: str

    @property
    def from_prices(self) -> bool:
        """Whether all of them were prices."""
        return bool(self.units) and set(self.units.values()) == {"prices"}


def returns_of(table: Table, asked: Sequence[str] = (), needed: Sequence[str] = ()) -> Returns:
    """Return the simple returns in the columns of a table.

    Parameters
    ----------
    table : Table
    asked : sequence of str
        The columns to use; none means all.
    needed : sequence of str
        Columns to use besides, and not to go on without.

    Raises
    ------
    ReadingError
        If a column is unknown, one that is needed is invalid, or all are.
    """
    names = table.chosen(asked, needed)
    columns, rejected = _complete(table, names)
    units, unsure = _units(table, columns)
    rejected |= unsure
    found = {}
    for name, unit in units.items():
        try:
            found[name] = _simple(table, columns[name], unit)
        except ReadingError as error:
            rejected[name] = str(error)
    for name in needed:
        if name in rejected:
            raise ReadingError(rejected[name])
    if not found:
        raise ReadingError(all_rejected(rejected))
    used = {name: units[name] for name in found}
    rows = max(len(series) for series in found.values())
    line = table.line(list(found), rows, _said(table, used)) + _gaps_said(table, columns, used)
    return Returns(found, used, {name: rejected[name] for name in names if name in rejected}, line)


def prices_of(table: Table, asked: Sequence[str] = ()) -> pd.DataFrame:
    """Return prices as they are in the columns of a table, NaN where there is none.

    Raises
    ------
    ReadingError
        If a column is unknown, or holds anything but numbers.
    """
    names = table.chosen(asked)
    for name in names:
        if name in table.rejected:
            raise ReadingError(table.rejected[name])
    return table.numbers[list(dict.fromkeys(asked or names))]


def _complete(
    table: Table, names: Sequence[str]
) -> tuple[dict[str, pd.Series[float]], dict[str, str]]:
    """Return the values of each column, and what is wrong with the others."""
    columns, rejected = {}, {}
    for name in names:
        if name in table.rejected:
            rejected[name] = table.rejected[name]
            continue
        column = table.numbers[name]
        present = np.flatnonzero(column.notna().to_numpy())
        values = column.iloc[present[0] : present[-1] + 1] if present.size else column.iloc[:0]
        reason = _wrong(values, name)
        if reason is None:
            columns[name] = values.dropna()
        else:
            rejected[name] = reason
    return columns, rejected


def _wrong(values: pd.Series[float], name: str) -> str | None:
    if not values.size:
        return f"column {name!r} is empty."
    for what, found in (
        ("infinite", np.isinf(values)),
        ("huge", values.abs() > _LARGEST),
    ):
        count = int(found.sum())
        if count:
            noun = "value" if count == 1 else "values"
            return (
                f"column {name!r} has {count} {what} {noun} in the middle, first "
                f"{place(values, found)}; fill or remove such rows."
            )
    return None


def _units(
    table: Table, columns: Mapping[str, pd.Series[float]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the unit of each column, and a question about each that is not certain."""
    if table.request.unit is not None:
        return dict.fromkeys(columns, table.request.unit), {}
    periods = table.frequency.periods_per_year
    guesses = agreed({name: _guess(table, column, periods) for name, column in columns.items()})
    units = {name: guess.units[0] for name, guess in guesses.items() if guess.certain}
    unsure = {
        name: _question(columns[name], one) for name, one in guesses.items() if not one.certain
    }
    return units, unsure


def _guess(table: Table, column: pd.Series[float], periods: float) -> Guess:
    name = str(column.name)
    if name in table.prices:
        return Guess(("prices",))
    known = np.asarray(column, dtype=np.float64)
    guess = guessed(known, periods, name, name in table.percent)
    could_be_signal = are_few_whole_numbers(known) and guess.units[0] != "prices"
    if could_be_signal and name not in table.percent | table.money:
        return Guess(("percent", "prices"), "has a few whole numbers only, as signals have")
    if name in table.money and guess.units[0] != "prices":
        since_the_start = "cumulative-profit" in guess.units and not guess.indifferent
        return Guess(("cumulative-profit" if since_the_start else "profit",))
    return guess


def _question(column: pd.Series[float], guess: Guess) -> str:
    name, below = str(column.name), column <= 0.0
    if "--prices" in guess.because:
        return f"column {name!r} {guess.because}"
    if guess.units[0] == "prices" and below.any():
        return (
            f"column {name!r} looks like prices, but has one of {column[below].iloc[0]:g} "
            f"{place(column, below)}, and prices must be above zero. Mend or remove that row and "
            "say --prices; if they are no prices, say --unit profit."
        )
    options = " or ".join(f"--unit {unit}" for unit in guess.units)
    return f"column {name!r} {guess.because}; say {options}."


def _simple(table: Table, column: pd.Series[float], unit: str) -> pd.Series[float]:
    name = str(column.name)
    wrong = column <= 0.0
    if unit == "prices" and wrong.any():
        raise ReadingError(
            f"column {name!r} has a price of {column[wrong].iloc[0]:g} {place(column, wrong)}; "
            "prices must be above zero (without --prices, columns are returns)."
        )
    returns = simple_returns(column, unit, table.request.capital).rename(name)
    split = unadjusted_split(returns)
    if split is not None:
        warnings.warn(f"column {name!r} {split}", UserWarning, stacklevel=2)
    return returns


def place(column: pd.Series[Any], where: Any) -> str:
    """Say where in a column something is found first."""
    label = column.index[int(np.flatnonzero(np.asarray(where))[0])]
    if isinstance(label, pd.Timestamp):
        return f"on {label:%Y-%m-%d}" if label == label.normalize() else f"at {label}"
    return f"in row {label + 1}"


def _said(table: Table, units: Mapping[str, str]) -> str:
    """Say what the columns were, the most common unit first."""
    found = dict.fromkeys(units.values())
    if table.prices and table.prices >= units.keys():
        said = table.bars_said.partition(" of ")[0] if len(units) == 1 else table.bars_said
        return f"{said}, turned into simple returns"
    if len(found) == 1:
        return UNITS[next(iter(found))].said
    parts = []
    for unit in found:
        names = [name for name, one in units.items() if one == unit]
        few = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        parts.append(f"{few}: {UNITS[unit].said}")
    return "; ".join(parts)


def _gaps_said(
    table: Table, columns: Mapping[str, pd.Series[float]], units: Mapping[str, str]
) -> str:
    """Say which columns have rows without a value at times at which they usually have one."""
    parts = []
    for name, unit in units.items():
        calendar = calendar_of(columns[name].index, table.numbers.index)
        first, last = calendar.get_indexer(columns[name].index[[0, -1]])
        rows = last - first + 1
        missing = rows - len(columns[name])
        if missing:
            spans = ", over which returns go on" if UNITS[unit].level else ""
            parts.append(f"{name} has no value on {missing:,} of {rows:,}{spans}")
    more = f", and {len(parts) - 3} more have gaps" if len(parts) > 3 else ""
    return f"; {', '.join(parts[:3])}{more}" if parts else ""


def all_rejected(rejected: Mapping[str, str]) -> str:
    """Say why no column can be used."""
    first = next(iter(rejected.values()))
    if len(rejected) == 1:
        return first
    return f"none of the {len(rejected)} columns can be used; the first: {first}"
