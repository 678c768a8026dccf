"""From periods to years, where returns depend on each other."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.bayesian import bayesian_sharpe
from puffin.models.sharpe.annualisation import autocorrelated_annualisation


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.3])
@pytest.mark.parametrize("q", [1, 12, 252])
def test_annualisation_is_that_of_summed_returns(rho, q):
    """Lo's factor against the variance of a sum of q AR(1) returns, added up term by term."""
    lags = np.arange(1, q)
    variance = q + 2 * np.sum((q - lags) * rho**lags)
    factor = autocorrelated_annualisation(np.array([rho]), q)[0]
    assert factor == pytest.approx(q / np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("rho", [-0.3, 0.3])
def test_autocorrelated_returns(rho):
    """The Sharpe ratio of years: `ar1` is right about it and `ignore` is not."""
    stream, per_period, years, q = np.random.default_rng(3), 0.05, 200, 52
    shocks = stream.normal(size=years * q) * np.sqrt(1 - rho**2)
    returns = np.empty(years * q)
    returns[0] = shocks[0]
    for t in range(1, returns.size):
        returns[t] = rho * returns[t - 1] + shocks[t]
    returns += per_period
    truth = autocorrelated_annualisation(np.array([rho]), q)[0] * per_period
    ar1 = bayesian_sharpe(returns, periods_per_year=q, autocorrelation="ar1", random_seed=1)
    ignored = bayesian_sharpe(returns, periods_per_year=q, random_seed=1)
    assert abs(ar1["mean"] - truth) < 4.5 * ar1["std"]
    assert abs(ignored["mean"] - np.sqrt(q) * per_period) < 4.5 * ar1["std"]
    assert np.sign(truth - ignored["mean"]) == -np.sign(rho)
    assert abs(ar1.posterior.flat("rho").mean() - rho) < 0.06
