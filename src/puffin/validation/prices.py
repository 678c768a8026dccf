"""Prices of several assets, side by side."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.validation.columns import DataLike, as_float_array, is_polars, labelled
from puffin.validation.index import Labels, as_time_index, row_label

__all__ = ["PricePanel", "as_panel", "as_prices", "check_positive_prices"]

_LARGEST = 1e75


@dataclass(frozen=True)
class PricePanel:
    """Clean prices.

    Attributes
    ----------
    values : ndarray of shape (n_rows, n_assets)
        Finite, or NaN where there is no price.
    index : pandas.Index
        The dates, or row numbers where there are none.
    names : tuple
        The assets, as their columns are labelled; asset0, asset1, ... where they are not.
    """

    values: NDArray[np.float64]
    index: Labels
    names: tuple[Hashable, ...]

    def __getitem__(self, rows: slice) -> PricePanel:
        """Return some of the rows."""
        return PricePanel(self.values[rows], self.index[rows], self.names)

    @property
    def columns(self) -> Labels:
        """The assets as pandas has them; a name that is a tuple stays one."""
        return pd.Index(list(self.names), tupleize_cols=False)

    @property
    def frame(self) -> pd.DataFrame:
        """The prices as a DataFrame."""
        return pd.DataFrame(self.values, self.index, self.columns, copy=True)

    def position(self, row: int, asset: int) -> str:
        """Say where a price stands, for a message."""
        return f"{self.names[asset]!r} at {row_label(self.index[row])}"


def as_prices(
    prices: DataLike,
    *,
    argument: str = "prices",
    date: str | None = None,
    minimum: int = 2,
    what: str = "price",
) -> PricePanel:
    """Return `prices` as a `PricePanel`.

    Parameters
    ----------
    prices : array-like of shape (n_rows, n_assets) or (n_rows,), mapping of name to Series
        NumPy, pandas or polars. One dimension is one asset.
    argument : str
        The name that messages use.
    date : str, optional
        The polars (or pandas) column that holds the dates.
    minimum : int, default 2
        The least number of rows.
    what : str
        What messages call one of the values.

    Raises
    ------
    TypeError, ValueError
        If the values are not numbers, infinite, too few, or all missing in a column; if names
        repeat; if dates repeat or run backwards.
    """
    panel = as_panel(prices, argument=argument, date=date, minimum=minimum)
    _check_values(argument, panel, what)
    return panel


def as_panel(
    prices: DataLike, *, argument: str, date: str | None = None, minimum: int = 2
) -> PricePanel:
    """Return a table of numbers as a `PricePanel`, whatever the numbers are.

    Raises
    ------
    TypeError, ValueError
        As those of `as_prices`, but for infinite values and columns without any.
    """
    data = _tabular(prices, argument, date)
    values = as_float_array(argument, data)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2:
        raise ValueError(f"{argument} must have one or two dimensions; found shape {values.shape}.")
    if values.shape[1] == 0:
        raise ValueError(f"{argument} has no columns; give at least one asset.")
    if values.shape[0] < minimum:
        raise ValueError(f"{argument} needs at least {minimum} rows; found {values.shape[0]}.")
    index: Labels | None = None
    if isinstance(data, pd.DataFrame | pd.Series):
        index = as_time_index(argument, data.index)
    return PricePanel(
        values,
        pd.RangeIndex(len(values)) if index is None else index,
        _names(data, values.shape[1], argument),
    )


def _tabular(prices: DataLike, argument: str, date: str | None) -> DataLike:
    """Return pandas where there are labels to keep, else something array-like."""
    if isinstance(prices, Mapping):
        return pd.DataFrame({name: pd.Series(column) for name, column in prices.items()})
    data = labelled(prices, argument, date)
    return pd.Series(data.to_numpy(), name=data.name or None) if is_polars(data) else data


def _names(data: DataLike, count: int, argument: str) -> tuple[Hashable, ...]:
    if isinstance(data, pd.Series):
        return ("asset0" if data.name is None else data.name,)
    if not isinstance(data, pd.DataFrame):
        return tuple(f"asset{column}" for column in range(count))
    if not data.columns.is_unique:
        repeated = data.columns[data.columns.duplicated()][0]
        raise ValueError(f"{argument} has more than one column named {repeated!r}; rename one.")
    return tuple(data.columns)


def _check_values(argument: str, panel: PricePanel, what: str) -> None:
    infinite = np.argwhere(np.isinf(panel.values))
    if len(infinite):
        raise ValueError(
            f"{argument} has {len(infinite)} infinite values, first {panel.position(*infinite[0])}."
        )
    empty = np.flatnonzero(np.isnan(panel.values).all(axis=0))
    if empty.size:
        raise ValueError(
            f"{argument} has no {what} at all of {panel.names[empty[0]]!r}; leave that column out."
        )


def check_positive_prices(argument: str, panel: PricePanel, why: str) -> None:
    """Refuse prices of zero or less, saying why they cannot be used, and those out of range."""
    found = np.argwhere(panel.values <= 0.0)
    if len(found):
        row, asset = found[0]
        raise ValueError(
            f"{argument} must be above zero {why}; found {panel.values[row, asset]:g} for "
            f"{panel.position(row, asset)} ({len(found)} such in all)."
        )
    found = np.argwhere((panel.values > _LARGEST) | (panel.values < 1.0 / _LARGEST))
    if len(found):
        row, asset = found[0]
        raise ValueError(
            f"{argument} must be between {1.0 / _LARGEST:g} and {_LARGEST:g}, so that their ratios "
            f"can be computed; found {panel.values[row, asset]:g} for {panel.position(row, asset)}."
        )
