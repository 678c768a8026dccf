"""Prices of a pair, or of a basket, whose hedge ratios hold."""

from __future__ import annotations

import numpy as np


def prices(rows, *, hedges=1, noise=1.0, phi=0.0, level=100.0, seed=1):
    """A basket of random walks, and y that follows it with an AR(1) error."""
    stream = np.random.default_rng([rows, hedges, seed])
    X = level + np.cumsum(stream.normal(size=(rows, hedges)), axis=0)
    error = np.zeros(rows)
    for t in range(1, rows):
        error[t] = phi * error[t - 1] + stream.normal()
    return X, 20.0 + 0.8 * X.sum(axis=1) + noise * error
