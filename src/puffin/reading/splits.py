"""Splits of shares that nobody has adjusted prices for."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["unadjusted_split"]

_RATIOS = np.array([2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100])
_SURPRISING, _EXACT, _NEVER_FURTHER = 10.0, 3.0, 0.05
_LOOK_BACK = 3
_ENOUGH = 20


def unadjusted_split(returns: pd.Series[float]) -> str | None:
    """Return what to say after a name of the first return that looks like a split, or None.

    A move is taken for a split of k for 1 if it is ten times a usual one, within noise of 1 / k (or
    of k, for a reverse split), and not undone on the next days, as an error in the data would be.

    Parameters
    ----------
    returns : Series
        Simple returns.
    """
    values = returns.to_numpy(dtype=np.float64)
    if values.size < _ENOUGH or not np.isfinite(values).all() or (values <= -1.0).any():
        return None
    steps = np.log1p(values)
    usual = 1.25 * float(np.abs(steps - np.median(steps)).mean())
    usual = max(1.48 * float(np.median(np.abs(steps - np.median(steps)))), 0.2 * usual)
    if usual == 0.0:
        return None
    for row in np.flatnonzero(np.abs(steps) > _SURPRISING * usual):
        ratio = _ratio(float(steps[row]), usual)
        if ratio is not None and not _undone(steps, int(row)):
            return _sentence(returns, int(row), ratio, float(steps[row]))
    return None


def _ratio(step: float, usual: float) -> float | None:
    distance = np.abs(np.log(_RATIOS) - abs(step))
    near = int(distance.argmin())
    return float(_RATIOS[near]) if distance[near] < min(_EXACT * usual, _NEVER_FURTHER) else None


def _undone(steps: NDArray[np.float64], row: int) -> bool:
    around = np.concatenate([steps[max(0, row - _LOOK_BACK) : row], steps[row + 1 :][:_LOOK_BACK]])
    return bool((np.abs(around + steps[row]) < 0.5 * abs(steps[row])).any())


def _sentence(returns: pd.Series[float], row: int, ratio: float, step: float) -> str:
    label = returns.index[row]
    when = f"on {label:%Y-%m-%d}" if isinstance(label, pd.Timestamp) else f"at {label}"
    kind = f"{ratio:g} for 1" if step < 0.0 else f"1 for {ratio:g} (reverse)"
    return (
        f"moves by {100.0 * np.expm1(step):.0f}% {when}, as in a "
        f"split of {kind} that prices are not adjusted for; adjusted prices are needed."
    )
