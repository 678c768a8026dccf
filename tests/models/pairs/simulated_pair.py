"""A pair, or a basket, and models fitted to it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.models.bayesian import BayesianPairsTrading

METHODS = [
    {"method": "rolling"},
    {"method": "rolling", "errors": "ar1"},
    {"method": "state-space"},
]


QUICK = {"samples": 200, "chains": 2, "random_seed": 1}


WINDOW = 20


def pair(rows=120, *, hedges=1, phi=0.5, seed=1):
    """Prices near 50, named and dated; y follows the hedges with an AR(1) error."""
    stream = np.random.default_rng([rows, hedges, seed])
    dates = pd.bdate_range("2020-01-01", periods=rows, name="date")
    names = ["PEP", "MNST", "KDP"][:hedges]
    x = pd.DataFrame(50 + np.cumsum(stream.normal(size=(rows, hedges)), axis=0), dates, names)
    error = np.zeros(rows)
    for t in range(1, rows):
        error[t] = phi * error[t - 1] + 0.5 * stream.normal()
    y = pd.Series(10 + x.to_numpy().sum(axis=1) * 0.8 + error, dates, name="KO")
    return y, x if hedges > 1 else x["PEP"]


def fitted(y, x, window=WINDOW, **options):
    model = BayesianPairsTrading(**options)
    return model, model.fit_dynamic_hedge(y, x, window, **QUICK)
