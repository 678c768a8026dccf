"""Tables as people have them become assets: a column for each, or a row for each and date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.panel.asset import Asset
from puffin.validation import DataLike
from puffin.validation.columns import as_float_array, is_polars_frame, labelled
from puffin.validation.index import places_in, row_label

__all__ = ["Assets", "read_assets"]

_STATSFORECAST = ("unique_id", "ds", "y")
_Y = "y"


@dataclass(frozen=True)
class Assets:
    """The assets of a table by name, and what is wrong with those of which there are no numbers."""

    found: dict[str, Asset]
    wrong: dict[str, Exception]


def read_assets(
    returns: DataLike,
    by: str | None,
    date: str | None,
    shared: Mapping[str, DataLike],
    own: Mapping[str, DataLike],
) -> Assets:
    """Return the assets of a wide or a long table.

    Parameters
    ----------
    returns : DataFrame, mapping of str to Series, or Series
        Wide: a column for each asset; a Series is a single row. Long: a row for each asset and
        date, with the asset in the column `by`, by default `unique_id` where there are columns
        `ds` and `y` too.
    by, date : str or None
        Columns of the asset, in a long frame, and of the date.
    shared, own : mapping of str to DataLike
        Arguments that go with the rows: of wide tables tables again, of long ones names of columns.

    Raises
    ------
    TypeError, ValueError
        If the table cannot be read as one of assets; what is wrong with a single one is in `wrong`.
    """
    if by is None and _is_long(returns):
        by, date = _STATSFORECAST[0], date or _STATSFORECAST[1]
    if by is not None:
        return _collected(_of_long(_long(returns, by, date), by, {**shared, **own}))
    return _collected(_of_wide(returns, date, shared, own))


def _is_long(returns: DataLike) -> bool:
    return hasattr(returns, "columns") and set(_STATSFORECAST) <= set(returns.columns)


def _collected(assets: Iterator[tuple[str, Asset | Exception]]) -> Assets:
    found: dict[str, Asset] = {}
    wrong: dict[str, Exception] = {}
    for name, one in assets:
        if name in found or name in wrong:
            raise ValueError(f"returns has more than one asset named {name!r}; rename one.")
        _check_writable(name)
        if isinstance(one, Exception):
            wrong[name] = one
        else:
            found[name] = one
    if not found and not wrong:
        raise ValueError("returns holds no assets; give at least one.")
    return Assets(found, wrong)


def _check_writable(name: str) -> None:
    """Raise ValueError if no file can hold a name: half of a character, out of a wrong encoding."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"returns has an asset named {name!r}, which no file can hold as text; rename it."
        ) from None


def _of_wide(
    returns: DataLike,
    date: str | None,
    shared: Mapping[str, DataLike],
    own: Mapping[str, DataLike],
) -> Iterator[tuple[str, Asset | Exception]]:
    columns = _columns("returns", returns, date)
    shared_frames = {argument: _frame(argument, one, date) for argument, one in shared.items()}
    own_columns = {
        argument: {name: _columns(argument, one, date) for name, one in _named(argument, tables)}
        for argument, tables in own.items()
    }
    for name, column in columns.items():
        try:
            y = _series(f"returns[{name!r}]", column, name)
            beside = {
                argument: _at_rows(argument, frame, y) for argument, frame in shared_frames.items()
            }
            for argument, tables in own_columns.items():
                beside[argument] = _own(argument, tables, name, y)
        except (TypeError, ValueError) as error:
            yield name, error
        else:
            yield name, Asset(name, y, beside)


def _columns(argument: str, table: DataLike, date: str | None) -> dict[str, Any]:
    """Return the columns of a wide table by name."""
    if isinstance(table, pd.Series):  # a row of a wide table
        table = table.to_frame().T.infer_objects()
    if is_polars_frame(table) or isinstance(table, pd.DataFrame):
        table = labelled(table, argument, date)
        columns: list[tuple[str, Any]] = [
            (str(name), table.iloc[:, place]) for place, name in enumerate(table.columns)
        ]
    elif isinstance(table, Mapping):
        columns = [(str(name), values) for name, values in table.items()]
    else:
        raise TypeError(
            f"{argument} must be a DataFrame with a column for each asset, a long one whose column "
            f"of assets by= names, or a dict of names to series; found {type(table).__name__}."
        )
    names = [name for name, _ in columns]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{argument} has more than one asset named {repeated!r}; rename one.")
    return dict(columns)


def _series(argument: str, values: DataLike, name: str) -> pd.Series[float]:
    array = as_float_array(argument, values)
    if array.ndim != 1:
        raise ValueError(f"{argument} must be one-dimensional; found shape {array.shape}.")
    index = values.index if isinstance(values, pd.Series) else None
    return pd.Series(array, index, name=name)


def _frame(argument: str, table: DataLike, date: str | None) -> pd.DataFrame:
    """Return a table that all assets share."""
    _check_no_names(argument, table)
    table = labelled(table, argument, date)
    if isinstance(table, pd.Series):
        table = table.to_frame("x0" if table.name is None else str(table.name))
    array = as_float_array(argument, table)
    if array.ndim not in (1, 2):
        raise ValueError(f"{argument} must have one or two dimensions; found shape {array.shape}.")
    array = array.reshape(len(array), -1)
    named = isinstance(table, pd.DataFrame)
    names = [str(name) for name in table.columns] if named else [
        f"x{place}" for place in range(array.shape[1])
    ]  # fmt: skip
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{argument} has more than one column named {repeated!r}; rename one.")
    return pd.DataFrame(array, table.index if named else None, names)


def _at_rows(argument: str, frame: pd.DataFrame, y: pd.Series[float]) -> pd.DataFrame:
    """Return the rows of a table at those of an asset: by date, or by number.

    Dates before the first value of the asset, or after its last, may be missing.
    """
    numbered = [isinstance(one.index, pd.RangeIndex) for one in (frame, y)]
    if any(numbered):
        if len(frame) != len(y):
            raise ValueError(
                f"{argument} has {len(frame)} rows for {len(y)} returns; they must match, or both "
                "must have dates."
            )
        return frame.set_axis(y.index, axis="index")
    if frame.index.has_duplicates:
        raise ValueError(f"{argument} has more than one row for a date; keep one.")
    _check_clocks(argument, frame, y)
    lived = Asset(str(y.name), y).lifetime.y.index
    missing = lived.difference(frame.index, sort=False)
    if len(missing):
        raise ValueError(
            f"{argument} lacks {len(missing)} of the {len(lived)} dates of the returns, first "
            f"{row_label(missing[0])}; give all, or leave these returns out."
        )
    return frame.reindex(y.index)


def _check_clocks(
    argument: str, table: pd.DataFrame | pd.Series[float], y: pd.Series[float]
) -> None:
    """Raise ValueError if one has dates with a time zone and the other does not."""
    if isinstance(table.index, pd.DatetimeIndex) and isinstance(y.index, pd.DatetimeIndex):
        places_in(argument, table.index, y.index)


def _named(argument: str, tables: DataLike) -> list[tuple[str, DataLike]]:
    """Return wide tables by the name of what they hold; a single one is named as the argument."""
    _check_no_names(argument, tables)
    if isinstance(tables, Mapping):
        return [(str(name), table) for name, table in tables.items()]
    return [(argument.removesuffix("s"), tables)]


def _own(
    argument: str, tables: Mapping[str, Mapping[str, Any]], asset: str, y: pd.Series[float]
) -> pd.DataFrame:
    """Return what an asset has in each of several wide tables, NaN where its dates are missing."""
    columns = {}
    for name, table in tables.items():
        if asset not in table:
            raise ValueError(f"{argument}[{name!r}] has no column {asset!r}; give it one.")
        column = _series(f"{argument}[{name!r}][{asset!r}]", table[asset], name)
        if isinstance(column.index, pd.RangeIndex) or isinstance(y.index, pd.RangeIndex):
            column = _at_rows(argument, column.to_frame(), y).iloc[:, 0]
        _check_clocks(f"{argument}[{name!r}]", column, y)
        columns[name] = column.reindex(y.index)
    return pd.DataFrame(columns, y.index)


def _check_no_names(argument: str, table: DataLike) -> None:
    texts = [table] if isinstance(table, str) else table
    if isinstance(texts, Sequence) and texts and all(isinstance(one, str) for one in texts):
        raise TypeError(
            f"{argument}={table!r} names columns, as of a long frame, whose column of assets by= "
            f"names; with a wide one give {argument} as a table."
        )


def _long(returns: DataLike, by: str, date: str | None) -> pd.DataFrame:
    """Return a long table of pandas on its dates, if it has some."""
    if not (is_polars_frame(returns) or isinstance(returns, pd.DataFrame)):
        raise TypeError(
            f"returns must be a DataFrame where by={by!r} names its column of assets; found "
            f"{type(returns).__name__}."
        )
    if by not in returns.columns:
        listed = ", ".join(map(str, list(returns.columns)[:20]))
        raise ValueError(f"returns has no column by={by!r}; it has {listed}.")
    return pd.DataFrame(labelled(returns, "returns", date))


def _of_long(
    table: pd.DataFrame, by: str, beside: Mapping[str, DataLike]
) -> Iterator[tuple[str, Asset | Exception]]:
    chosen = {argument: _chosen(argument, names, table, by) for argument, names in beside.items()}
    used = {by, *(name for names in chosen.values() for name in names)}
    y_name = _y_name([name for name in table.columns if name not in used])
    if table[by].isna().any():
        row = int(np.flatnonzero(table[by].isna().to_numpy())[0])
        raise ValueError(f"returns[{by!r}] is missing in row {row}; every row needs an asset.")
    numbered = isinstance(table.index, pd.RangeIndex)
    for key, rows in table.groupby(by, sort=False, observed=True):
        own = rows.reset_index(drop=True) if numbered else rows
        name = str(key)
        try:
            y = _series(f"returns[{y_name!r}] of {name!r}", own[y_name], name)
            frames = {
                argument: pd.DataFrame(
                    as_float_array(argument, own[names]), own.index, list(map(str, names))
                )
                for argument, names in chosen.items()
            }
        except (TypeError, ValueError) as error:
            yield name, error
        else:
            yield name, Asset(name, y, frames)


def _chosen(argument: str, names: DataLike, table: pd.DataFrame, by: str) -> list[str]:
    """Return the columns of a long table that are one argument."""
    chosen = [names] if isinstance(names, str) else names
    if not isinstance(chosen, Sequence) or not all(isinstance(name, str) for name in chosen):
        raise TypeError(
            f"{argument} must name columns of the long frame; found {type(names).__name__}. Join "
            "it to the frame, and name its columns."
        )
    for name in chosen:
        if name not in table.columns or name == by:
            raise ValueError(f"{argument} names {name!r}, which is no column of returns.")
    return list(chosen)


def _y_name(names: Sequence[Any]) -> Any:
    """Return the column of returns: `y`, or the only one that is left."""
    if _Y in names:
        return _Y
    if len(names) != 1:
        listed = ", ".join(map(str, names)) or "none"
        raise ValueError(
            f"returns must have one column of returns beside those of assets and dates, or one "
            f"named 'y'; found {listed}. Say date= for that of dates, rename, or leave others out."
        )
    return names[0]
