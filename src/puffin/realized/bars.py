"""Open, high, low and close of a table, whatever its columns are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.reading.quotes import found_bars
from puffin.validation import row_label
from puffin.validation.columns import as_float_array

__all__ = ["Bars"]

_ROUNDING = 1e-9
_LEAST = 1e-12
"""Of a squared logarithm: below it is what rounding leaves of a price that did not move."""


@dataclass(frozen=True)
class Bars:
    """Bars of one instrument: prices of shape (n_periods,), all NaN where one is missing."""

    index: pd.Index[Any]
    open: Array
    high: Array
    low: Array
    close: Array

    @classmethod
    def of(cls, table: pd.DataFrame, *more: str) -> Bars:
        """Return the bars of a table that has high, low and close, and `more`.

        Raises
        ------
        TypeError, ValueError
            If it has not, or a row is no bar.
        """
        if not isinstance(table, pd.DataFrame):
            raise TypeError(f"bars must be a pandas DataFrame; found {type(table).__name__}.")
        fields = list(found_bars(list(table.columns)).fields.values())
        if len(fields) != 1 or not {"high", "low", "close", *more} <= fields[0].keys():
            needed = ", ".join([*more, "high", "low", "close"])
            listed = ", ".join(map(str, table.columns))
            raise ValueError(
                f"bars must have {needed} of one instrument; the columns are {listed}."
            )
        columns = fields[0] if "open" in fields[0] else {**fields[0], "open": fields[0]["close"]}
        prices = np.array(
            [
                as_float_array(f"bars[{columns[kind]!r}]", table[columns[kind]])
                for kind in ("open", "high", "low", "close")
            ]
        )
        missing = np.isnan(prices[1:]).any(axis=0) | ("open" in more) & np.isnan(prices[0])
        prices[:, missing] = np.nan
        bars = cls(table.index, *prices)
        bars._check(prices)
        return bars

    def _check(self, prices: Array) -> None:
        with np.errstate(invalid="ignore"):
            negative = (prices[1:] <= 0.0).any(axis=0)
            top = self.high < np.maximum(self.open, self.close) * (1.0 - _ROUNDING)
            bottom = self.low > np.minimum(self.open, self.close) * (1.0 + _ROUNDING)
        for wrong, said in (
            (negative, "a price that is not above zero"),
            (top, "a high below its open or close"),
            (bottom, "a low above its open or close"),
        ):
            if wrong.any():
                row = int(np.argmax(wrong))
                raise ValueError(
                    f"bars have {said} in {int(wrong.sum())} rows, first at row {row} "
                    f"({row_label(self.index[row])}); were prices adjusted in some columns only?"
                )

    def measure(self, name: str, values: Array) -> pd.Series[float]:
        """Return a measure by period, NaN where the price did not move."""
        return pd.Series(np.where(values > _LEAST, values, np.nan), self.index, name=name)
