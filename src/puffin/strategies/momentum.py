"""Momentum: past winners, each asset by itself or ranked against the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.validation import (
    DataLike,
    PricePanel,
    as_prices,
    check_positive_prices,
    choice,
    finite_number,
    positive_integer,
    positive_number,
)

__all__ = ["DIRECTIONS", "CrossSectionalMomentum", "Momentum"]

DIRECTIONS = ("long-short", "long-only")
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Momentum:
    r"""Time-series momentum: long what rose, short what fell.

    Asset i's weight is gross/n times the sign of its return from `lookback` to `skip` bars ago,

    .. math:: r_{i,t} = p_{i,t-skip} / p_{i,t-lookback} - 1

    n being the number of assets with such a return at that time; those without are not held.
    252 and 21 trading days are the "12-1 months" of the literature, which leaves out the last
    month because it tends to reverse (Jegadeesh & Titman 1993). The sign of an asset's own past
    return is Moskowitz, Ooi & Pedersen's (2012); they leave out nothing, and scale each asset to
    the same volatility.

    Attributes
    ----------
    lookback, skip : int, default 252 and 21
        In bars.
    every : int, default 21
        Bars between decisions, counted from the first; weights drift in between.
    direction : {"long-short", "long-only"}
        "long-only" leaves out what fell.
    gross : float, default 1
        Sum of the weights' sizes if every asset is held.

    References
    ----------
    Jegadeesh & Titman (1993), Returns to buying winners and selling losers. Journal of Finance 48.
    Moskowitz, Ooi & Pedersen (2012), Time series momentum. Journal of Financial Economics 104.
    """

    lookback: int = 252
    skip: int = 21
    every: int = 21
    direction: str = "long-short"
    gross: float = 1.0

    def __post_init__(self) -> None:
        _check(self)

    def weights(self, prices: DataLike) -> pd.DataFrame:
        """Return weights in every row with a decision, NaN in the others."""
        panel = as_prices(prices, minimum=1)
        past, rows = _formation(panel, self)
        signs = _allowed(np.sign(np.nan_to_num(past[rows])), self.direction)
        known = np.isfinite(past[rows]).sum(axis=1, keepdims=True)
        return _on_rows(self.gross * signs / known, rows, panel)


@dataclass(frozen=True)
class CrossSectionalMomentum:
    """Cross-sectional momentum: long the winners, short the losers (Jegadeesh & Titman 1993).

    Assets are ranked by their returns from `lookback` to `skip` bars ago. The best `share` of them
    are held long in equal parts, the worst as many short: at least one of each. Ties go to the
    asset that stands first.

    Attributes
    ----------
    lookback, skip : int, default 252 and 21
        In bars.
    every : int, default 21
        Bars between decisions, counted from the first; weights drift in between.
    share : float, default 0.3
        Up to one half.
    direction : {"long-short", "long-only"}
        "long-only" holds the winners only.
    gross : float, default 1
        Sum of the weights' sizes: half of it long and half short, or all of it long.
    """

    lookback: int = 252
    skip: int = 21
    every: int = 21
    share: float = 0.3
    direction: str = "long-short"
    gross: float = 1.0

    def __post_init__(self) -> None:
        _check(self)
        if not 0.0 < finite_number("share", self.share) <= 0.5:
            raise ValueError(f"share must be above 0 and at most 0.5; found {self.share:g}.")

    def weights(self, prices: DataLike) -> pd.DataFrame:
        """Return weights in every row with a decision, NaN in the others.

        Raises
        ------
        ValueError
            If there is only one asset, which has nothing to be ranked against.
        """
        panel = as_prices(prices, minimum=1)
        if len(panel.names) < 2:
            raise ValueError("prices has one asset; a cross-section needs at least two.")
        past, rows = _formation(panel, self, least=2)
        ranked = np.array([self._ranked(row) for row in past[rows]]).reshape(-1, past.shape[1])
        legs = 2.0 if self.direction == "long-short" else 1.0
        return _on_rows(self.gross / legs * _allowed(ranked, self.direction), rows, panel)

    def _ranked(self, past: Array) -> Array:
        """Return the winners' parts and, below zero, the losers'; each adds up to one."""
        order = np.argsort(-past, kind="stable")[: np.isfinite(past).sum()]
        count = max(1, int(self.share * order.size + _ROUNDING))
        parts = np.zeros(past.size)
        parts[order[:count]], parts[order[-count:]] = 1.0 / count, -1.0 / count
        return parts


def _check(strategy: Momentum | CrossSectionalMomentum) -> None:
    lookback = positive_integer("lookback", strategy.lookback)
    skip = positive_integer("skip", strategy.skip, minimum=0)
    if skip >= lookback:
        raise ValueError(f"skip must be below lookback; found {skip} and {lookback}.")
    positive_integer("every", strategy.every)
    choice("direction", strategy.direction, DIRECTIONS)
    positive_number("gross", strategy.gross)


def _formation(
    panel: PricePanel, strategy: Momentum | CrossSectionalMomentum, least: int = 1
) -> tuple[Array, NDArray[np.intp]]:
    """Return the returns of the formation period, and the rows in which to decide.

    Returns are NaN for an asset that has no price now, or had none then.
    """
    check_positive_prices("prices", panel, "for returns to exist")
    prices, lookback, skip = panel.values, strategy.lookback, strategy.skip
    past = np.full(prices.shape, np.nan)
    if len(prices) > lookback:
        past[lookback:] = prices[lookback - skip : len(prices) - skip] / prices[:-lookback] - 1.0
    past[np.isnan(prices)] = np.nan
    decidable = np.flatnonzero(np.isfinite(past).sum(axis=1) >= least)
    if not decidable.size:
        return past, decidable
    due = (decidable - decidable[0]) % strategy.every == 0
    return past, decidable[due]


def _allowed(signals: Array, direction: str) -> Array:
    return signals if direction == "long-short" else np.maximum(signals, 0.0)


def _on_rows(weights: Array, rows: NDArray[np.intp], panel: PricePanel) -> pd.DataFrame:
    """Return a frame with these weights in these rows, NaN elsewhere."""
    frame = panel.frame * np.nan
    frame.iloc[rows] = weights
    return frame
