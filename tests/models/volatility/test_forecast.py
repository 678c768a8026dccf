"""Volatility and returns of the periods to come, against direct simulation.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.laws import LAWS
from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
    VolatilityPriors,
    simulate,
)
from puffin.models.volatility.forecast import simulate_forward
from tests.models.volatility.kinds import (
    ALL_AT_LENGTH,
    ALL_MODELS,
    FALSE_ALARM,
    PARAMETERS,
    returns_of,
)


@ALL_AT_LENGTH
def test_next_volatility_is_h_next(fits, distribution, leverage):
    model = fits[distribution, leverage]
    h_next = model.posterior.flat("h_next")
    forecast = model.forecast(3, quantiles=[0.1, 0.5])
    assert forecast.horizon == 3
    assert forecast.volatility_draws.shape == forecast.return_draws.shape == (4000, 3)
    np.testing.assert_allclose(forecast.volatility_draws[:, 0], np.exp(0.5 * h_next), rtol=1e-12)
    for table, draws in (
        (forecast.volatility, forecast.volatility_draws),
        (forecast.returns, forecast.return_draws),
    ):
        assert list(table.index) == [1, 2, 3]
        assert list(table.columns) == [0.1, 0.5]
        np.testing.assert_allclose(table, np.quantile(draws, [0.1, 0.5], axis=0).T, rtol=1e-12)
    assert model.volatility_forecast == pytest.approx(np.exp(0.5 * h_next).mean())
    variance = np.exp(h_next).mean() + model.posterior.flat("mean").var()
    assert model.return_sd_forecast == pytest.approx(np.sqrt(variance))
    again = model.forecast(3, quantiles=[0.1, 0.5])
    np.testing.assert_array_equal(forecast.return_draws, again.return_draws)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::puffin.reading.OddReturnsWarning")
def test_quantiles_are_probabilities_of_the_next_returns():
    """The share of returns below each quantile, over 60 series of a known truth.

    The priors are those that the truths come from, and so each share is binomial.
    """
    priors, levels = VolatilityPriors(scale=0.01, mu_sd=0.5, sigma_sd=0.3), [0.05, 0.5, 0.95]
    below = np.zeros((2, 3))
    replicates = 60
    for replicate in range(replicates):
        stream = np.random.default_rng([1, replicate])
        truth = {
            "mean": 0.01 * stream.normal(), "mu": 0.5 * stream.normal() + 2 * np.log(0.01),
            "phi": 2 * stream.beta(20, 1.5) - 1, "sigma": 0.3 * abs(stream.normal()),
            "rho": 2 * stream.beta(4, 4) - 1, "random_seed": replicate,
        }  # fmt: skip
        y = simulate(43, **truth)["returns"].to_numpy()
        model = StochasticVolatilityModel(leverage=True, priors=priors)
        model.fit(y[:40], 250, chains=2, cores=1, random_seed=replicate)
        table = model.forecast(3, levels).returns
        below += y[[40, 42], None] < table.loc[[1, 3]].to_numpy()
    for row in below:
        for count, level in zip(row, levels, strict=True):
            assert stats.binomtest(int(count), replicates, level).pvalue > FALSE_ALARM / 6


@ALL_MODELS
def test_forecast_is_a_direct_simulation(distribution, leverage):
    """At fixed parameters, from one present state, three steps: distributions of both.

    The direct simulation draws the two shocks jointly, from their covariance.
    """
    size, rho, nu = 50_000, -0.7 if leverage else 0.0, 5.0
    shape = {"nu": nu, "asymmetry": 0.5, "nu_left": nu, "nu_right": 12.0}
    fixed = PARAMETERS | {name: shape[name] for name in LAWS[distribution].shape_names}
    fixed |= {"rho": rho} if leverage else {}
    parameters = {name: np.full(size, value) for name, value in fixed.items()}
    states, returns = simulate_forward(
        parameters | {"h_next": np.full(size, 1.0)},
        LAWS[distribution],
        3,
        np.random.default_rng(1),
    )
    stream, h = np.random.default_rng(2), np.full(size, 1.0)
    p_values = []
    for step in range(3):
        eps, eta = stream.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size).T
        tau = stats.invgamma(nu / 2, scale=(nu - 2) / 2).rvs(size, random_state=stream)
        error = np.sqrt(tau) * eps if distribution == "student" else eps
        if distribution == "asymmetric":
            error = LAWS[distribution].quantile(stats.norm.cdf(eps), fixed)
        y = 0.1 + np.exp(h / 2) * error
        if step:
            p_values.append(stats.ks_2samp(states[:, step], h).pvalue)
        p_values.append(stats.ks_2samp(returns[:, step], y).pvalue)
        # Joint with what comes next: a state and the return before it.
        h = -0.5 + 0.9 * (h + 0.5) + 0.4 * eta
        if step < 2:
            joint = states[:, step + 1] - 0.3 * returns[:, step]
            p_values.append(stats.ks_2samp(joint, h - 0.3 * y).pvalue)
    assert min(p_values) > FALSE_ALARM / len(p_values)


def test_forecast_of_a_fit_without_a_mean():
    model = StochasticVolatilityModel(mean="zero").fit(returns_of(), 500, random_seed=1)
    assert "mean" not in model.posterior.variables
    h_next = model.posterior.flat("h_next")
    assert model.return_sd_forecast == pytest.approx(np.sqrt(np.exp(h_next).mean()))
    assert np.isfinite(model.forecast(4).returns).all().all()
    assert np.isfinite(model.residuals()).all()
