"""Columns that belong to the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.validation.columns import DataLike, as_float_array
from puffin.validation.index import Labels
from puffin.validation.values import check_finite

__all__ = ["as_aligned", "as_indicators"]


def as_aligned(
    *, minimum: int = 1, **columns: DataLike
) -> tuple[list[NDArray[np.float64]], Labels | None]:
    """Return one-dimensional arrays of the same rows, in the order given, and their index.

    Parameters
    ----------
    minimum : int, default 1
        The least number of rows.
    **columns
        By the name that messages use: array-likes of numbers. The first one that is pandas gives
        the index.

    Raises
    ------
    TypeError, ValueError
        If one is not finite numbers, lengths or indexes differ, or there are too few rows.
    """
    arrays: dict[str, NDArray[np.float64]] = {}
    index, owner = None, ""
    for name, column in columns.items():
        values = as_float_array(name, column)
        if values.ndim != 1:
            raise ValueError(f"{name} must be one-dimensional; found shape {values.shape}.")
        own = column.index if isinstance(column, pd.Series) else None
        check_finite(name, values, own)
        first = next(iter(arrays), name)
        if arrays and values.size != arrays[first].size:
            raise ValueError(
                f"{name} has {values.size} rows and {first} has {arrays[first].size}; they must "
                "be of the same."
            )
        if own is not None and index is not None and not own.equals(index):
            raise ValueError(
                f"{name} and {owner} have different indexes; align them first, for example with "
                f"{name}.reindex({owner}.index)."
            )
        if own is not None and index is None:
            index, owner = own, name
        arrays[name] = values
    for name, values in arrays.items():
        if values.size < minimum:
            raise ValueError(f"{name} needs at least {minimum} rows; found {values.size}.")
    return list(arrays.values()), index


def as_indicators(argument: str, values: DataLike, *, minimum: int = 1) -> NDArray[np.bool_]:
    """Return one-dimensional array of what happened and what did not: booleans, or 0 and 1.

    Raises
    ------
    TypeError, ValueError
        If a value is something else, or there are fewer than `minimum`.
    """
    if np.ma.is_masked(values):
        raise ValueError(f"{argument} is masked in places; leave those rows out.")
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{argument} must be True or False; found dtype {array.dtype}.")
    if array.ndim != 1:
        raise ValueError(f"{argument} must be one-dimensional; found shape {array.shape}.")
    other = array[(array != 0) & (array != 1)]
    if other.size:
        raise ValueError(f"{argument} must be True or False, or 1 or 0; found {other[0]}.")
    if array.size < minimum:
        raise ValueError(f"{argument} needs at least {minimum} rows; found {array.size}.")
    return array.astype(bool)
