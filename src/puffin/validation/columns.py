"""Numbers out of whatever holds them: NumPy, pandas, polars, lists."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from puffin.reading import column_as_dates, unused_dates

__all__ = ["DataLike", "as_float_array", "is_polars", "is_polars_frame", "labelled"]

DataLike: TypeAlias = Any
"""What a user has: numbers in NumPy, pandas, polars or lists. Only `validation` looks inside."""

_NUMERIC_KINDS = "fiu"


def is_polars(data: DataLike) -> bool:
    """Whether `data` is a polars object, without importing polars."""
    return type(data).__module__.split(".")[0] == "polars"


def is_polars_frame(data: DataLike) -> bool:
    """Whether `data` is a polars DataFrame."""
    return is_polars(data) and hasattr(data, "columns")


def labelled(data: DataLike, argument: str, date: str | None) -> DataLike:
    """Return pandas where there are labels to keep, else something array-like.

    Parameters
    ----------
    date : str, optional
        The column of a polars or pandas frame that becomes its index.

    Raises
    ------
    TypeError, ValueError
        If it is text, a frame has no such column, or its dates are in one that nobody named.
    """
    if isinstance(data, str | bytes):
        raise TypeError(f"{argument} must hold numbers; found text.")
    if not (is_polars_frame(data) or isinstance(data, pd.DataFrame)):
        return data
    if date is not None and not isinstance(date, Hashable):
        raise TypeError(f"date must be the name of a column; found {date!r}.")
    if date is not None and date not in data.columns:
        listed = ", ".join(map(str, data.columns))
        raise ValueError(f"{argument} has no column {date!r}; it has {listed}.")
    if not isinstance(data, pd.DataFrame):
        data = pd.DataFrame({name: data[name].to_numpy() for name in data.columns})
    if date is None:
        _check_dates_are_used(data, argument)
        return data
    dates = column_as_dates(argument, data[date])
    return data.drop(columns=date).set_axis(dates, axis="index")


def _check_dates_are_used(frame: pd.DataFrame, argument: str) -> None:
    name = unused_dates(frame)
    if name is not None:
        raise ValueError(
            f"{argument} has dates in its column {name!r}; say date={name!r}, or make them the "
            f"index of a pandas frame with .set_index({name!r}): they say how many periods a year "
            "has, and are no data."
        )


def as_float_array(argument: str, data: DataLike) -> NDArray[np.float64]:
    """Return `data` as a float64 array, refusing text, dates, booleans and objects.

    What a masked array masks is missing: NaN.
    """
    if isinstance(data, pd.Series | pd.Index) and pd.api.types.is_extension_array_dtype(data.dtype):
        if pd.api.types.is_bool_dtype(data.dtype) or not pd.api.types.is_numeric_dtype(data.dtype):
            raise _not_numeric(argument, data.dtype)
        array = data.to_numpy(dtype=np.float64, na_value=np.nan)
    elif isinstance(data, pd.DataFrame):
        columns = [
            as_float_array(f"{argument}[{name!r}]", data.iloc[:, column])
            for column, name in enumerate(data.columns)
        ]
        array = np.column_stack(columns) if columns else np.empty((len(data), 0))
    elif is_polars(data):
        array = data.to_numpy()
    else:
        try:
            array = np.asarray(data)
        except ValueError:
            raise TypeError(f"{argument} must be a rectangular array of numbers.") from None
    if array.dtype.kind not in _NUMERIC_KINDS:
        raise _not_numeric(argument, array.dtype)
    if isinstance(data, np.ma.MaskedArray):
        array = np.where(np.ma.getmaskarray(data), np.nan, array)
    with np.errstate(over="ignore"):  # A wider number beyond all floats is infinite.
        return np.ascontiguousarray(array, dtype=np.float64)


def _not_numeric(argument: str, dtype: DTypeLike | pd.api.extensions.ExtensionDtype) -> TypeError:
    return TypeError(
        f"{argument} must hold numbers; found dtype {dtype}. "
        "Convert it first, for example with pandas.to_numeric."
    )
