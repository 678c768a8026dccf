"""Returns of a known factor model, and a fit of them that tests share."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pandas as pd

import puffin as pf

NAMES = ["A", "B", "C", "D"]


def simulated(n_times=250, seed=3):
    """Return returns of four assets and one factor, and the covariances that they had."""
    stream = np.random.default_rng(seed)
    loadings = np.array([0.010, 0.008, 0.012, -0.004])
    h = np.zeros((n_times, 5))
    level = np.array([-9.5, -9.0, -9.8, -9.2, 0.0])
    for t in range(1, n_times):
        h[t] = 0.95 * h[t - 1] + 0.25 * stream.standard_normal(5)
    v = np.exp(level + h)
    shocks = np.sqrt(v) * stream.standard_normal(v.shape)
    returns = 0.0005 + shocks[:, :4] + shocks[:, 4:] * loadings
    truth = v[:, 4, None, None] * np.outer(loadings, loadings)
    truth[:, range(4), range(4)] += v[:, :4]
    dates = pd.bdate_range("2022-01-03", periods=n_times, name="date")
    return pd.DataFrame(returns, dates, NAMES), truth


@functools.cache
def fit(distribution="normal"):
    """Return a fit, of which the last asset starts late and one return is missing."""
    returns, _ = simulated()
    returns.iloc[:60, 3] = np.nan
    returns.iloc[100, 0] = np.nan
    return quick(returns, distribution=distribution)


def quick(returns, samples=150, tune=150, factors=1, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pf.ConvergenceWarning)
        model = pf.MultivariateSV(factors, **options)
        return model.fit(returns, samples, tune, chains=2, random_seed=1)
