"""Regressors beside a series of returns: at their times, and after the last of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from puffin.validation.columns import DataLike, labelled
from puffin.validation.index import Labels, as_time_index, places_in, row_label
from puffin.validation.regressors import Regressors, as_regressors
from puffin.validation.values import constant_rows

__all__ = ["check_explain", "no_regressors", "regressors_after", "regressors_at"]

_LEAST_OWN_SHARE = 1e-6
_MOST_IDLE = 0.1


def no_regressors(n_times: int) -> Regressors:
    """Return no columns, of so many times."""
    return Regressors(np.empty((n_times, 0)), (), True, None)


def regressors_at(
    argument: str,
    values: DataLike,
    index: Labels | None,
    n_times: int,
    *,
    date: str | None = None,
    fitted: Regressors | None = None,
) -> Regressors:
    """Return regressors at the times of returns.

    Where both have labels, rows are taken at those of the returns, and others are left out. Where
    either has row numbers only, there must be as many rows as returns.

    Parameters
    ----------
    values : array-like, Series or DataFrame (a column a regressor), of pandas or polars, or dict
        Numbers, or True and False.
    index : Index or None
        That of the returns.
    fitted : Regressors, optional
        What a model was fitted on: columns that are named in both are put in its order.

    Raises
    ------
    TypeError, ValueError
        If they are not finite numbers at each return, or rows, labels or columns do not match.
    """
    rows = _rows(argument, values, date)
    labels = _labels(argument, rows)
    if labels is None or index is None:
        if len(rows) != n_times:
            raise ValueError(
                f"{argument} has {len(rows)} rows for {n_times} returns; they must match, or both "
                "must have dates."
            )
    else:
        places = places_in(argument, labels, index)
        missing = index[places < 0]
        if len(missing):
            raise ValueError(
                f"{argument} lacks {len(missing)} of the {n_times} dates of the returns, first "
                f"{row_label(missing[0])}; it has those from {row_label(labels[0])} to "
                f"{row_label(labels[-1])}. Give its value at each return, known before it."
            )
        rows = rows.iloc[places].set_axis(index, axis="index")
    return as_regressors(rows, argument=argument, fitted=fitted)


def regressors_after(
    argument: str,
    values: DataLike,
    index: Labels | None,
    horizon: int,
    *,
    fitted: Regressors,
    date: str | None = None,
) -> Regressors:
    """Return regressors in the periods after the last return.

    Where both have dates, the first `horizon` rows after the last return; else there must be as
    many rows as periods.

    Raises
    ------
    TypeError, ValueError
        As those of `regressors_at`; or if many rows between the first return and the last are of
        no return, such as those of weekends, so that the next row need not be of the next period.
    """
    rows = _rows(argument, values, date)
    labels = _labels(argument, rows)
    if isinstance(labels, pd.DatetimeIndex) and isinstance(index, pd.DatetimeIndex):
        _check_same_calendar(argument, labels, index)
        later = np.flatnonzero(labels > index[-1])[:horizon]
        if later.size < horizon:
            raise ValueError(
                f"{argument} has {later.size} rows after the last return, "
                f"{row_label(index[-1])}; horizon={horizon} needs {horizon}."
            )
        rows = rows.iloc[later]
    elif len(rows) != horizon:
        raise ValueError(
            f"{argument} has {len(rows)} rows; horizon={horizon} needs {horizon}, one for each "
            "period after the last return."
        )
    return as_regressors(rows, argument=argument, fitted=fitted)


def _check_same_calendar(argument: str, labels: pd.DatetimeIndex, index: pd.DatetimeIndex) -> None:
    places = places_in(argument, labels, index)
    within = (labels >= index[0]) & (labels <= index[-1])
    idle = within.copy()
    idle[places[places >= 0]] = False
    if idle.sum() > _MOST_IDLE * within.sum():
        raise ValueError(
            f"{argument} has {idle.sum()} rows between the first return and the last at which "
            f"there is no return, the latest {row_label(labels[idle][-1])}, so that its next row "
            "need not be of the next period. Leave such rows out, as those of weekends, also of "
            "the future."
        )


def check_explain(argument: str, regressors: Regressors) -> None:
    """Raise ValueError if a column never changes, or says what others say together.

    A constant among the others counts: it is what a mean, or a mean log-variance, is.
    """
    values = regressors.values
    constant = constant_rows(values.T)
    if constant.any():
        name = regressors.names[int(np.argmax(constant))]
        raise ValueError(
            f"{argument}[{name!r}] is {values[0, int(np.argmax(constant))]:g} at every return: it "
            "explains nothing beside the constant that the model has. Leave it out."
        )
    centred = values - values.mean(axis=0)
    own = np.abs(np.diag(np.linalg.qr(centred / np.linalg.norm(centred, axis=0), mode="r")))
    redundant = own < _LEAST_OWN_SHARE
    if redundant.any() or values.shape[1] >= values.shape[0]:
        name = regressors.names[int(np.argmax(redundant)) if redundant.any() else -1]
        raise ValueError(
            f"{argument}[{name!r}] is a sum of multiples of the columns before it and a constant: "
            "what each explains is not to be told apart. Leave it out, as one of the weekdays."
        )


def _rows(argument: str, values: DataLike, date: str | None) -> Any:
    """Return rows of numbers, pandas: True and False as 1 and 0."""
    if isinstance(values, Mapping):
        values = pd.DataFrame({name: np.atleast_1d(column) for name, column in values.items()})
    known = date if date is not None and date in getattr(values, "columns", ()) else None
    found = labelled(values, argument, known)
    if isinstance(found, pd.Series):
        return found.astype(float) if pd.api.types.is_bool_dtype(found.dtype) else found
    if isinstance(found, pd.DataFrame):
        flags = [name for name, kind in found.dtypes.items() if pd.api.types.is_bool_dtype(kind)]
        return found.astype(dict.fromkeys(flags, float))
    array = np.ma.asarray(found) if isinstance(found, np.ma.MaskedArray) else np.asarray(found)
    if array.dtype.kind == "b":
        array = array.astype(float)
    if array.ndim not in (1, 2):
        raise ValueError(f"{argument} must have one or two dimensions; found shape {array.shape}.")
    return array


def _labels(argument: str, rows: Any) -> Labels | None:
    return as_time_index(argument, rows.index) if hasattr(rows, "index") else None
