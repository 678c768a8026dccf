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
_SMALL = {"3 for 2": 3.0 / 2.0, "4 for 3": 4.0 / 3.0, "5 for 4": 5.0 / 4.0}
_SMALL_LOGS = np.log(list(_SMALL.values()))
_LEAST, _AROUND, _LEAST_AROUND, _WEEKS_AFTER = 0.15, 60, 10, 20
_UNHEARD_OF, _NEAR, _NO_OTHER, _AS_CALM = 20.0, 1.5, 0.35, 1.6


def unadjusted_split(returns: pd.Series[float]) -> str | None:
    """Return what to say after a name of the first return that looks like a split, or None.

    A move is taken for a split of k for 1 if it is ten times a usual one, within noise of 1 / k (or
    of k, for a reverse split), and not undone on the next days, as an error in the data would be.

    Crashes have the size of a split of 3 for 2 (4 for 3, 5 for 4) more often. So a move is one only
    if it is twenty times the usual one of three months before and after, and within one and a half
    of those of the ratio; if none of them is a third as large; and if the weeks after it are about
    as calm as those before, which they are not after a crash. Of splits put into daily prices of
    twenty shares, about 60%, 40% and 25% are found (the others are too small beside what is usual);
    of 33 years of those shares and the S&P 500 no day is taken for one, and of simulated histories
    of four years, independent with t(3) errors, up to 4%. Either is a hint to look, no more.

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
            return _sentence(returns, int(row), f"{ratio:g} for 1", float(steps[row]))
    for row in np.flatnonzero(np.abs(steps) > _LEAST):
        name = _small_ratio(steps, int(row), usual)
        if name is not None:
            return _sentence(returns, int(row), name, float(steps[row]))
    return None


def _ratio(step: float, usual: float) -> float | None:
    distance = np.abs(np.log(_RATIOS) - abs(step))
    near = int(distance.argmin())
    return float(_RATIOS[near]) if distance[near] < min(_EXACT * usual, _NEVER_FURTHER) else None


def _small_ratio(steps: NDArray[np.float64], row: int, usual: float) -> str | None:
    """Return the split of 3 for 2, 4 for 3 or 5 for 4 that only can explain a move, or None."""
    before = np.abs(steps[max(0, row - _AROUND) : row])
    after = np.abs(steps[row + 1 :][:_AROUND])
    if min(before.size, after.size) < _LEAST_AROUND:
        return None
    around = np.concatenate([before, after])
    usual = max(1.48 * float(np.median(around)), 0.5 * usual)
    size, distance = abs(float(steps[row])), np.abs(_SMALL_LOGS - abs(steps[row]))
    near = int(distance.argmin())
    alone = size > _UNHEARD_OF * usual and around.max() < _NO_OTHER * size
    calm = float(after[:_WEEKS_AFTER].mean()) < _AS_CALM * float(before.mean())
    return list(_SMALL)[near] if alone and calm and distance[near] < _NEAR * usual else None


def _undone(steps: NDArray[np.float64], row: int) -> bool:
    around = np.concatenate([steps[max(0, row - _LOOK_BACK) : row], steps[row + 1 :][:_LOOK_BACK]])
    return bool((np.abs(around + steps[row]) < 0.5 * abs(steps[row])).any())


def _sentence(returns: pd.Series[float], row: int, ratio: str, step: float) -> str:
    label = returns.index[row]
    when = f"on {label:%Y-%m-%d}" if isinstance(label, pd.Timestamp) else f"at {label}"
    old, _, new = ratio.partition(" for ")
    kind = ratio if step < 0.0 else f"{new} for {old} (reverse)"
    return (
        f"moves by {100.0 * np.expm1(step):.0f}% {when}, as in a split of {kind} that prices are "
        "not adjusted for; if it is one, adjusted prices are needed."
    )
