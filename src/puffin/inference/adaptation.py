"""Warm-up of a random walk inside a Gibbs sampler: its steps learn the spread of what it moves."""

from __future__ import annotations

import math

import numpy as np

from puffin.arrays import Array

__all__ = ["chunks", "walk_factor"]


_CHUNKS = 10
_JITTER = 1e-10


def chunks(total: int) -> list[int]:
    """Split `total` draws into about ten pieces, between which progress is shown."""
    edges = np.unique(np.linspace(0, total, _CHUNKS + 1).astype(int))
    return [int(size) for size in np.diff(edges)]


def walk_factor(history: Array) -> Array:
    """Return the factor of the random-walk steps that suit `history`, shape (n_draws, n_dims).

    2.38 / sqrt(n_dims) times the factor of its covariance (Gelman, Roberts & Gilks 1996).
    """
    n = history.shape[1]
    covariance = np.cov(history, rowvar=False).reshape(n, n)
    jitter = _JITTER * np.maximum(np.diag(covariance), _JITTER)
    return np.asarray(2.38 / math.sqrt(n) * np.linalg.cholesky(covariance + np.diag(jitter)))
