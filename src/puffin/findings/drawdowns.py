"""Falls from a peak: how deep, how long, and whether they are made up for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.backtest.performance import below_peak, growth

__all__ = ["Drawdown", "underwater", "worst_drawdowns"]

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Drawdown:
    """One fall from a peak, and the way back.

    Attributes
    ----------
    peak, trough : label
        Of the last row before the fall, and of the lowest. A fall that begins with the first return
        has that for its peak.
    recovery : label or None
        Of the first row at the height of the peak again; None where there is none yet.
    depth : float
        A negative fraction.
    length : int
        Periods from the peak until the recovery, or until the last return.
    fall : int
        Periods from the peak to the trough.
    """

    peak: Any
    trough: Any
    recovery: Any | None
    depth: float
    length: int
    fall: int

    @property
    def climb(self) -> int | None:
        """Periods from the trough to the recovery; None where there is none yet."""
        return None if self.recovery is None else self.length - self.fall


def underwater(returns: pd.Series[float]) -> pd.Series[float] | None:
    """Return how far below the highest level so far each row is; None after a total loss.

    Parameters
    ----------
    returns : Series
        Simple returns. The level before the first is a peak too.
    """
    wealth = growth(returns)
    if wealth is None:
        return None
    below = below_peak(wealth.to_numpy())
    return pd.Series(np.where(below < -_ROUNDING, below, 0.0), returns.index)


def worst_drawdowns(returns: pd.Series[float], most: int = 5) -> list[Drawdown]:
    """Return the deepest falls, the deepest first; none after a total loss."""
    below = underwater(returns)
    if below is None:
        return []
    index, depth = below.index, below.to_numpy()
    under = np.concatenate([[False], depth < 0.0, [False]])
    starts: list[int] = np.flatnonzero(under[1:] & ~under[:-1]).tolist()
    ends: list[int] = np.flatnonzero(~under[1:] & under[:-1]).tolist()  # of recovery, or the end
    found = []
    for start, end in zip(starts, ends, strict=True):
        trough = start + int(depth[start:end].argmin())
        found.append(
            Drawdown(
                peak=index[max(start - 1, 0)],
                trough=index[trough],
                recovery=index[end] if end < len(index) else None,
                depth=float(depth[trough]),
                length=min(end, len(index) - 1) - start + 1,
                fall=trough - start + 1,
            )
        )
    return sorted(found, key=lambda one: one.depth)[:most]
