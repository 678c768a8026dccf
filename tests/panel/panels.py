"""Panels of simulated returns, and what fits them quickest: draws of a regression are exact."""

from __future__ import annotations

import numpy as np
import pandas as pd

import puffin as pf

DAYS = pd.bdate_range("2021-01-01", periods=60, name="ds")
FACTOR = pd.DataFrame({"market": np.random.default_rng(0).standard_normal(60) * 0.01}, DAYS)


def wide(n_assets=6, seed=1):
    """Return returns that depend on the factor."""
    own = np.random.default_rng(seed).standard_t(5, (len(DAYS), n_assets)) * 0.01
    names = [f"asset {n}" for n in range(n_assets)]
    return pd.DataFrame(own + FACTOR.to_numpy(), DAYS, names)


def long(table):
    """Return a wide table as statsforecast has it."""
    return table.reset_index().melt("ds", var_name="unique_id", value_name="y")


def regressed(returns, **arguments):
    """Return a panel of regressions on the factor."""
    settings = {"X": FACTOR, "samples": 50, "seed": 1, "n_jobs": 1} | arguments
    return pf.fit_each(pf.BayesianLinearRegression(), returns, **settings)


def assert_same(panel, other):
    """Assert that two panels say the same to the last bit, in the same order."""
    for name in ("summary", "assets", "failures"):
        one, another = getattr(panel, name), getattr(other, name)
        pd.testing.assert_frame_equal(one, another, check_exact=True)
    assert panel.seed == other.seed
