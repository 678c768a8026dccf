"""Several series of returns that are to be compared."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.reading import ROW, calendar_of, on_one_calendar, on_shared_dates
from puffin.validation.columns import DataLike, is_polars_frame, labelled
from puffin.validation.index import Labels, is_dated
from puffin.validation.returns import ReturnSeries, as_returns

__all__ = [
    "SharedRows",
    "Strategies",
    "all_rows",
    "as_strategies",
    "check_alike",
    "lifetime",
    "one_calendar",
    "shared_rows",
]


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

    Rows without a value are left out of that series: before its first return and after its last
    it did not exist, and a return in between is not known (`ReturnSeries.calendar` has its rows).

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
    found: dict[str, ReturnSeries] = {}
    rejected = {}
    for name, values in named:
        try:
            found[name] = as_returns(
                values, argument=f"{argument}[{name!r}]", date=date, minimum=minimum, missing="skip"
            )
        except (TypeError, ValueError) as error:
            rejected[name] = str(error)
    numbered = _row_numbers(list(found.values()))
    series = [replace(_known(one, numbered), name=name) for name, one in found.items()]
    return Strategies(tuple(series), rejected)


def _row_numbers(series: Sequence[ReturnSeries]) -> Labels | None:
    """Return what to call the rows of undated series of one length, if some have none there."""
    undated = [one for one in series if one.index is None]
    lengths = {one.values.size for one in undated}
    if len(lengths) != 1 or not any(np.isnan(one.values).any() for one in undated):
        return None
    return pd.Index(np.arange(lengths.pop()), name=ROW)


def _known(series: ReturnSeries, numbered: Labels | None) -> ReturnSeries:
    """Return a series without its missing values."""
    known = ~np.isnan(series.values)
    rows = numbered if series.index is None else series.index
    if rows is None:
        return replace(series, values=series.values[known])
    index = rows[known]
    calendar = None if known.all() else calendar_of(index, rows)
    same = calendar is None or len(calendar) == len(index)
    return replace(
        series, values=series.values[known], index=index, calendar=None if same else calendar
    )


def _named_series(returns: DataLike, argument: str, date: str | None) -> list[tuple[str, DataLike]]:
    if is_polars_frame(returns) or isinstance(returns, pd.DataFrame):
        returns = labelled(returns, argument, date)
    if isinstance(returns, pd.DataFrame):
        return [(str(name), returns.iloc[:, i]) for i, name in enumerate(returns.columns)]
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


class SharedRows(NamedTuple):
    """What several series have on the rows that all have.

    Attributes
    ----------
    values : ndarray of shape (n_shared, n_series)
    labels : pandas.Index or None
    note : str
        That returns were compounded, if they were.
    """

    values: NDArray[np.float64]
    labels: Labels | None
    note: str = ""


def shared_rows(series: Sequence[ReturnSeries]) -> SharedRows:
    """Return the rows that all series have, and their labels.

    Series with an index meet on its labels; without, row by row. What one returned between two
    dates that all have is compounded into the later one (`puffin.reading.on_shared_dates`).

    Raises
    ------
    ValueError
        As `check_alike`.
    """
    check_alike(series)
    indexes = [one.index for one in series if one.index is not None]
    if not indexes or all(indexes[0].equals(one) for one in indexes):
        return SharedRows(np.column_stack([one.values for one in series]), series[0].index)
    dates = functools.reduce(lambda left, right: left.intersection(right, sort=False), indexes)
    if is_dated(dates) and len(dates) > 1:
        shared = on_shared_dates({one.name: _on_calendar(one) for one in series})
        return SharedRows(shared.returns.to_numpy(), shared.returns.index, shared.note)
    columns = [
        one.values[index.get_indexer(dates)] for one, index in zip(series, indexes, strict=True)
    ]
    return SharedRows(np.column_stack(columns), dates)


def one_calendar(series: Sequence[ReturnSeries]) -> tuple[tuple[ReturnSeries, ...], str]:
    """Return the series with those on more days of the week compounded, and a note of that.

    `puffin.reading.on_one_calendar` says how; the others are as they were.
    """
    given = {one.name: _on_calendar(one) for one in series}
    found = on_one_calendar(given)
    if all(found.returns[name].index is one.index for name, one in given.items()):
        return tuple(series), ""
    return tuple(_off_calendar(found.returns[one.name], one) for one in series), found.note


def _on_calendar(series: ReturnSeries) -> pd.Series[float]:
    """Return the series with NaN where it has no value."""
    return series.pandas if series.calendar is None else series.pandas.reindex(series.calendar)


def _off_calendar(values: pd.Series[float], before: ReturnSeries) -> ReturnSeries:
    known = values.notna().to_numpy()
    calendar = None if known.all() else values.index
    index = values.index[known] if is_dated(values.index) else before.index
    numbers = values.to_numpy(dtype=np.float64)[known]
    return ReturnSeries(np.asarray(numbers, np.float64), index, before.name, calendar)


def check_alike(series: Sequence[ReturnSeries]) -> None:
    """Refuse series that cannot meet on their rows.

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
        return
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
