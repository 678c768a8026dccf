"""Intervals of draws, and of what is Gaussian."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy.special import ndtri

from puffin.arrays import Array

if TYPE_CHECKING:
    import pandas as pd

Number = TypeVar("Number", float, Array, "pd.Series[float]")

__all__ = ["gaussian_interval", "highest_density_interval", "weighted_density_interval"]


def highest_density_interval(draws: Array, prob: float) -> tuple[Array, Array]:
    """Return the bounds of the shortest interval with `prob` of the draws.

    Parameters
    ----------
    draws : ndarray of shape (..., n_draws)

    Returns
    -------
    lower, upper : ndarray of shape (...)
    """
    ordered = np.sort(draws, axis=-1)
    n = ordered.shape[-1]
    inside = min(int(np.floor(prob * n)), n - 1)
    widths = ordered[..., inside:] - ordered[..., : n - inside]
    start = np.expand_dims(np.argmin(widths, axis=-1), -1)
    lower = np.take_along_axis(ordered, start, axis=-1)[..., 0]
    upper = np.take_along_axis(ordered, start + inside, axis=-1)[..., 0]
    return lower, upper


def weighted_density_interval(draws: Array, weights: Array, prob: float) -> tuple[float, float]:
    """Return the bounds of the shortest interval whose draws have `prob` of all weight.

    Parameters
    ----------
    draws, weights : ndarray of shape (n_draws,)
        The weights add up to one, and `prob` is below it.
    """
    order = np.argsort(draws)
    ordered, upto = draws[order], np.cumsum(weights[order])
    before = np.concatenate([[0.0], upto[:-1]])
    ends = np.searchsorted(upto, before + prob)
    starts = np.flatnonzero(ends < ordered.size)
    shortest = starts[np.argmin(ordered[ends[starts]] - ordered[starts])]
    return float(ordered[shortest]), float(ordered[ends[shortest]])


def gaussian_interval(mean: Number, sd: Number, prob: float) -> tuple[Number, Number]:
    """Return the bounds of the central interval with this probability."""
    reach = sd * float(ndtri(0.5 + 0.5 * prob))
    return mean - reach, mean + reach
