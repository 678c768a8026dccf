"""The filter, the smoother and every path of regimes in plain NumPy, for one set of parameters."""

from __future__ import annotations

import itertools

import numpy as np


def stationary(transition):
    values, vectors = np.linalg.eig(transition.T)
    found = np.real(vectors[:, np.argmax(np.real(values))])
    return found / found.sum()


def densities(y, mean, sd, law, shape):
    """Density of each return in each regime, 1 where it is missing: (n_times, n_regimes)."""
    found = np.ones((y.size, mean.size))
    for t, value in enumerate(y):
        if np.isfinite(value):
            found[t] = np.exp(law.log_density((value - mean) / sd, shape)) / sd
    return found


def run(density, transition, initial):
    """Predicted, filtered and smoothed probabilities, and log predictive densities."""
    n, k = density.shape
    predicted, filtered = np.empty((n + 1, k)), np.empty((n + 1, k))
    logs = np.empty(n)
    predicted[0] = initial
    for t in range(n):
        joint = predicted[t] * density[t]
        logs[t] = np.log(joint.sum())
        filtered[t] = joint / joint.sum()
        predicted[t + 1] = filtered[t] @ transition
    filtered[n] = predicted[n]
    smoothed = filtered.copy()
    for t in range(n - 1, -1, -1):
        smoothed[t] = filtered[t] * (transition @ (smoothed[t + 1] / predicted[t + 1]))
    return predicted, filtered, smoothed, logs


def path_probabilities(density, transition, initial):
    """The joint density of the returns and each path, by the path: a sum over them is all."""
    n, k = density.shape
    found = {}
    for path in itertools.product(range(k), repeat=n):
        value = initial[path[0]] * density[0, path[0]]
        for t in range(1, n):
            value *= transition[path[t - 1], path[t]] * density[t, path[t]]
        found[path] = value
    return found
