"""Columns become returns: chosen, checked, and worked out from prices if that is what they are."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.cli.failures import BadInputError
from puffin.cli.reading.files import listed_columns, writes_decimal_comma
from puffin.validation import as_returns, lifetime

__all__ = ["Columns", "prices_of", "returns_of"]

_UNBELIEVABLE_RETURN = -1.0
_NAMED = 12


@dataclass(frozen=True)
class Columns:
    """Simple returns of the columns that have valid ones, and what is wrong with the others."""

    returns: Mapping[str, pd.Series[float]]
    rejected: Mapping[str, str]

    def only_one(self, why: str) -> tuple[str, pd.Series[float]]:
        """Return the name and returns of the only column there is; refuse several."""
        if len(self.returns) > 1:
            names = ", ".join(map(repr, list(self.returns)[:_NAMED]))
            raise BadInputError(f"{why}; choose it with --column from {names}.")
        [(name, returns)] = self.returns.items()
        return name, returns


def returns_of(
    frame: pd.DataFrame,
    *,
    chosen: Sequence[str] | None,
    needed: Sequence[str] = (),
    prices: bool,
) -> Columns:
    """Return the returns in the columns of a frame.

    Parameters
    ----------
    frame : DataFrame
        In order of time.
    chosen : sequence of str or None
        The columns to use; none means all.
    needed : sequence of str
        Columns to use besides, whatever is chosen, and not to go on without.
    prices : bool

    Raises
    ------
    BadInputError
        If a column is unknown, one that is needed is invalid, or all are.
    """
    chosen = chosen or ()
    _check_present(frame, (*chosen, *needed))
    wanted = [c for c in frame.columns if not chosen or c in chosen or c in needed]
    if not wanted:
        raise BadInputError("the file has dates but no column of returns.")
    returns, rejected = {}, {}
    for name in wanted:
        try:
            returns[name] = _column(frame[name], name, prices)
        except BadInputError as error:
            rejected[name] = str(error)
    for name in needed:
        if name in rejected:
            raise BadInputError(rejected[name])
    if not returns:
        raise BadInputError(_all_rejected(rejected))
    return Columns(returns, rejected)


def prices_of(frame: pd.DataFrame, chosen: Sequence[str] = ()) -> pd.DataFrame:
    """Return the prices in the columns chosen, or all, of a frame; NaN where there is none."""
    _check_present(frame, chosen)
    wanted = list(dict.fromkeys(chosen or frame.columns))
    return pd.DataFrame({name: _numeric_column(frame[name], name) for name in wanted})


def _check_present(frame: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if name not in frame.columns:
            raise BadInputError(f"there is no column {name!r}; {listed_columns(frame)}")


def _column(column: pd.Series[Any], name: str, prices: bool) -> pd.Series[float]:
    values = lifetime(_numeric_column(column, name))
    _check_finite(values, name)
    if prices:
        _check_prices(values, name)
        values = values.pct_change(fill_method=None).iloc[1:]
    elif values.size > 1 and bool((values > 0.0).all()) and values.median() > 1.0:
        raise BadInputError(
            f"column {name!r} looks like prices (all positive, median {values.median():g}); "
            "did you mean --prices?"
        )
    try:
        as_returns(values, argument=f"column {name!r}")
    except (TypeError, ValueError) as error:
        raise BadInputError(str(error)) from None
    _check_active(values, name)
    if values.min() < _UNBELIEVABLE_RETURN:
        warnings.warn(
            f"column {name!r} has returns below -100%, first {_place(values, values < -1.0)}: "
            "are these percentages? 1% is 0.01.",
            UserWarning,
            stacklevel=2,
        )
    return values.rename(name)


def _check_active(values: pd.Series[float], name: str) -> None:
    """Refuse a strategy that is flat on most days and does nothing of note on the others."""
    from puffin.validation.flat import check_active, repeated_value

    array = values.to_numpy()
    flat = repeated_value(array)
    if flat is None:
        return
    try:
        check_active(array[array != flat])
    except ValueError as error:
        raise BadInputError(f"column {name!r}: {error}") from None


def _numeric_column(column: pd.Series[Any], name: str) -> pd.Series[float]:
    """Return a column as numbers, NaN where it is empty; refuse anything else in it."""
    if pd.api.types.is_bool_dtype(column.dtype):
        raise BadInputError(f"column {name!r} holds true and false, not numbers.")
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise BadInputError(f"column {name!r} holds dates, not numbers (is it the --date-column?).")
    numbers = pd.to_numeric(column, errors="coerce")
    text = numbers.isna() & column.notna()
    if text.any():
        found = str(column[text].iloc[0])
        advice = "; write decimals with a point" if writes_decimal_comma(found) else ""
        raise BadInputError(
            f"column {name!r} must hold numbers; found {found!r} {_place(column, text)}{advice}."
        )
    return pd.Series(
        numbers.to_numpy(dtype=np.float64, na_value=np.nan), index=column.index, name=name
    )


def _check_finite(values: pd.Series[float], name: str) -> None:
    if not values.size:
        raise BadInputError(f"column {name!r} is empty.")
    for what, found in (("missing", values.isna()), ("infinite", np.isinf(values))):
        count = int(found.sum())
        if count:
            noun = "value" if count == 1 else "values"
            raise BadInputError(
                f"column {name!r} has {count} {what} {noun} in the middle, first "
                f"{_place(values, found)}; fill or remove such rows."
            )


def _check_prices(values: pd.Series[float], name: str) -> None:
    wrong = values <= 0.0
    if wrong.any():
        raise BadInputError(
            f"column {name!r} has a price of {values[wrong].iloc[0]:g} {_place(values, wrong)}; "
            "prices must be above zero (without --prices, columns are returns)."
        )


def _place(column: pd.Series[Any], where: Any) -> str:
    label = column.index[int(np.flatnonzero(np.asarray(where))[0])]
    if isinstance(label, pd.Timestamp):
        return f"on {label:%Y-%m-%d}" if label == label.normalize() else f"at {label}"
    return f"in row {label + 1}"


def _all_rejected(rejected: Mapping[str, str]) -> str:
    first = next(iter(rejected.values()))
    if len(rejected) == 1:
        return first
    return f"none of the {len(rejected)} columns can be used; the first: {first}"
