"""Measures of volatility beside a series of returns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.validation.columns import DataLike, as_float_array, labelled
from puffin.validation.index import Labels, as_time_index, places_in, row_label

__all__ = ["NO_MEASURES", "LogMeasures", "as_measures", "name_of_measure"]

_LEAST_SHARE = 0.5


@dataclass(frozen=True)
class LogMeasures:
    """Logarithms of measures at the times of a series of returns, perhaps of none.

    Attributes
    ----------
    names : tuple of str
    values : ndarray of shape (n_times, n_measures)
        NaN where one is missing.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]

    @classmethod
    def none(cls, n_times: int) -> LogMeasures:
        """Return no measures of so many times."""
        return cls((), np.empty((n_times, 0)))


NO_MEASURES = LogMeasures.none(1)


def as_measures(
    measures: DataLike,
    index: Labels | None,
    n_times: int,
    *,
    date: str | None = None,
    least_known: int = 5,
) -> LogMeasures:
    """Return the logarithms of measures at the times of returns.

    Where both have labels, a measure is taken at the labels of the returns: it is missing at those
    that it lacks, and its others are left out. Where either has row numbers only, there must be as
    many rows as returns.

    Parameters
    ----------
    measures : array-like, Series or DataFrame (a column a measure), of pandas or polars, or dict
    index : Index or None
        That of the returns.
    least_known : int
        How many of each measure are needed.

    Raises
    ------
    TypeError
        If the values are not numbers.
    ValueError
        If measures are not positive, hardly any is known, or rows and labels do not match.
    """
    frame = _as_frame(measures, date)
    labels = as_time_index("measures", frame.index)
    values = as_float_array("measures", frame)
    names = tuple(name_of_measure(name) for name in frame.columns)
    _check_positive(names, values, labels)
    if labels is None or index is None:
        if values.shape[0] != n_times:
            raise ValueError(
                f"measures have {values.shape[0]} rows for {n_times} returns; they must match, or "
                "both must have dates."
            )
    else:
        values = _at(index, labels, values)
    known = np.isfinite(values).sum(axis=0)
    for name, count in zip(names, known.tolist(), strict=True):
        if count < least_known:
            raise ValueError(
                f"measures[{name!r}] is known at {count} of the {n_times} returns; at least "
                f"{least_known} are needed."
            )
    return LogMeasures(names, np.log(values))


def name_of_measure(name: object) -> str:
    """Return a name of letters, digits and underscores, as parameters have them."""
    return re.sub(r"\W+", "_", str(name))


def _as_frame(measures: DataLike, date: str | None) -> pd.DataFrame:
    if measures is None:
        raise TypeError("measures are missing: a Series, or a DataFrame with a column for each.")
    if isinstance(measures, dict):
        measures = pd.DataFrame(measures)
    found: Any = labelled(measures, "measures", date)
    if isinstance(found, pd.Series):
        found = found.to_frame("measure" if found.name is None else str(found.name))
    if not isinstance(found, pd.DataFrame):
        array = as_float_array("measures", found)
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2:
            raise ValueError(f"measures must be a column each; found shape {array.shape}.")
        single = array.shape[1] == 1
        names = ["measure"] if single else [f"measure_{n + 1}" for n in range(array.shape[1])]
        found = pd.DataFrame(array, columns=names)
    names = [name_of_measure(name) for name in found.columns]
    if not names or len(set(names)) < len(names):
        raise ValueError(
            "measures must be at least one column, with names that differ in letters and digits; "
            f"found {', '.join(names) or 'none'}."
        )
    return pd.DataFrame(found)


def _check_positive(
    names: tuple[str, ...], values: NDArray[np.float64], index: Labels | None
) -> None:
    bad = ~np.isnan(values) & ~((values > 0.0) & np.isfinite(values))
    if not bad.any():
        return
    row, column = (int(place) for place in np.argwhere(bad)[0])
    where = f"row {row}" if index is None else f"row {row} ({row_label(index[row])})"
    raise ValueError(
        f"measures[{names[column]!r}] is {values[row, column]:g} at {where}; a measure of variance "
        "is above zero and finite. Make it NaN where it is not known, as on a day whose price did "
        "not move."
    )


def _at(index: Labels, labels: Labels, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows at the labels of the returns, NaN where there is none."""
    place = places_in("measures", labels, index)
    share = float(np.mean(place >= 0))
    if share < _LEAST_SHARE:
        raise ValueError(
            f"measures have {share:.0%} of the dates of the returns: those begin at "
            f"{row_label(labels[0])}, these at {row_label(index[0])}. Give both the same kind of "
            "label, such as the day, and NaN where a measure is not known."
        )
    return np.where((place >= 0)[:, None], values[place], np.nan)
