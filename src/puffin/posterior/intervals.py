"""Highest-density intervals."""

from __future__ import annotations

import numpy as np

from puffin.inference.arrays import Array

__all__ = ["highest_density_interval"]


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
