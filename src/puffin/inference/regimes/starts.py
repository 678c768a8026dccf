"""Where to look for the modes of a regime-switching model's posterior.

Regimes are first taken to be stretches in which returns are about as large: these, split at
quantiles of a moving average of their size, have a mean and a standard deviation each. How long
stretches are is not known, so that there are several starts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from puffin.arrays import Array
from puffin.inference.failure import SamplingError
from puffin.inference.mode import LogDensity, Mode, find_mode
from puffin.inference.regimes.parameters import RegimeCoordinates

__all__ = ["find_modes"]

_WINDOWS = (31, 7, 1)
_STAYS = (0.98, 0.95, 0.7)
_TOP_HEAVY = 0.6
"""Each regime has so many times the share of the one below."""
_LEAST_SD = 0.05
_SAME = 1.0
"""Two modes within so many standard deviations are one."""


def find_modes(log_density: LogDensity, y: Array, coordinates: RegimeCoordinates) -> list[Mode]:
    """Return the modes that are found, each climbed to from regimes in order.

    Parameters
    ----------
    log_density : callable
        Of points, in whatever order their regimes are.
    y : ndarray of shape (n_times,)
        NaN where a return is missing.

    Raises
    ------
    SamplingError
        If none is found.
    """
    modes: list[Mode] = []
    failure: SamplingError | None = None
    for start in _starts(y, coordinates):
        try:
            mode = find_mode(log_density, start)
            if not coordinates.is_ordered(mode.location[None])[0]:
                [order] = coordinates.order(mode.location[None])
                mode = find_mode(log_density, mode.location[coordinates.relabelling(order)])
        except SamplingError as error:
            failure = error
            continue
        if not any(_is_same(mode, other) for other in modes):
            modes.append(mode)
    if not modes:
        raise failure or SamplingError("The log-density has no mode that could be found.")
    return modes


def _is_same(mode: Mode, other: Mode) -> bool:
    step = mode.location - other.location
    return bool(step @ np.linalg.solve(other.covariance, step) < _SAME**2)


def _starts(y: Array, coordinates: RegimeCoordinates) -> Iterator[Array]:
    k, known = coordinates.n_regimes, y[np.isfinite(y)]
    sizes = np.abs(known - np.median(known))
    for window, stay in zip(_WINDOWS if k > 1 else _WINDOWS[:1], _STAYS, strict=False):
        width = min(window, known.size)
        moving = np.convolve(sizes, np.ones(width), "same") / np.convolve(
            np.ones(known.size), np.ones(width), "same"
        )
        shares = _TOP_HEAVY ** np.arange(k)
        ranks = np.argsort(np.argsort(moving, kind="stable")) / known.size
        groups = np.searchsorted(np.cumsum(shares / shares.sum())[:-1], ranks, side="right")
        parts = [known[groups == j] for j in range(k)]
        spread = float(known.std())
        sds = np.array([_spread_of(part, spread) for part in parts])
        # Apart, so that no two regimes begin as one.
        sds = np.maximum.accumulate(sds * 1.1 ** np.arange(k))
        transition = np.full((k, k), (1.0 - stay) / max(k - 1, 1))
        np.fill_diagonal(transition, stay if k > 1 else 1.0)
        means = np.array([part.mean() if part.size else 0.0 for part in parts])
        yield coordinates.point(means, sds, transition)


def _spread_of(part: Array, whole: float) -> float:
    return max(float(part.std()) if part.size > 1 else whole, _LEAST_SD * whole)
