"""Highest-density intervals."""

from __future__ import annotations

from arviz_stats.base import array_stats

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
    bounds = array_stats.hdi(draws, prob, axis=-1)
    return bounds[..., 0], bounds[..., 1]
