"""What looks wrong in a panel: columns in another unit, splits, closed funds filled with zeros."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.reading import OddReturnsWarning
from puffin.validation import as_returns

__all__ = ["odd_among", "warn_of_oddities"]

_MOST_NAMED = 3
_LARGE, _AS_LARGE, _ZEROS = 5.0, 20.0, 12


def warn_of_oddities(returns: pd.DataFrame, factors: pd.DataFrame) -> None:
    """Warn once of all columns that look odd.

    Warns
    -----
    OddReturnsWarning
        If a column of either looks like prices or percent, or has a split or a gap; if returns are
        above 500%, end in twelve or more zeros, or vary twenty times as much as the median asset's.
    """
    found = [
        *_column_by_column(returns, "returns"),
        *(f"returns[{name!r}] {what}" for name, what in odd_among(returns)),
        *_column_by_column(factors, "factors"),
    ]
    if found:
        more = len(found) - _MOST_NAMED
        said = " ".join(found[:_MOST_NAMED])
        also = f" And {more:,} more like these." if more > 0 else ""
        warnings.warn(f"{said}{also}", OddReturnsWarning, stacklevel=4)


def _column_by_column(frame: pd.DataFrame, argument: str) -> Iterator[str]:
    """Yield what is odd about each column by itself; what is said of many alike, once."""
    said = set()
    for name in frame:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                as_returns(frame[name], argument=f"{argument}[{name!r}]", missing="skip")
            except ValueError as error:  # one that hardly varies: no reason not to fit the others
                warnings.warn(str(error), OddReturnsWarning, stacklevel=2)
        for one in caught:
            text = str(one.message)
            what = text.partition("] ")[2]
            if what not in said:
                said.add(what)
                yield text


def odd_among(returns: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield the assets whose returns look odd beside those of the others, and how."""
    values = returns.to_numpy()
    spreads = np.nanstd(values, axis=0)
    for name, column, spread in zip(returns, values.T, spreads, strict=True):
        known: Array = column[~np.isnan(column)]
        zeros = known.size - 1 - np.flatnonzero(known).max(initial=-1)
        if known.max() > _LARGE:
            yield str(name), f"has a return of {known.max():+,.0%}."
        elif spread > _AS_LARGE * np.median(spreads):
            times = spread / np.median(spreads)
            yield (
                str(name),
                f"varies {times:,.0f} times as much as the median asset: is it percent?",
            )
        if zeros >= _ZEROS:
            yield str(name), f"ends with {zeros:,} zeros: of a closed fund they are not returns."
