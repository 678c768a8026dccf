"""Strategies that are flat at times: when they are."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array

__all__ = ["check_active", "flat_value", "repeated_value"]

_FEWEST_FLAT, _LEAST_SHARE = 5, 0.05


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
