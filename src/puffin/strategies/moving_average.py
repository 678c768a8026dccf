"""Trends by moving averages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.strategies.momentum import DIRECTIONS
from puffin.validation import DataLike, as_prices, choice, positive_integer, positive_number

__all__ = ["MovingAverageCross"]

_ROUNDING = 1e-12


@dataclass(frozen=True)
class MovingAverageCross:
    """Long while the fast moving average is above the slow one, short while it is below.

    Each asset has a weight of gross/n, n being the number of assets, with the sign of the
    difference of its averages, once both exist (all their prices are known). A decision is made
    when a sign changes, and weights drift in between: it trades at crossings only.

    Attributes
    ----------
    fast, slow : int, default 50 and 200
        In bars.
    direction : {"long-short", "long-only"}
        "long-only" is flat below.
    gross : float, default 1
        Sum of the weights' sizes if every asset is held.

    References
    ----------
    Brock, Lakonishok & LeBaron (1992), Simple technical trading rules and the stochastic properties
    of stock returns. Journal of Finance 47.
    """

    fast: int = 50
    slow: int = 200
    direction: str = "long-short"
    gross: float = 1.0

    def __post_init__(self) -> None:
        fast, slow = positive_integer("fast", self.fast), positive_integer("slow", self.slow)
        if fast >= slow:
            raise ValueError(f"fast must be below slow; found {fast} and {slow}.")
        choice("direction", self.direction, DIRECTIONS)
        positive_number("gross", self.gross)

    def weights(self, prices: DataLike) -> pd.DataFrame:
        """Return weights in every row where a sign changes, NaN in the others."""
        frame = as_prices(prices, minimum=1).frame
        slow = frame.rolling(self.slow).mean()
        difference = frame.rolling(self.fast).mean() - slow
        apart = difference.abs() > _ROUNDING * slow.abs()
        signs = (difference > 0.0).astype(float) - (difference < 0.0).astype(float)
        signs = signs.where(apart, 0.0)
        if self.direction == "long-only":
            signs = signs.clip(lower=0.0)
        begun = difference.notna().any(axis=1).cummax()
        changed = signs.diff().ne(0.0).any(axis=1) | ~begun.shift(fill_value=False)
        weights = self.gross / frame.shape[1] * signs
        weights[~(changed & begun)] = np.nan
        return weights
