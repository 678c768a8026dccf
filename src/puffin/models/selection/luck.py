"""How many independent trials would have had as lucky a best: the effective number of trials."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from puffin.arrays import Array

__all__ = ["effective_trials"]

_DRAWS = 4000
_X = np.linspace(-8.0, 8.0, 2001)
_DENSITY = np.exp(-0.5 * _X**2) / np.sqrt(2.0 * np.pi) * (_X[1] - _X[0])
_BELOW = ndtr(_X)


def effective_trials(correlation: Array, stream: np.random.Generator) -> float:
    """Return the number of independent trials whose largest error is as large, on average.

    Parameters
    ----------
    correlation : ndarray of shape (n_trials, n_trials)
        Of the trials' errors.
    stream : Generator
        The average of the correlated ones is over 4,000 draws.

    Returns
    -------
    float
        From 1, where all trials are one, to the number of trials, where they are independent.
    """
    trials = len(correlation)
    if trials == 1:
        return 1.0
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    # Each draw counts with its opposite, whose largest is minus the smallest.
    errors = stream.standard_normal((_DRAWS // 2, trials)) @ root.T
    largest = 0.5 * float((errors.max(axis=1) - errors.min(axis=1)).mean())
    if largest >= _expected_largest(trials):
        return float(trials)
    return float(brentq(lambda number: _expected_largest(number) - largest, 1.0, trials))


def _expected_largest(number: float) -> float:
    """Return the expectation of the largest of so many independent standard normal numbers."""
    return float(number * (_X * _DENSITY * _BELOW ** (number - 1.0)).sum())
