"""Target weights on the rows and columns of prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.validation import PricePanel
from puffin.validation.columns import DataLike, as_float_array, is_polars_frame, labelled
from puffin.validation.index import as_time_index, row_label

__all__ = ["Decisions", "align_decisions", "check_decided"]


@dataclass(frozen=True)
class Decisions:
    """What to hold, and when that was decided.

    Attributes
    ----------
    targets : ndarray of shape (n_rows, n_assets)
        Weights, on the rows and columns of the prices; zeros where nothing is decided.
    made : ndarray of bool, shape (n_rows,)
    """

    targets: Array
    made: NDArray[np.bool_]

    def frame(self, panel: PricePanel) -> pd.DataFrame:
        """Return the targets with their labels, NaN where nothing is decided."""
        asked = np.where(self.made[:, None], self.targets, np.nan)
        return pd.DataFrame(asked, panel.index, panel.columns)


def align_decisions(weights: DataLike, panel: PricePanel, *, date: str | None = None) -> Decisions:
    """Return target weights as `Decisions`; there may be none.

    Parameters
    ----------
    weights : array-like of shape (n_rows, n_assets), pandas or polars
        On all dates of the prices or on some, for all assets or for some.

    Raises
    ------
    TypeError, ValueError
        If weights have dates or assets that prices lack, are infinite or partly missing in a row,
        or are in another order than the prices.
    """
    _check_table(weights)
    data = labelled(weights, "weights", date) if is_polars_frame(weights) else weights
    values = as_float_array("weights", data)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2:
        raise ValueError(f"weights must have one or two dimensions; found shape {values.shape}.")
    rows, columns = _rows(data, len(values), panel), _columns(data, values.shape[1], panel)
    targets = np.full(panel.values.shape, np.nan)
    targets[np.ix_(rows, columns)] = values
    idle = np.setdiff1d(np.arange(len(panel.names)), columns)
    targets[np.ix_(rows, idle)] = np.where(np.isnan(values).all(axis=1), np.nan, 0.0)[:, None]
    _check_whole(targets, panel)
    made = ~np.isnan(targets).any(axis=1)
    return Decisions(np.where(made[:, None], targets, 0.0), made)


def _check_table(weights: DataLike) -> None:
    if callable(getattr(weights, "weights", None)):
        raise TypeError(
            f"weights must be a table of target weights; found a strategy, "
            f"{type(weights).__name__}. walk_forward(strategy, prices) trades one, and checks that "
            "it does not look ahead; or give strategy.weights(prices)."
        )


def _rows(data: DataLike, count: int, panel: PricePanel) -> NDArray[np.intp]:
    """Return the rows of the prices that the rows of the weights stand for."""
    index = None
    if isinstance(data, pd.DataFrame | pd.Series):
        index = as_time_index("weights", data.index)
    if index is None:
        if count != len(panel.index):
            raise ValueError(
                f"weights has {count} rows and prices {len(panel.index)}; without dates they must "
                "match. Give weights the dates of its decisions (a pandas DatetimeIndex)."
            )
        return np.arange(count)
    rows = panel.index.get_indexer(index)
    unknown = index[rows < 0]
    if len(unknown):
        raise ValueError(
            f"weights decides on {len(unknown)} of its {count} dates for which prices has no row, "
            f"first {row_label(unknown[0])}; give prices for them, or move the decisions."
        )
    if (np.diff(rows) < 0).any():
        raise ValueError("weights must be in the order of prices; sort it with .sort_index().")
    return rows


def _columns(data: DataLike, count: int, panel: PricePanel) -> NDArray[np.intp]:
    if not isinstance(data, pd.DataFrame):
        if count != len(panel.names):
            raise ValueError(
                f"weights has {count} columns and prices {len(panel.names)}; without names they "
                "must match."
            )
        return np.arange(count)
    if not data.columns.is_unique:
        repeated = data.columns[data.columns.duplicated()][0]
        raise ValueError(f"weights has more than one column named {repeated!r}; rename one.")
    columns: NDArray[np.intp] = panel.columns.get_indexer(data.columns)
    unknown = list(data.columns[columns < 0])
    if unknown:
        listed = ", ".join(map(repr, unknown[:5]))
        raise ValueError(f"weights has assets that prices lacks: {listed}.")
    return columns


def _check_whole(targets: Array, panel: PricePanel) -> None:
    infinite = np.argwhere(np.isinf(targets))
    if len(infinite):
        raise ValueError(
            f"weights has {len(infinite)} infinite values, first {panel.position(*infinite[0])}."
        )
    missing = np.isnan(targets)
    partly = np.flatnonzero(missing.any(axis=1) & ~missing.all(axis=1))
    if partly.size:
        asset = int(np.flatnonzero(missing[partly[0]])[0])
        raise ValueError(
            f"weights is NaN for {panel.position(partly[0], asset)} but not for every asset; write "
            "0 for no position, or NaN in the whole row for no new decision."
        )


def check_decided(decisions: Decisions) -> None:
    """Refuse weights that never lead to a trade."""
    made = decisions.made
    if not made[:-1].any():
        found = "decides only in the last row" if made.any() else "decides nothing"
        raise ValueError(
            f"weights {found}: a decision is a row of numbers (zeros are one: hold nothing), and "
            "is traded one row later."
        )
