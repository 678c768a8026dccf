"""The labels of a series in memory: numbers and text that are dates, and row numbers.

The same rules as for files, for an index of pandas and for the column of dates of a frame.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.cells import texts_of
from puffin.reading.date_column import is_named_as_dates
from puffin.reading.date_numbers import MANY, Dates, read_numbers, whole_minutes
from puffin.reading.dates import read_texts, share_of_dates
from puffin.reading.errors import ReadingError
from puffin.reading.rules import SERIALS, YEARS

__all__ = [
    "ROW",
    "column_as_dates",
    "index_as_dates",
    "is_dates_as_text",
    "unused_dates",
]

_LEAST_DAY = 1e5

ROW = "row"
"""The name of an index that numbers the rows, whatever its numbers look like."""


def index_as_dates(argument: str, index: pd.Index[Any]) -> pd.Index[Any]:
    """Return an index of numbers as the dates that they stand for, or as it is if they number rows.

    200001, 20000131, 2000 (years, with a warning), and times since 1970 are dates. Whole numbers
    that are none are row numbers; anything else is refused, rather than taken as trading days.

    Parameters
    ----------
    argument : str
        The name that messages use.
    index : pandas.Index
        Any; what holds no numbers is returned as it is.

    Raises
    ------
    ReadingError
        If the numbers are neither.
    """
    if index.name == ROW or not len(index) or not _holds_numbers(index):
        return index
    values = index.to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(values).all():
        return index
    found = _dates(values)
    if found is None:
        _check_row_numbers(argument, values)
        return index
    if values.max() <= YEARS[1]:
        warnings.warn(
            f"{argument} has the numbers {values[0]:g} to {values[-1]:g} for its index, taken as "
            "years: one period a year. If they number rows, use .reset_index(drop=True).",
            UserWarning,
            stacklevel=4,
        )
    return found.index.rename(index.name)


def _holds_numbers(index: pd.Index[Any]) -> bool:
    if pd.api.types.is_bool_dtype(index.dtype):
        return False
    return bool(
        pd.api.types.is_numeric_dtype(index.dtype)
        or pd.api.types.infer_dtype(index) in ("integer", "floating")
    )


def _dates(values: NDArray[np.float64]) -> Dates | None:
    """Return numbers as dates; days numbered by a spreadsheet only where weekends are left out."""
    if SERIALS[0] <= values.min() and values.max() <= SERIALS[1]:
        found = read_numbers(values)
        if found is None or values.size < 10:
            return None
        days = found.index.to_numpy().astype("datetime64[D]")
        return found if np.is_busday(days).all() else None
    return read_numbers(values, sure=bool(values.min() > 1e5))


def _check_row_numbers(argument: str, values: NDArray[np.float64]) -> None:
    wrong = values != np.floor(values)
    if wrong.any():
        raise ReadingError(
            f"{argument} has numbers for its index that are neither dates nor row numbers, such as "
            f"{values[wrong][0]:g}; give it dates, or number its rows with .reset_index(drop=True)."
        )


def is_dates_as_text(index: pd.Index[Any]) -> bool:
    """Whether an index holds text that says dates."""
    if not len(index) or not isinstance(index[0], str):
        return False
    texts = texts_of(pd.Series(index))
    if share_of_dates(texts) >= 0.5:
        return True
    try:
        return read_texts(texts) is not None
    except ReadingError:
        return True


def unused_dates(frame: pd.DataFrame) -> Hashable | None:
    """Return the name of a column that holds dates, where the index only numbers the rows.

    Numbers are dates where the column's name says so too, and without such a name if ten and more
    are whole days or minutes in order, as 20190131 is or milliseconds since 1970 are.
    """
    if not isinstance(frame.index, pd.RangeIndex):
        return None
    return next((name for name in frame.columns if _holds_dates(frame[name], name)), None)


def _holds_dates(column: pd.Series[Any], name: Hashable) -> bool:
    if not isinstance(column, pd.Series) or pd.api.types.is_bool_dtype(column.dtype):
        return False
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return pd.api.types.is_datetime64_any_dtype(column.dtype) or is_dates_as_text(
            pd.Index(column)
        )
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if read_numbers(values) is None:
        return False
    sure = values.size >= MANY and values.min() >= _LEAST_DAY and whole_minutes(values)
    return is_named_as_dates(str(name)) or bool(sure)


def column_as_dates(argument: str, column: pd.Series[Any]) -> pd.DatetimeIndex:
    """Return a column that somebody calls dates as such, whether it holds text or numbers.

    Raises
    ------
    ReadingError
        If it holds anything else, or day and month could be swapped.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return pd.DatetimeIndex(column)
    if pd.api.types.is_numeric_dtype(column.dtype):
        found = read_numbers(column.to_numpy(dtype=np.float64, na_value=np.nan), sure=True)
    else:
        found = read_texts(texts_of(column), sure=True)
    if found is None:
        raise ReadingError(
            f"{argument} has no dates in its column {str(column.name)!r}; found {column.iloc[0]!r}."
        )
    return found.index.rename(column.name)
