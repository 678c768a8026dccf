"""From the file on the command line, read once, to its returns and its prices."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from puffin import reading
from puffin.cli.failures import BadInputError, tell
from puffin.reading.returns import all_rejected

if TYPE_CHECKING:
    import pandas as pd

    from puffin.cli.options import DateOrder, Decimals, Unit

__all__ = [
    "Columns",
    "bars_of",
    "date_given",
    "prices_of",
    "read_table",
    "refuse_returns",
    "refuse_to_overwrite",
    "returns_of",
    "warn_of_early_ends",
]

_UNBELIEVABLE_RETURN = -1.0
_NAMED = 12
_SELDOM = 0.1


@dataclass(frozen=True)
class Columns:
    """Simple returns of the columns that have valid ones, and what is wrong with the others.

    Attributes
    ----------
    returns : dict of str to Series
    rejected : dict of str to str
    from_prices : bool
        Whether they were worked out from prices.
    line : str
        What was read, in one sentence.
    """

    returns: Mapping[str, pd.Series[float]]
    rejected: Mapping[str, str]
    from_prices: bool = False
    line: str = ""

    def only_one(self, why: str) -> tuple[str, pd.Series[float]]:
        """Return the name and returns of the only column there is; refuse several."""
        if len(self.returns) > 1:
            names = ", ".join(map(repr, list(self.returns)[:_NAMED]))
            raise BadInputError(f"{why}; choose it with --column from {names}.")
        [(name, returns)] = self.returns.items()
        return name, returns


def date_given(option: str, text: str, order: str | None) -> pd.Timestamp:
    """Return the date that an option names, written as in the file."""
    try:
        return reading.read_date(text, asked=order)
    except reading.ReadingError as error:
        raise BadInputError(
            f"{option} must be a date such as 2024-01-31; found {text!r} ({error})"
        ) from None


def read_table(
    file: Path,
    date_column: str | None,
    date_order: DateOrder | None,
    decimals: Decimals | None,
    unit: Unit | None = None,
    capital: float | None = None,
    prices: bool = False,
) -> reading.Table:
    """Return what is in a file, or on standard input, understood as the options say.

    Raises
    ------
    BadInputError
        If the options say two things of the unit.
    """
    if prices and unit not in (None, "prices"):
        raise BadInputError(f"--prices and --unit {unit} say two things; give one of them.")
    if capital is not None and unit not in (None, "profit", "cumulative-profit"):
        raise BadInputError(f"--capital is what earned a profit; the unit is {unit}.")
    request = reading.Request(
        date_column=date_column,
        date_order=None if date_order is None else str(date_order),
        unit="prices" if prices else None if unit is None else str(unit),
        decimal=None if decimals is None else str(decimals),
        capital=capital,
    )
    return reading.read_file(file, request)


def refuse_to_overwrite(file: Path, out: Path | None) -> None:
    """Raise an error if what is to be written would take the place of what is read."""
    if out is not None and out.exists() and file.exists() and out.samefile(file):
        raise BadInputError(f"--out {out} is the file that is read; name another one.")


def returns_of(
    table: reading.Table, *, chosen: Sequence[str] | None, needed: Sequence[str] = ()
) -> Columns:
    """Return the returns in the columns of a table, and say what was read.

    Parameters
    ----------
    table : Table
    chosen : sequence of str or None
        The columns to use; none means all.
    needed : sequence of str
        Columns to use besides, whatever is chosen, and not to go on without.

    Raises
    ------
    BadInputError
        If one that is needed is invalid, or all are.
    """
    found = reading.returns_of(table, chosen or (), needed)
    reasons = {name: _wrong(column, name) for name, column in found.returns.items()}
    invalid = {name: reason for name, reason in reasons.items() if reason is not None}
    for name in needed:
        if name in invalid:
            raise BadInputError(invalid[name])
    returns = {name: column for name, column in found.returns.items() if name not in invalid}
    rejected = {**found.rejected, **invalid}
    if not returns:
        raise BadInputError(all_rejected(rejected))
    for name, column in returns.items():
        _warn_of_percent(column, name)
    tell(found.line)
    # All that is odd has been said: of the file's columns by name, and not of "returns".
    warnings.simplefilter("ignore", reading.OddReturnsWarning)
    return Columns(returns, rejected, found.from_prices, found.line)


def bars_of(table: reading.Table, names: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Return open, high, low and close of these columns of prices.

    Raises
    ------
    BadInputError
        If one of them has no high or no low.
    """
    bars = {name: table.bars.get(name) for name in names}
    for name, one in bars.items():
        if one is None or not {"high", "low", "close"} <= set(one):
            raise BadInputError(
                f"--ranges needs columns for high, low and close of {name!r}, and they are not in "
                "the file."
            )
    return {name: one for name, one in bars.items() if one is not None}


def warn_of_early_ends(table: reading.Table, returns: Mapping[str, pd.Series[float]]) -> None:
    """Warn of columns that end well before the file does: their next period is not tomorrow."""
    from puffin.findings.volatility_words import early_ends

    for line in early_ends(returns, table.numbers.index):
        warnings.warn(line, UserWarning, stacklevel=2)


def prices_of(table: reading.Table, chosen: Sequence[str] = ()) -> pd.DataFrame:
    """Return the prices in the columns chosen, or all, of a table; NaN where there is none."""
    prices = reading.prices_of(table, chosen)
    tell(table.line(list(map(str, prices.columns)), len(prices), "prices"))
    return prices


def refuse_returns(table: reading.Table, chosen: Sequence[str], file: Path, command: str) -> None:
    """Refuse a file of returns where prices are needed that are above zero.

    A column that is below zero in a tenth of its rows is no price with a mistake in it.
    """
    values = reading.prices_of(table, chosen)
    if ((values < 0.0).sum() > _SELDOM * values.notna().sum()).any():
        name = "standard input" if str(file) == "-" else file.name
        raise BadInputError(f"{name} seems to hold returns; {command} needs prices.")


def _wrong(column: pd.Series[float], name: str) -> str | None:
    """Say why returns cannot be used, if so: too few, constant, or flat nearly always."""
    from puffin.validation import as_returns
    from puffin.validation.flat import check_active, repeated_value

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the unit is known
        try:
            values = as_returns(column, argument=f"column {name!r}").values
        except (TypeError, ValueError) as error:
            return str(error)
    flat = repeated_value(values)
    if flat is None:
        return None
    try:
        check_active(values[values != flat])
    except ValueError as error:
        return f"column {name!r}: {error}"
    return None


def _warn_of_percent(column: pd.Series[float], name: str) -> None:
    if column.min() < _UNBELIEVABLE_RETURN:
        where = reading.place(column, column < _UNBELIEVABLE_RETURN)
        warnings.warn(
            f"column {name!r} has returns below -100%, first {where}: are these percentages? 1% is "
            "0.01.",
            UserWarning,
            stacklevel=2,
        )
