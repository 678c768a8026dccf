"""What a strategy is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import pandas as pd

__all__ = ["Strategy"]


@runtime_checkable
class Strategy(Protocol):
    """Anything that turns prices into target weights.

    It may have a method ``fit(prices)`` too, which returns the fitted strategy (itself, or
    another one); `walk_forward` calls it on each stretch of training prices.
    """

    def weights(self, prices: pd.DataFrame) -> pd.DataFrame:
        """Return target weights, as fractions of equity, in rows and columns of `prices`.

        The row of bar t must depend on the prices up to bar t only: it is traded one bar later, by
        the backtest. NaN in a row: no new decision, hold.
        """
        ...
