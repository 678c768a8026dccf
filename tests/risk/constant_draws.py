"""A fitted model whose draws are what a test says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.models.stochastic_vol import StochasticVolatilityModel, simulate

DATES = pd.date_range("2023-01-02", periods=60, freq="B")


def fitted(samples=500, distribution="normal", **constants):
    """A model whose draws are replaced by constants, or by repetitions of several numbers."""
    returns = simulate(60, random_seed=1, index=DATES)["returns"]
    model = StochasticVolatilityModel(distribution).fit(returns, samples, random_seed=1)
    for name, value in constants.items():
        draws = model.posterior.variables[name]
        draws[:] = np.resize(value, draws.shape)
    return model
