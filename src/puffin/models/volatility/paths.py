"""Summaries of many volatility paths, in pieces that fit the cache."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.posterior import highest_density_interval

__all__ = ["mean_residuals", "mean_volatility", "volatility_table"]

_ROWS, _COLUMNS = 32, 64


def mean_volatility(states: Array) -> Array:
    """Return the mean of exp(h / 2) of log-variances of shape (n_draws, n_times)."""
    total = np.zeros(states.shape[1])
    for first in range(0, states.shape[0], _ROWS):
        total += np.exp(0.5 * states[first : first + _ROWS]).sum(axis=0, dtype=np.float64)
    return np.asarray(total / states.shape[0])


def mean_residuals(returns: Array, coefficients: Array, regressors: Array, states: Array) -> Array:
    """Return the means of (return - its mean) exp(-h / 2).

    Parameters
    ----------
    returns : ndarray of shape (n_times,)
    coefficients : ndarray of shape (n_draws, n_regressors)
        Of returns' means, the constant one among them.
    regressors : ndarray of shape (n_times, n_regressors)
    states : ndarray of shape (n_draws, n_times)
    """
    inverse, product = np.zeros(states.shape[1]), np.zeros(states.shape[1])
    for first in range(0, states.shape[0], _ROWS):
        scales = np.exp(-0.5 * states[first : first + _ROWS].astype(np.float64))
        inverse += scales.sum(axis=0)
        product += ((coefficients[first : first + _ROWS].T @ scales) * regressors.T).sum(axis=0)
    return np.asarray((returns * inverse - product) / states.shape[0])


def volatility_table(states: Array, mean: Array, hdi_prob: float) -> pd.DataFrame:
    """Return mean, median and highest-density interval of exp(h / 2) at each time.

    Parameters
    ----------
    states : ndarray of shape (n_draws, n_times)
    mean : ndarray of shape (n_times,)
    """
    parts = []
    for first in range(0, states.shape[1], _COLUMNS):
        by_time = np.ascontiguousarray(states[:, first : first + _COLUMNS].T)
        by_time.sort(axis=1)
        volatility = np.exp(0.5 * by_time)
        middle = volatility.shape[1] // 2
        median = 0.5 * (volatility[:, middle] + volatility[:, (volatility.shape[1] - 1) // 2])
        parts.append((median, *highest_density_interval(volatility, hdi_prob)))
    median, low, high = (
        np.concatenate(arrays).astype(np.float64) for arrays in zip(*parts, strict=True)
    )
    return pd.DataFrame({"mean": mean, "median": median, "hdi_low": low, "hdi_high": high})
