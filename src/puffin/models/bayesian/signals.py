"""From a spread to positions: z-scores and the state machine that trades them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from puffin.inference.arrays import Array

__all__ = ["rolling_zscore", "threshold_positions"]

_ROUNDING = 1e-12


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


def threshold_positions(
    z: Array,
    entry: float,
    leave: float,
    stop: float = np.inf,
    max_holding: int | None = None,
) -> NDArray[np.int64]:
    r"""Return -1, 0 or 1 for each z-score: short of the spread, flat, or long.

    In this order: where z is undefined the position is 0; one that meets its stop, or has been held
    for `max_holding` bars, is closed, and no other is opened on its side until z has been within
    the entry; beyond the entry the position is against the spread, which flips one of the other
    side; within the exit (`leave`) it is 0; between, what was held is held.

    Parameters
    ----------
    z : ndarray of shape (n_times,)
    entry, leave : float
        Enter where \|z\| > entry; leave where \|z\| < leave.
    stop : float
        Leave where \|z\| > stop on the side that the position was entered.
    max_holding : int, optional
        The most bars that a position is held.
    """
    positions = np.zeros(z.size, dtype=np.int64)
    position, held, barred = 0, 0, 0
    for t, value in enumerate(z.tolist()):
        if math.isnan(value):
            position, barred = 0, 0
            continue
        if abs(value) <= entry:
            barred = 0
        against = -1 if value > entry else 1 if value < -entry else 0
        held += 1
        if position != 0:
            stopped = against == position and abs(value) > stop
            if stopped or (max_holding is not None and held > max_holding):
                barred, position = position, 0
        if against != 0:
            if against not in (position, barred) and abs(value) <= stop:
                position, held = against, 1
        elif abs(value) < leave:
            position = 0
        positions[t] = position
    return positions
