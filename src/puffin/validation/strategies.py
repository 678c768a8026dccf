"""Several series of returns that are to be compared."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.validation.columns import DataLike, is_polars_frame, labelled
from puffin.validation.index import Labels, is_dated
from puffin.validation.returns import ReturnSeries, as_returns

__all__ = ["Strategies", "all_rows", "as_strategies", "lifetime", "shared_rows"]


@dataclass(frozen=True)
class Strategies:
    """The series that can be compared, and why others cannot.

    Attributes
    ----------
    series : tuple of ReturnSeries
    rejected : dict of str to str
        Name of each invalid series and what is wrong with it.
    """

    series: tuple[ReturnSeries, ...]
    rejected: dict[str, str]


def as_strategies(
    returns: DataLike, *, argument: str = "returns_dict", date: str | None = None, minimum: int = 2
) -> Strategies:
    """Return a dict of series, or the columns of a frame, as `Strategies`.

    In a frame a missing value before a column's first return or after its last means that the
    strategy did not exist then, and those rows are left out of that column. A missing value in
    between is refused, as any is in a dict of series.

    Raises
    ------
    TypeError
        If it is neither a mapping nor a frame.
    ValueError
        If there are no series in it, or two of the same name.
    """
    named = _named_series(returns, argument, date)
    if not named:
        raise ValueError(f"{argument} holds no strategies.")
    names = [name for name, _ in named]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{argument} has more than one strategy named {repeated!r}; rename one.")
    series, rejected = [], {}
    for name, values in named:
        try:
            clean = as_returns(values, argument=f"{argument}[{name!r}]", date=date, minimum=minimum)
        except (TypeError, ValueError) as error:
            rejected[name] = str(error)
        else:
            series.append(ReturnSeries(clean.values, clean.index, name))
    return Strategies(tuple(series), rejected)


def _named_series(returns: DataLike, argument: str, date: str | None) -> list[tuple[str, DataLike]]:
    if is_polars_frame(returns):
        returns = labelled(returns, argument, date)
    if isinstance(returns, pd.DataFrame):
        return [(str(name), lifetime(returns.iloc[:, i])) for i, name in enumerate(returns.columns)]
    if isinstance(returns, Mapping):
        return [(str(name), values) for name, values in returns.items()]
    raise TypeError(
        f"{argument} must be a dict of names to returns, or a DataFrame with a column for each "
        f"strategy; found {type(returns).__name__}."
    )


def lifetime(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return the rows from the first value to the last: the strategy did not exist outside them."""
    present = np.flatnonzero(column.notna().to_numpy())
    return column.iloc[present[0] : present[-1] + 1] if present.size else column.iloc[:0]


def all_rows(columns: Sequence[Array], labels: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
    """Return the rows that any column has, NaN where another has it: in order where it is dates.

    Parameters
    ----------
    columns, labels : sequences of ndarray of shape (n_rows,)
        The values of each series and what its rows are called.
    """
    if all(np.array_equal(labels[0], one) for one in labels[1:]):
        return np.column_stack(columns)
    series = [pd.Series(one, label) for one, label in zip(columns, labels, strict=True)]
    dated = all(np.issubdtype(label.dtype, np.datetime64) for label in labels)
    return pd.concat(series, axis=1, sort=dated).to_numpy()


def shared_rows(series: Sequence[ReturnSeries]) -> tuple[NDArray[np.float64], Labels | None]:
    """Return the rows that all series have, and their labels.

    Series with an index meet on its labels; without, row by row.

    Returns
    -------
    values : ndarray of shape (n_shared, n_series)
    index : pandas.Index or None

    Raises
    ------
    ValueError
        If only some have an index, only some indexes are dates, only some dates have a timezone,
        or undated series differ in length.
    """
    indexes = [one.index for one in series if one.index is not None]
    if not indexes:
        lengths = {one.name: one.values.size for one in series}
        if len(set(lengths.values())) > 1:
            raise ValueError(
                f"Undated strategies are compared row by row, so their lengths must match; found "
                f"{lengths}. Give them dates (a pandas DatetimeIndex) or cut them to the same rows."
            )
        return np.column_stack([one.values for one in series]), None
    if len(indexes) < len(series) or len({is_dated(index) for index in indexes}) > 1:
        undated = [one.name for one in series if not is_dated(one.index)]
        raise ValueError(
            f"Either all strategies have dates or none has; found none for {undated[:5]}."
        )
    if len({getattr(index, "tz", None) is None for index in indexes}) > 1:
        naive = [one.name for one in series if getattr(one.index, "tz", None) is None]
        raise ValueError(
            f"Either all dates have a timezone or none has; found none for {naive[:5]}. "
            "Add one with .tz_localize."
        )
    shared = functools.reduce(lambda left, right: left.intersection(right, sort=False), indexes)
    if is_dated(shared):
        shared = shared.sort_values()
    columns = [
        one.values[index.get_indexer(shared)] for one, index in zip(series, indexes, strict=True)
    ]
    return np.column_stack(columns), shared
