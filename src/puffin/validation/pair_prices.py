"""Prices of one asset and of those that hedge it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.validation.columns import DataLike, as_float_array, labelled
from puffin.validation.index import Labels, as_time_index, row_label
from puffin.validation.values import check_finite, constant_rows, is_constant

__all__ = [
    "PairPrices",
    "as_pair",
    "as_series_of_levels",
    "as_spread",
    "check_enough",
    "check_moves",
    "check_positive",
    "price_rounding",
    "rounding_of",
]

_TICKS = tuple(10.0**-digits for digits in range(9))
_WHOLE = 1e-6
_NEGLIGIBLE = 1e-6


@dataclass(frozen=True)
class PairPrices:
    """Prices on the dates of y.

    Attributes
    ----------
    y : ndarray of shape (n_times,)
        NaN where missing.
    X : ndarray of shape (n_times, n_hedges)
        On the same dates; NaN where missing.
    index : pandas.Index
        That of y, as it was given, or else of x; row numbers where there was none.
    name : str
    hedges : tuple of str
    """

    y: NDArray[np.float64]
    X: NDArray[np.float64]
    index: Labels
    name: str
    hedges: tuple[str, ...]

    @property
    def complete(self) -> NDArray[np.intp]:
        """The rows in which no price is missing."""
        return np.flatnonzero(~np.isnan(self.y) & ~np.isnan(self.X).any(axis=1))

    @property
    def turned(self) -> PairPrices:
        """The pair in the other order: the hedge as the asset, hedged by what it hedged."""
        return replace(
            self,
            y=self.X[:, 0],
            X=self.y[:, None],
            name=self.hedges[0],
            hedges=(self.name,),
        )

    def until(self, count: int) -> PairPrices:
        """Return the rows up to and with the `count`-th complete one."""
        last = int(self.complete[count - 1]) + 1
        return replace(self, y=self.y[:last], X=self.X[:last], index=self.index[:last])


def as_pair(y: DataLike, x: DataLike, *, date: str | None = None) -> PairPrices:
    """Return y and x as `PairPrices`, x on the dates of y.

    Parameters
    ----------
    y : array-like of shape (n_times,)
    x : array-like of shape (n_times,) or (n_times, n_hedges)
        NumPy, pandas or polars. Where both have an index, x is aligned on it; else rows must match.
    date : str, optional
        The column of polars or pandas frames that holds the dates.

    Raises
    ------
    TypeError, ValueError
        If they are not numbers, infinite, of different length, or share no dates.
    """
    y, x = _with_dates(y, "y", date), _with_dates(x, "x", date)
    left, right = _index("y", y), _index("x", x)
    y_values, x_values = as_float_array("y", y), as_float_array("x", x)
    if y_values.ndim == 2 and y_values.shape[1] == 1:
        y_values = y_values[:, 0]
    if y_values.ndim != 1:
        raise ValueError(f"y must be one series; found shape {y_values.shape}.")
    if x_values.ndim == 1:
        x_values = x_values[:, None]
    if x_values.ndim != 2 or x_values.shape[1] == 0:
        raise ValueError(f"x must be one series or several columns; found shape {x_values.shape}.")
    if left is not None and right is not None:
        x_values = _aligned(x_values, left, right)
    else:
        _check_rows(y, x, len(y_values), len(x_values))
    for argument, values in (("y", y_values), ("x", x_values)):
        check_finite(argument, np.where(np.isnan(values), 0.0, values), left)
    index = left if left is not None else right
    if index is None:
        index = next((data.index for data in (y, x) if _has_index(data)), None)
    hedges = _names(x, x_values.shape[1])
    if len(set(hedges)) < len(hedges):
        repeated = next(name for name in hedges if hedges.count(name) > 1)
        raise ValueError(f"x has more than one column named {repeated!r}; rename one.")
    own = getattr(y, "name", None)
    if isinstance(y, pd.DataFrame):
        own = y.columns[0]
    return PairPrices(
        y_values,
        x_values,
        pd.RangeIndex(len(y_values)) if index is None else index,
        "y" if own is None else str(own),
        hedges,
    )


def check_enough(pair: PairPrices, window: int) -> None:
    """Refuse a window that is too short for its coefficients, or as long as the series.

    Raises
    ------
    ValueError
    """
    least = pair.X.shape[1] + 3
    if window < least:
        raise ValueError(
            f"window must be at least {least} with {pair.X.shape[1]} hedge(s); found {window}."
        )
    count = pair.complete.size
    if count <= window:
        raise ValueError(
            f"window is {window}, and y ({pair.name}) and x ({', '.join(pair.hedges)}) have "
            f"{count} rows in which no price is missing; there must be more rows than the window "
            "has."
        )


def check_positive(pair: PairPrices) -> None:
    """Refuse prices that have no logarithm.

    Raises
    ------
    ValueError
    """
    for argument, values in (("y", pair.y[:, None]), ("x", pair.X)):
        wrong = np.argwhere(values <= 0.0)
        if wrong.size:
            row, column = wrong[0]
            raise ValueError(
                f"{argument} has {len(wrong)} prices that are not above zero, first "
                f"{values[row, column]:g} at {_where(pair.index, row)}; log_prices=True needs "
                "positive ones."
            )


def check_moves(pair: PairPrices, window: int) -> None:
    """Refuse prices that stand still for a whole window.

    Raises
    ------
    ValueError
    """
    rows = pair.complete
    columns = [("y", pair.name, pair.y[rows])]
    columns += [("x", name, pair.X[rows, i]) for i, name in enumerate(pair.hedges)]
    for argument, name, values in columns:
        parts = np.lib.stride_tricks.sliding_window_view(values, window)
        still = constant_rows(parts)
        if still.any():
            first = int(still.argmax())
            raise ValueError(
                f"{argument} ({name}) stands still at {values[first]:g} in the {window} rows from "
                f"{_where(pair.index, rows[first])} to "
                f"{_where(pair.index, rows[first + window - 1])}; a hedge ratio needs prices that "
                "move. Use a longer window, or put NaN where it was not traded."
            )


def price_rounding(pair: PairPrices, window: int) -> NDArray[np.float64]:
    """Return how far each price may be from the true one for being rounded.

    Half a tick, the largest of 1, 0.1, 0.01, ... of which all prices of the first `window` rows are
    multiples; at least a millionth of the price.

    Returns
    -------
    ndarray of shape (n_complete_rows, 1 + n_hedges)
        Of y, then of each hedge.
    """
    prices = np.column_stack([pair.y, pair.X])[pair.complete]
    return np.column_stack([rounding_of(column, column[:window]) for column in prices.T])


def rounding_of(prices: NDArray[np.float64], sample: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far prices may be from the true ones, if rounded like those of a sample."""
    return np.asarray(np.maximum(0.5 * _tick(sample), _NEGLIGIBLE * np.abs(prices)))


def _tick(prices: NDArray[np.float64]) -> float:
    for tick in _TICKS:
        steps = prices / tick
        whole = np.rint(steps)
        if whole.any() and np.abs(steps - whole).max() < _WHOLE:
            return tick
    return 0.0


def _where(index: Labels, row: int) -> str:
    return f"row {row}" if isinstance(index, pd.RangeIndex) else row_label(index[row])


def _with_dates(data: DataLike, argument: str, date: str | None) -> DataLike:
    if isinstance(data, pd.DataFrame) and date is not None and date not in data.columns:
        date = None  # the dates are its index already
    return labelled(data, argument, date)


def _has_index(data: DataLike) -> bool:
    return isinstance(data, pd.Series | pd.DataFrame)


def _check_rows(y: DataLike, x: DataLike, y_rows: int, x_rows: int) -> None:
    """Refuse y and x without dates on both whose rows are not the same."""
    if y_rows != x_rows:
        raise ValueError(
            f"y has {y_rows} rows and x has {x_rows}; without dates on both they must match row "
            "by row."
        )
    if _has_index(y) and _has_index(x):
        numbers = y.index, x.index
        if all(isinstance(one, pd.RangeIndex) for one in numbers) and not numbers[0].equals(
            numbers[1]
        ):
            raise ValueError(
                f"y has the rows {numbers[0][0]} to {numbers[0][-1]} and x {numbers[1][0]} to "
                f"{numbers[1][-1]}; give the same rows of both."
            )


def _index(argument: str, data: DataLike) -> Labels | None:
    return as_time_index(argument, data.index) if _has_index(data) else None


def _aligned(x: NDArray[np.float64], left: Labels, right: Labels) -> NDArray[np.float64]:
    zones = [getattr(index, "tz", None) is None for index in (left, right)]
    dated = [isinstance(index, pd.DatetimeIndex) for index in (left, right)]
    if dated[0] != dated[1] or zones[0] != zones[1]:
        raise ValueError(
            "y and x must both have dates, with a time zone or without; found an index of "
            f"{left.dtype} and one of {right.dtype}."
        )
    places = right.get_indexer(left)
    if not (places >= 0).any():
        raise ValueError(
            f"y and x share no dates: y runs from {row_label(left[0])} to {row_label(left[-1])}, "
            f"x from {row_label(right[0])} to {row_label(right[-1])}."
            if len(left) and len(right)
            else "y and x share no dates: one of them is empty."
        )
    return np.where(places[:, None] >= 0, x[np.maximum(places, 0)], np.nan)


def _names(x: DataLike, count: int) -> tuple[str, ...]:
    if isinstance(x, pd.DataFrame):
        return tuple(map(str, x.columns))
    name = getattr(x, "name", None)
    if count == 1:
        return ("x" if name is None else str(name),)
    return tuple(f"x{i}" for i in range(count))


def as_series_of_levels(
    values: DataLike, *, argument: str, minimum: int, date: str | None = None
) -> NDArray[np.float64]:
    """Return the values of one series that are known, which must move.

    Raises
    ------
    TypeError, ValueError
        If they are not numbers, infinite, too few or all the same.
    """
    array = as_float_array(argument, _with_dates(values, argument, date))
    if array.ndim != 1:
        raise ValueError(f"{argument} must be one series; found shape {array.shape}.")
    known = array[~np.isnan(array)]
    check_finite(argument, known)
    if known.size < minimum:
        raise ValueError(
            f"{argument} needs at least {minimum} values that are not missing; found {known.size}."
        )
    if is_constant(known):
        raise ValueError(f"{argument} never moves: all {known.size} values are {known[0]:g}.")
    return known


def as_spread(spread: DataLike) -> tuple[NDArray[np.float64], Labels]:
    """Return a spread's values, NaN where it is not known, and its index.

    Raises
    ------
    TypeError, ValueError
        If they are not numbers, or infinite.
    """
    spread = _with_dates(spread, "spread", None)
    index = _index("spread", spread)
    values = as_float_array("spread", spread)
    if values.ndim != 1:
        raise ValueError(f"spread must be one series; found shape {values.shape}.")
    check_finite("spread", np.where(np.isnan(values), 0.0, values), index)
    if index is None:
        index = spread.index if _has_index(spread) else pd.RangeIndex(values.size)
    return values, index
