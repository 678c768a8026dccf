"""From a spread to positions: z-scores and the state machine that trades them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.validation import finite_number, positive_integer, positive_number

__all__ = ["Thresholds", "rolling_zscore", "threshold_positions"]

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Thresholds:
    r"""Where positions are opened and closed.

    Attributes
    ----------
    entry, leave : float
        Enter where \|z\| > entry; leave where \|z\| < leave.
    stop : float, optional
        Leave where \|z\| > stop; nothing is opened beyond it.
    max_holding : int, optional
        The most rows that a position is held.
    """

    entry: float
    leave: float
    stop: float | None = None
    max_holding: int | None = None

    def __post_init__(self) -> None:
        entry = positive_number("entry_threshold", self.entry)
        leave = finite_number("exit_threshold", self.leave)
        if not 0.0 <= leave < entry:
            raise ValueError(
                "exit_threshold must be at least 0 and below entry_threshold, which is "
                f"{entry:g}; found {leave:g}."
            )
        if self.stop is not None and positive_number("stop_threshold", self.stop) <= entry:
            raise ValueError(
                f"stop_threshold must be above entry_threshold, which is {entry:g}; found "
                f"{self.stop:g}."
            )
        if self.max_holding is not None:
            positive_integer("max_holding", self.max_holding)


def rolling_zscore(spread: Array, window: int) -> Array:
    """Return (spread - mean) / sd of the last `window` values, the present one included.

    Values that are NaN are left out, and have no z-score themselves. Undefined (NaN) until there
    are `window` values, and where they are all the same. sd has ddof 1.
    """
    z = np.full(spread.size, np.nan)
    known = np.flatnonzero(~np.isnan(spread))
    if known.size < window:
        return z
    parts = np.lib.stride_tricks.sliding_window_view(spread[known], window)
    mean, sd = parts.mean(axis=1), parts.std(axis=1, ddof=1)
    moves = sd > _ROUNDING * np.abs(parts).max(axis=1)
    z[known[window - 1 :][moves]] = (parts[:, -1] - mean)[moves] / sd[moves]
    return z


def threshold_positions(z: Array, thresholds: Thresholds) -> NDArray[np.int64]:
    r"""Return -1, 0 or 1 for each z-score: short of the spread, flat, or long.

    Where z is undefined the position is 0. Otherwise, in this order:

    1. A position that is beyond its stop, or has been held for `max_holding` rows, is closed; none
       is opened on its side for as long as z stays beyond the entry there.
    2. Beyond the entry the position is against the spread, which turns round one of the other
       side; beyond the stop it is 0.
    3. Within the exit it is 0.
    4. Between exit and entry what was held is held.

    Parameters
    ----------
    z : ndarray of shape (n_times,)
    """
    entry, leave = thresholds.entry, thresholds.leave
    stop = math.inf if thresholds.stop is None else thresholds.stop
    longest = math.inf if thresholds.max_holding is None else thresholds.max_holding
    positions = np.zeros(z.size, dtype=np.int64)
    position, held, barred = 0, 0, 0
    for t, value in enumerate(z.tolist()):
        if math.isnan(value):
            position, barred = 0, 0
            continue
        against = -1 if value > entry else 1 if value < -entry else 0
        if against != barred:
            barred = 0
        held += 1
        stopped = against == position and abs(value) > stop
        if position != 0 and (stopped or held > longest):
            barred = against if against == position else 0
            position = 0
        if against == 0:
            position = 0 if abs(value) < leave else position
        elif against not in (position, barred):
            position, held = against if abs(value) <= stop else 0, 1
        positions[t] = position
    return positions
