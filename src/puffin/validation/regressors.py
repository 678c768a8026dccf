"""The features and the target of a regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.validation.columns import DataLike, as_float_array, is_polars_frame
from puffin.validation.index import Labels
from puffin.validation.values import check_finite

__all__ = ["Regressors", "as_regressors", "as_target"]


@dataclass(frozen=True)
class Regressors:
    """A clean design matrix, without the intercept.

    Attributes
    ----------
    values : ndarray of shape (n_observations, n_features)
    names : tuple of str
        Column names, or x0, x1, ... where there are none.
    named : bool
        Whether the names are the user's.
    index : pandas.Index or None
    """

    values: NDArray[np.float64]
    names: tuple[str, ...]
    named: bool
    index: Labels | None


def as_regressors(
    X: DataLike, *, argument: str = "X", fitted: Regressors | None = None
) -> Regressors:
    """Return `X` as `Regressors`.

    Parameters
    ----------
    X : array-like of shape (n_observations, n_features) or (n_observations,)
        NumPy, pandas or polars. One dimension is one feature.
    fitted : Regressors, optional
        What a model was fitted on: columns that are named in both are put in its order.

    Raises
    ------
    TypeError, ValueError
        If the values are not finite numbers, names repeat, or the columns are not those fitted.
    """
    names = _column_names(X)
    values = as_float_array(argument, X)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2:
        raise ValueError(f"{argument} must have one or two dimensions; found shape {values.shape}.")
    if values.shape[0] == 0:
        raise ValueError(f"{argument} has no rows; give at least two.")
    if values.shape[1] == 0:
        raise ValueError(f"{argument} has no columns; give at least one feature.")
    named = names is not None
    if names is None:
        names = tuple(f"x{column}" for column in range(values.shape[1]))
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{argument} has more than one column named {repeated!r}; rename one.")
    if fitted is not None:
        if named and fitted.named:
            values = values[:, _columns_in_order(argument, names, fitted.names)]
        if values.shape[1] != len(fitted.names):
            raise ValueError(
                f"{argument} must have the {len(fitted.names)} columns that the model was fitted "
                f"on; found {values.shape[1]}."
            )
        names = fitted.names
    index = X.index if isinstance(X, pd.DataFrame | pd.Series) else None
    check_finite(argument, values, index)
    return Regressors(np.ascontiguousarray(values), names, named, index)


def _columns_in_order(argument: str, names: tuple[str, ...], fitted: tuple[str, ...]) -> list[int]:
    missing = [name for name in fitted if name not in names]
    if missing:
        raise ValueError(
            f"{argument} lacks the columns {missing}, which the model was fitted on; "
            f"it has {list(names)}."
        )
    return [names.index(name) for name in fitted]


def _column_names(X: DataLike) -> tuple[str, ...] | None:
    if isinstance(X, pd.DataFrame) or (is_polars_frame(X)):
        return tuple(str(name) for name in X.columns)
    if isinstance(X, pd.Series) and X.name is not None:
        return (str(X.name),)
    return None


def as_target(y: DataLike, regressors: Regressors, *, argument: str = "y") -> NDArray[np.float64]:
    """Return `y` as an array that matches the rows of `regressors`.

    Raises
    ------
    TypeError, ValueError
        If it is not one finite number a row, or its pandas index is not that of the features.
    """
    values = as_float_array(argument, y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(f"{argument} must be one-dimensional; found shape {values.shape}.")
    index = y.index if isinstance(y, pd.DataFrame | pd.Series) else None
    rows = regressors.values.shape[0]
    if values.size != rows:
        raise ValueError(f"{argument} has {values.size} rows and X has {rows}; they must match.")
    if index is not None and regressors.index is not None and not index.equals(regressors.index):
        raise ValueError(
            f"{argument} and X have different indexes; align them first, for example with "
            "y.align(X, join='inner', axis=0); returns of different calendars, such as those of "
            "a coin and a share, with puffin.reading.on_shared_dates."
        )
    check_finite(argument, values, index)
    return values
