"""Fits that several tests share, made once."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from puffin.models.regimes import BayesianRegimeSwitching
from tests.inference.regimes.problems import simulate


@functools.cache
def returns(size=420, seed=1):
    values, _ = simulate(np.random.default_rng(seed), size)
    index = pd.bdate_range("2020-01-01", periods=size, name="date")
    return pd.Series(0.01 * values, index, name="fund")


@functools.cache
def fitted(distribution="normal", size=400, samples=1000):
    """Never changed by a test: `copy` it before an update."""
    model = BayesianRegimeSwitching(2, distribution)
    return model.fit(returns()[:size], samples, chains=2, cores=1, random_seed=3)
