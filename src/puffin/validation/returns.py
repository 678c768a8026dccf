"""One series of returns."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading import (
    Guess,
    OddReturnsWarning,
    guessed,
    missing_periods,
    periods_per_year,
    unadjusted_split,
)
from puffin.validation.columns import DataLike, as_float_array, labelled
from puffin.validation.flat import with_equal_cash_days
from puffin.validation.index import (
    Labels,
    as_time_index,
    as_timestamp,
    counts_rows,
    is_dated,
    row_label,
    timezone_name,
)
from puffin.validation.values import check_finite, hardly_varies, is_constant

__all__ = [
    "Period",
    "ReturnSeries",
    "append_returns",
    "as_returns",
    "later_labels",
    "position_of",
    "unit_doubt",
]

Period: TypeAlias = int | str | datetime.date | np.datetime64
"""A position in a series, or a date."""

_OTHER_UNITS = {
    "percent": "returns in percent: divide by 100",
    "gross": "1 + r: subtract 1",
    "prices": "prices: take .pct_change().dropna()",
    "cumulative": "cumulative returns: take (1 + returns).pct_change()",
    "cumulative-percent": "cumulative returns in percent: take (1 + returns / 100).pct_change()",
    "profit": "profits in money, or basis points: divide by the capital, or by 10,000",
    "cumulative-profit": "a sum of profits in money: take .diff(), and divide by the capital",
}


@dataclass(frozen=True)
class ReturnSeries:
    """Clean returns.

    Attributes
    ----------
    values : ndarray of shape (n_observations,)
        Finite, not all equal; NaN only where missing returns were allowed. Cash days that are
        equal up to rounding are equal.
    index : pandas.Index or None
        The dates (or other labels); None where the rows have only a number.
    name : str
    calendar : pandas.Index or None
        The index with those rows of a table in between for which it has no value; None where there
        are none. They count as periods of a year.
    unit_doubt : str
        What the values look like, if not simple returns.
    other_units : tuple of str
        What they surely are, of these; empty where they may be simple returns.
    """

    values: NDArray[np.float64]
    index: Labels | None
    name: str
    calendar: Labels | None = None
    unit_doubt: str = ""
    other_units: tuple[str, ...] = ()

    @property
    def periods_per_year(self) -> float:
        """The number of periods in a year, read off the dates."""
        return periods_per_year(self.index if self.calendar is None else self.calendar)

    @property
    def pandas(self) -> pd.Series[float]:
        """The series as pandas has it: with row numbers where there is no index."""
        return pd.Series(self.values, self.index, name=self.name)

    @property
    def labels(self) -> NDArray[Any]:
        """The index as an array: dates with a time zone as those of UTC, row numbers without."""
        if self.index is None:
            return np.arange(self.values.size)
        if isinstance(self.index, pd.DatetimeIndex) and self.index.tz is not None:
            return self.index.tz_convert("UTC").tz_localize(None).to_numpy()
        return self.index.to_numpy()

    @property
    def timezone(self) -> str | None:
        """The name of the time zone of the dates, if they have one: one that pandas reads."""
        zone = getattr(self.index, "tz", None)
        return None if zone is None else timezone_name(zone)


def append_returns(
    series: ReturnSeries, new_returns: DataLike, missing: str, *, date: str | None = None
) -> ReturnSeries:
    """Return the series with later returns at its end.

    Labels that are numbers go on rising if those before rise; of text no order is known.

    Raises
    ------
    ValueError
        If the new ones are not later, or have dates where the old ones have none, or not.
    """
    argument = "new_returns"
    new = _as_series(new_returns, argument, date)
    values = np.atleast_1d(as_float_array(argument, new))
    if values.ndim != 1:
        raise ValueError(f"{argument} must be one-dimensional; found shape {values.shape}.")
    if values.size == 0:
        raise ValueError(f"{argument} is empty; there is nothing to add.")
    index = as_time_index(argument, new.index) if isinstance(new, pd.Series) else None
    _check_known(argument, values, index, missing)
    if (index is None) != (series.index is None):
        have, had = ("no dates", "some") if index is None else ("dates", "none")
        raise ValueError(f"{argument} has {have}; the returns fitted before have {had}.")
    if index is not None and series.index is not None:
        later = later_labels(argument, index, series.index)
        index = series.index.append(later).rename(series.index.name)
    joined = with_equal_cash_days(np.concatenate([series.values, values]))
    return ReturnSeries(joined, index, series.name)


def later_labels(argument: str, index: Labels, before: Labels) -> Labels:
    """Return the new labels, in the time zone of those before, if they can follow those.

    Raises
    ------
    ValueError
        If they are not later, or are dates where those before are none, or the other way round.
    """
    if not isinstance(before, pd.DatetimeIndex) and not isinstance(index, pd.DatetimeIndex):
        repeated = index[index.isin(before)]
        if len(repeated):
            raise ValueError(
                f"{argument} repeats {row_label(repeated[0])}, which was fitted before; give the "
                "later ones only."
            )
        if (
            pd.api.types.is_numeric_dtype(before)
            and before.is_monotonic_increasing
            and not before[-1:].append(index).is_monotonic_increasing
        ):
            raise ValueError(
                f"{argument} has labels {_listed(index)} where the returns fitted before rise to "
                f"{before[-1]}; give the later ones only, in order."
            )
        return index
    if (
        not isinstance(index, pd.DatetimeIndex)
        or not isinstance(before, pd.DatetimeIndex)
        or (index.tz is None) != (before.tz is None)
    ):
        raise ValueError(
            f"{argument} and the returns fitted before must both have dates, with a time zone or "
            "without."
        )
    if before.tz is not None:
        index = index.tz_convert(before.tz)
    if index[0] <= before[-1]:
        raise ValueError(
            f"{argument} starts at {row_label(index[0])}, but the returns fitted before end at "
            f"{row_label(before[-1])}; give the later ones only."
        )
    return index


def _listed(index: Labels) -> str:
    shown = ", ".join(map(row_label, index[:3]))
    return f"{shown}, ..." if len(index) > 3 else shown


def as_returns(
    returns: DataLike,
    *,
    argument: str = "returns",
    date: str | None = None,
    minimum: int = 2,
    missing: str = "raise",
) -> ReturnSeries:
    """Return `returns` as a `ReturnSeries`.

    Parameters
    ----------
    returns : array-like, pandas Series, one-column DataFrame, or polars Series or DataFrame
    argument : str
        The name that messages use.
    date : str, optional
        The polars (or pandas) column that holds the dates.
    minimum : int, default 2
        The least number of observations.
    missing : {"raise", "skip"}
        Whether a NaN is refused, or stands for a return that is not known. Those before the first
        return, as of ``pct_change()``, are left out where others are refused.

    Raises
    ------
    TypeError
        If the values are not numbers.
    ValueError
        If they are empty, too few, missing, infinite or all equal, not one column,
        or if the dates repeat or run backwards.
    """
    series = _as_series(returns, argument, date)
    values = as_float_array(argument, series)
    if values.ndim != 1:
        raise ValueError(f"{argument} must be one-dimensional; found shape {values.shape}.")
    index = as_time_index(argument, series.index) if isinstance(series, pd.Series) else None
    if missing == "raise":
        begin = _begin(values)
        values, index = values[begin:], None if index is None else index[begin:]
    unknown = np.isnan(values)
    known = values[~unknown] if missing == "skip" else values
    if known.size < minimum:
        found = "none" if known.size == 0 else str(known.size)
        raise ValueError(f"{argument} needs at least {minimum} observations; found {found}.")
    _check_known(argument, values, index, missing)
    _check_varies(argument, known)
    labels = index[~unknown] if index is not None and missing == "skip" else index
    guess = guessed(known, periods_per_year(labels), "")
    doubt = unit_doubt(guess)
    for oddity in filter(None, [*_oddities(known, labels, index, guess), doubt]):
        warnings.warn(f"{argument} {oddity}", OddReturnsWarning, stacklevel=3)
    name = getattr(series, "name", None)
    values = with_equal_cash_days(values)
    name = "returns" if name is None else str(name)
    others = guess.units if doubt and "returns" not in guess.units else ()
    return ReturnSeries(values, index, name, unit_doubt=doubt, other_units=others)


def _begin(values: NDArray[np.float64]) -> int:
    """Return the row of the first value, or the first row where there is none."""
    return int(np.argmin(np.isnan(values))) if values.size else 0


def _as_series(returns: DataLike, argument: str, date: str | None) -> DataLike:
    """Return a pandas Series where there is an index to keep, else something array-like."""
    if isinstance(returns, dict):
        raise TypeError(f"{argument} must be one series; compare several with compare_strategies.")
    returns = labelled(returns, argument, date)
    if isinstance(returns, pd.DataFrame):
        if returns.shape[1] != 1:
            listed = ", ".join(map(str, returns.columns[:5]))
            raise ValueError(
                f"{argument} must be one column; found {returns.shape[1]} ({listed}). Choose one, "
                "or compare them all with compare_strategies."
            )
        return returns.iloc[:, 0]
    return returns


def _check_known(
    argument: str, values: NDArray[np.float64], index: Labels | None, missing: str
) -> None:
    """Refuse what `check_finite` refuses, except a NaN that stands for a missing return."""
    skipped = np.isnan(values) & (missing == "skip")
    check_finite(argument, np.where(skipped, 0.0, values), index)


def _oddities(
    values: NDArray[np.float64], labels: Labels | None, rows: Labels | None, guess: Guess
) -> Iterator[str]:
    """Yield what is odd about known returns: labels, gaps between all rows, a split."""
    if labels is not None and not is_dated(labels) and not counts_rows(labels):
        yield (
            f"has labels that are no dates ({row_label(labels[0])}, ...), which do not "
            "say how many periods a year has: it is 252, unless periods_per_year says otherwise."
        )
    gaps = missing_periods(rows)
    if gaps:
        yield (
            f"has {gaps}. If a return spans several periods, as of prices without those rows, it "
            "counts as one; leave such returns out."
        )
    split = unadjusted_split(pd.Series(values, labels)) if "returns" in guess.units else None
    if split is not None:
        yield split


def unit_doubt(guess: Guess) -> str:
    """Say what values look like, if not simple returns; empty where they do."""
    if guess.indifferent or (guess.units[0] == "returns" and guess.certain):
        return ""
    others = [_OTHER_UNITS[unit] for unit in guess.units if unit in _OTHER_UNITS]
    if "returns" not in guess.units:
        return (
            f"looks like {'; or '.join(others)}. Simple returns are wanted, and of those 1% is "
            "0.01."
        )
    if "prices" in guess.units:
        return f"{guess.because}. If they are prices, take .pct_change().dropna()."
    return ""


def _check_varies(argument: str, values: NDArray[np.float64]) -> None:
    if is_constant(values):
        raise ValueError(
            f"{argument} has no variance: all {values.size} values are {values[0]:g}. "
            "A Sharpe ratio or volatility needs returns that move."
        )
    if hardly_varies(values):
        raise ValueError(
            f"{argument} has hardly any variance: its standard deviation, {values.std():.2g}, is "
            f"less than a millionth of its mean, {values.mean():.2g}. What is left of such returns "
            "is how they were rounded."
        )


def position_of(argument: str, label: Period, series: ReturnSeries) -> int:
    """Return the position of a period: a whole number as it is, a date as the first from it on.

    Raises
    ------
    TypeError, ValueError
        If there is no such period.
    """
    n = series.values.size
    if isinstance(label, int | np.integer) and not isinstance(label, bool):
        if not 0 <= label < n:
            raise ValueError(
                f"{argument} must be a position in the {n} returns, from 0 to {n - 1}; found "
                f"{label}."
            )
        return int(label)
    if not isinstance(series.index, pd.DatetimeIndex):
        raise TypeError(
            f"{argument} must be a whole number where the returns have no dates; found {label!r}."
        )
    try:
        date = as_timestamp(label, series.index)
        position = int(series.index.searchsorted(date))
    except (TypeError, ValueError):
        raise ValueError(
            f"{argument} must be a position or a date like those of the returns "
            f"({row_label(series.index[0])} to {row_label(series.index[-1])}); found {label!r}."
        ) from None
    if date < series.index[0] or position == n:
        raise ValueError(
            f"{argument} must be within the dates of the returns, {row_label(series.index[0])} to "
            f"{row_label(series.index[-1])}; found {row_label(date)}."
        )
    return position
