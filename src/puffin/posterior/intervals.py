"""Highest-density intervals."""

from __future__ import annotations

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

__all__ = ["highest_density_interval"]


def highest_density_interval(
    draws: NDArray[np.float64], prob: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the bounds of the shortest interval with `prob` of the draws.

    Parameters
    ----------
    draws : ndarray of shape (..., n_draws)

    Returns
    -------
    lower, upper : ndarray of shape (...)
    """
    bounds = array_stats.hdi(draws, prob, axis=-1)
    return bounds[..., 0], bounds[..., 1]
