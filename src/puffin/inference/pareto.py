"""How heavy the tail of importance weights is."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array

__all__ = ["pareto_k_hat"]

_LEAST_TAIL = 5


def pareto_k_hat(log_weights: Array) -> float:
    """Return the shape of the generalised Pareto distribution of the largest weights.

    Fitted to the largest min(n / 5, 3 sqrt(n)) weights by the quasi-Bayesian method of Zhang &
    Stephens (2009) and drawn a little to 1/2 (Vehtari, Simpson, Gelman, Yao & Gabry 2024). Above
    0.7 estimates from these weights cannot be trusted. Minus infinity where the largest weights
    are all the same.
    """
    n = log_weights.size
    tail = int(min(n / 5, 3 * np.sqrt(n)))
    if tail < _LEAST_TAIL:
        return np.inf
    largest = np.sort(log_weights)[-tail - 1 :]
    weights = np.exp(largest - largest[-1])
    excess = weights[1:] - weights[0]
    return _shape(excess[excess > 0.0])


def _shape(x: Array) -> float:
    """Fit the shape to sorted positive `x`; location zero."""
    n = x.size
    if n < _LEAST_TAIL:
        return -np.inf
    grid = 30 + int(np.sqrt(n))
    quartile = x[int(n / 4 + 0.5) - 1]
    theta = 1 / x[-1] + (1 - np.sqrt(grid / (np.arange(grid) + 0.5))) / (3 * quartile)
    k = np.log1p(-theta[:, None] * x).mean(axis=1)
    profile = n * (np.log(-theta / k) - k - 1)
    weights = np.exp(profile - profile.max())
    best = weights @ theta / weights.sum()
    shape = np.log1p(-best * x).mean()
    return float((n * shape + 10 * 0.5) / (n + 10))
