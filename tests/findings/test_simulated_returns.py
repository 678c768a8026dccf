"""Whole histories that the model would expect."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin import bayesian_sharpe
from puffin.findings.simulated_returns import simulated_returns

FAST = {"samples": 500, "random_seed": 1, "periods_per_year": 252}


def test_have_the_mean_and_spread_of_the_returns(returns):
    """Means over 1,000 histories of 250: six standard errors of the posterior's mean each way."""
    values = returns["steady"]
    sharpe = bayesian_sharpe(values, risk_free_rate=0.02, **FAST)
    made = simulated_returns(sharpe, 250, 1000, 2)
    assert made.shape == (250, 1000)
    error = values.std() / np.sqrt(250)
    assert made.mean() == pytest.approx(values.mean(), abs=6 * error / np.sqrt(1000) + 0.1 * error)
    assert made.std() == pytest.approx(values.std(), rel=0.05)


def test_flat_periods_are_as_often(returns):
    values = returns["often flat"]
    made = simulated_returns(bayesian_sharpe(values, **FAST), 250, 400, 2)
    assert (made == 0.0).mean() == pytest.approx((values == 0.0).mean(), abs=0.02)


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.5])
def test_sums_vary_as_much_as_dependence_says(returns, factor):
    """The sd of 4,000 sums of 200 has a standard error of 1.1%: 5% are four and a half of them."""
    sharpe = bayesian_sharpe(returns["market"], autocorrelation="ignore", **FAST)
    sharpe["dependence_factor"] = factor
    for name in ("mu", "sd"):
        sharpe.posterior.variables[name][:] = sharpe.posterior.variables[name].mean()
    for name in sharpe.law.shape_names:
        sharpe.posterior.variables[name][:] = 30.0 if name.startswith("nu") else 0.0
    made = simulated_returns(sharpe, 200, 4000, 3)
    ratio = made.sum(axis=0).std() / (made.std() * np.sqrt(200))
    assert ratio == pytest.approx(factor, rel=0.05)


def test_autoregressive_returns_follow_on():
    errors = np.random.default_rng(1).normal(0, 0.01, 400)
    values = np.empty(400)
    values[0] = errors[0]
    for t in range(1, 400):
        values[t] = 0.5 * values[t - 1] + errors[t]
    sharpe = bayesian_sharpe(pd.Series(values), autocorrelation="ar1", **FAST)
    made = simulated_returns(sharpe, 400, 200, 2)
    together = np.corrcoef(made[1:].ravel(), made[:-1].ravel())[0, 1]
    assert together == pytest.approx(sharpe.posterior.flat("rho").mean(), abs=0.05)


def test_nothing_is_lost_twice(returns):
    sharpe = bayesian_sharpe(50 * returns["market"], **FAST)
    assert simulated_returns(sharpe, 100, 100, 1).min() == -1.0
