"""Returns of several assets, side by side."""

from __future__ import annotations

import warnings

import numpy as np

from puffin.reading import OddReturnsWarning, guessed, periods_per_year
from puffin.validation.columns import DataLike
from puffin.validation.index import is_dated
from puffin.validation.prices import PricePanel, as_prices
from puffin.validation.returns import unit_doubt

__all__ = ["as_return_panel"]

_MOST_NAMES = 5
_MULTIPLES = ("percent", "profit")
"""Returns in another unit, which is as good where results are in the same."""


def as_return_panel(returns: DataLike, *, date: str | None = None, minimum: int = 2) -> PricePanel:
    """Return the returns of several assets, NaN where there is none.

    Parameters
    ----------
    returns : array-like of shape (n_rows, n_assets), mapping of name to Series
        NumPy, pandas or polars; in any unit.
    date : str, optional
        The polars (or pandas) column that holds the dates.
    minimum : int, default 2
        The least number of rows.

    Warns
    -----
    OddReturnsWarning
        If columns look like prices, or something else that is no return in any unit: once for all
        of which the same is to be said.

    Raises
    ------
    TypeError, ValueError
        As `as_prices`.
    """
    panel = as_prices(returns, argument="returns", date=date, minimum=minimum, what="return")
    doubts: dict[str, list[str]] = {}
    periods = periods_per_year(panel.index if is_dated(panel.index) else None)
    for name, values in zip(panel.names, panel.values.T, strict=True):
        guess = guessed(values[np.isfinite(values)], periods, "")
        doubt = "" if guess.units[0] in _MULTIPLES else unit_doubt(guess)
        if doubt:
            doubts.setdefault(doubt, []).append(repr(name))
    for doubt, names in doubts.items():
        more = f", ... ({len(names)} columns)" * (len(names) > _MOST_NAMES)
        columns = f"{', '.join(names[:_MOST_NAMES])}{more}"
        warnings.warn(f"returns[{columns}] {doubt}", OddReturnsWarning, stacklevel=3)
    return panel
