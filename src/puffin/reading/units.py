"""The units in which returns are written down, and how each becomes simple returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.reading.errors import ReadingError

__all__ = ["UNITS", "Unit", "simple_returns"]


@dataclass(frozen=True)
class Unit:
    """A way in which returns are written down.

    Attributes
    ----------
    key : str
        What --unit calls it.
    said : str
    simple : callable
        Turns a column of it into simple returns.
    level : bool
        Whether it has a level in each row, so that one return spans rows without a value.
    """

    key: str
    said: str
    simple: Callable[[pd.Series[float]], pd.Series[float]]
    level: bool = False


def _growth_of(values: pd.Series[float]) -> pd.Series[float]:
    return values.pct_change(fill_method=None).iloc[1:]


def _after_the_start(values: pd.Series[float]) -> pd.Series[float]:
    """Return growth from 1 before the first row, which is a return of its own."""
    growth = values / values.shift(1, fill_value=1.0) - 1.0
    return growth.iloc[1:] if len(growth) and growth.iloc[0] == 0.0 else growth


UNITS = {
    unit.key: unit
    for unit in (
        Unit("returns", "simple returns", lambda values: values),
        Unit("percent", "percent, divided by 100 (1% is 0.01)", lambda values: values / 100.0),
        Unit("bps", "basis points, divided by 10,000", lambda values: values / 10_000.0),
        Unit("log", "log returns, turned into simple returns", np.expm1),
        Unit("gross", "1 + r, less 1", lambda values: values - 1.0),
        Unit("prices", "prices, turned into simple returns", _growth_of, level=True),
        Unit(
            "log-prices",
            "logs of prices, turned into simple returns",
            lambda values: values.diff().iloc[1:].transform(np.expm1),
            level=True,
        ),
        Unit(
            "cumulative",
            "cumulative returns, turned into simple returns",
            lambda values: _after_the_start(1.0 + values),
            level=True,
        ),
        Unit(
            "cumulative-percent",
            "cumulative returns in percent, turned into simple returns",
            lambda values: _after_the_start(1.0 + values / 100.0),
            level=True,
        ),
        Unit("profit", "profit in money, divided by the capital", lambda values: values),
        Unit(
            "cumulative-profit",
            "profit in money since the start, as growth of the capital",
            lambda values: _after_the_start(1.0 + values),
            level=True,
        ),
    )
}


def simple_returns(
    values: pd.Series[float], unit: str, capital: float | None = None
) -> pd.Series[float]:
    """Return a column as simple returns.

    Raises
    ------
    ReadingError
        For profit in money without the capital that earned it.
    """
    if unit not in ("profit", "cumulative-profit"):
        return UNITS[unit].simple(values)
    if capital is None:
        raise ReadingError(
            f"column {str(values.name)!r} is profit in money; say the capital that earned it with "
            "--capital, so that returns can be worked out."
        )
    return UNITS[unit].simple(values / capital)
