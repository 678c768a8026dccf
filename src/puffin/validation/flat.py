"""Strategies that are flat at times: when they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array

__all__ = [
    "check_active",
    "flat_value",
    "repeated_value",
    "unlikely_zeros",
    "with_equal_cash_days",
]

_FEWEST_FLAT, _LEAST_SHARE = 5, 0.05
_WIDTHS = (1e-10, 1e-8, 1e-6, 1e-4, 1e-3, 3e-3, 1e-2, 2e-2, 3e-2, 5e-2)
_NEIGHBOURHOOD, _TIMES_EXPECTED, _TIMES_NEXT, _DOUBT = 0.25, 6.0, 4.0, 2.0
_EQUAL, _EARNS, _TINY, _ADJUSTED = 0.8, 0.7, 1e-4, 0.01
_ROUNDING = 1e-10
"""How near returns are that are equal but for rounding, beside their usual size."""


def repeated_value(values: Array) -> float | None:
    """Return the value that more than half of `values` are, if there is one."""
    # A value held by more than half is the median, whichever of the two middle ones.
    candidate = float(np.partition(values, values.size // 2)[values.size // 2])
    return candidate if np.count_nonzero(values == candidate) > values.size / 2 else None


def flat_value(values: Array) -> float | None:
    """Return the value that a strategy returns when it is flat, if it ever is.

    That of more than half of `values`, or of more than a twentieth and at least five of them. So
    many equal values pull a Student-t distribution's centre to them: of simulated strategies that
    are flat on 10% of days its posterior mean of the Sharpe ratio was half a standard deviation too
    near to zero, on 30% nine of them.
    """
    usual = repeated_value(values)
    if usual is not None:
        return usual
    distinct, counts = np.unique(values, return_counts=True)
    most = int(counts.argmax())
    often = counts[most] >= _FEWEST_FLAT and counts[most] > _LEAST_SHARE * values.size
    return float(distinct[most]) if often else None


def check_active(active: Array) -> None:
    """Refuse active returns that are too few, or mostly one value again."""
    if active.size < 2 or repeated_value(active) is not None:
        raise ValueError(
            "returns are one repeated value on most days, and on the "
            f"{active.size} others they take only {np.unique(active).size} value(s); a Sharpe "
            "ratio needs active days with different returns."
        )


def with_equal_cash_days(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return returns whose cash days, equal up to rounding, are the same number.

    An equity curve in cents, or `pct_change` of one, has a little noise on days that earned the
    same interest, and no two of them are equal. They are known by their number: many values within
    a width that is small beside the spread of the others, hardly any just outside it, and away from
    zero, as interest is and the returns of calm times are not (around zero, only what is far below
    a return counts). Each becomes their median. Returns without such days are returned as they are.

    Parameters
    ----------
    values : ndarray of shape (n,)
        NaN is left alone.
    """
    known = np.sort(values[np.isfinite(values)])
    cluster = _cluster(known) if known.size > _FEWEST_FLAT else None
    if cluster is None:
        return values
    low, high = cluster
    inside = (values >= low) & (values <= high)
    distinct, counts = np.unique(values[inside], return_counts=True)
    if counts.max() > _EQUAL * counts.sum():
        # What is near one value is a small return, unless it is nearer than rounding.
        inside = np.abs(values - distinct[counts.argmax()]) <= _ROUNDING * _scale(known)
        if np.unique(values[inside]).size == 1:
            return values
    return np.where(inside, np.median(values[inside]), values)


def unlikely_zeros(values: Array) -> NDArray[np.bool_] | None:
    """Return where returns are zero that cannot have been, or None if there are not too many.

    Days without a trade, weekends filled with Friday's price, and halts are exact zeros, and a
    volatility model takes them for days of no volatility. A price in ticks has zeros of its own;
    those are as many as its smallest moves up and down, and are left alone. So are the zeros of a
    strategy that is flat most of the time, which are what it does.

    Parameters
    ----------
    values : ndarray of shape (n,)
        NaN is left alone.

    Returns
    -------
    mask : ndarray of bool, of shape (n,), or None
    """
    zeros = values == 0.0
    count, known = int(np.count_nonzero(zeros)), int(np.count_nonzero(np.isfinite(values)))
    if count < _FEWEST_FLAT or count <= _LEAST_SHARE * known or count > known / 2:
        return None
    sorted_values = np.sort(values[np.isfinite(values)])
    # A few moves below a tick are there where prices were adjusted for dividends.
    tick = float(np.quantile(np.abs(sorted_values[sorted_values != 0.0]), _ADJUSTED))
    around = max(_NEIGHBOURHOOD * _scale(sorted_values), 1.5 * tick)
    expected = tick * _density(sorted_values, 0.0, 0.0, around)
    return zeros if count > _TIMES_EXPECTED * (expected + _DOUBT) else None


def _cluster(known: Array) -> tuple[float, float] | None:
    """Return the ends of the cluster among sorted values that stands out most, if one does."""
    scale = _scale(known)
    best: tuple[float, float] | None = None
    most = 0.0
    for width in scale * np.array(_WIDTHS):
        counts = np.searchsorted(known, known + width, side="right") - np.arange(known.size)
        first = int(counts.argmax())
        count = int(counts[first])
        if count <= _LEAST_SHARE * known.size:
            continue
        low, high = float(known[first]), float(known[first + count - 1])
        gap = _gap(known, low, high)
        around = max(_NEIGHBOURHOOD * scale, 1.5 * gap)
        expected = _density(known, low, high, around) * max(width, gap)
        apart = (known + width < low - width) | (known > high + width)
        next_best = float(counts[apart].max(initial=0))
        often = count > max(
            _TIMES_EXPECTED * (expected + _DOUBT), _TIMES_NEXT * (next_best + _DOUBT)
        )
        inside = known[first : first + count]
        earns = abs(inside.mean()) > _EARNS * inside.std() or width <= _TINY * scale
        if low < high and often and earns and count - 2.0 * expected > most:
            best, most = (low, high), count - 2.0 * expected
    return best


def _scale(known: Array) -> float:
    """Return the usual size of those values that are far from the median, most of which are not."""
    deviations = np.abs(known - np.median(known))
    capped = np.minimum(deviations, np.quantile(deviations, 0.99))
    return float(0.45 * np.sort(capped)[int(0.9 * known.size) :].mean())


def _density(known: Array, low: float, high: float, around: float) -> float:
    """Return how many sorted values a unit of distance holds, on both sides of an interval."""
    if around <= 0.0:
        return 0.0
    ends = [low - around, low - 0.1 * around, high + 0.1 * around, high + around]
    places = np.searchsorted(known, ends)
    return float((places[1] - places[0] + places[3] - places[2]) / (1.8 * around))


def _gap(known: Array, low: float, high: float) -> float:
    """Return the distance from an interval to the nearest value outside: a tick, if rounded."""
    below, above = known[known < low], known[known > high]
    sides = [*(low - below[-1:]), *(above[:1] - high)]
    return float(min(sides, default=0.0))
