"""Prices during simulated days."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

SIGMA = 0.01


def days(n_days, n, noise=0.0, jump=0.0, seed=1):
    """Return log returns of Brownian days, perhaps seen with noise, perhaps with a jump each."""
    stream = np.random.default_rng(seed)
    steps = SIGMA / math.sqrt(n) * stream.standard_normal((n_days, n))
    steps[np.arange(n_days), stream.integers(n, size=n_days)] += jump
    price = np.concatenate([np.zeros((n_days, 1)), np.cumsum(steps, axis=1)], axis=1)
    observed = price + noise * stream.standard_normal(price.shape)
    dates = pd.bdate_range("2020-01-01", periods=n_days)
    times = (dates.to_numpy()[:, None] + np.timedelta64(10, "h")).astype("M8[ns]")
    times = times + (np.arange(1, n + 1) * np.timedelta64(20_000 // n, "s"))[None]
    return pd.Series(np.diff(observed, axis=1).ravel(), pd.DatetimeIndex(times.ravel()))


def mean_and_error(measure):
    """Return the mean of a measure over the true variance, and its standard error."""
    ratio = measure / SIGMA**2
    return float(ratio.mean()), float(ratio.std()) / math.sqrt(ratio.size)
