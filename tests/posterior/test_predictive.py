"""What a model says comes next: against the draws behind it.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.failure import SamplingError
from puffin.laws import Normal
from puffin.models.stochastic_vol import StochasticVolatilityModel, simulate
from puffin.models.volatility import sampling
from puffin.posterior import FallbackWarning, PredictiveReturn, predictive_return

MODELS = [("normal", False), ("student", False), ("normal", True), ("student", True)]


@pytest.mark.parametrize(("distribution", "leverage"), MODELS)
@pytest.mark.parametrize("horizon", [1, 4])
def test_agrees_with_simulated_returns(distribution, leverage, horizon):
    """Given the draws, simulated returns are independent of known probabilities."""
    returns = simulate(120, nu=6.0, rho=-0.5, phi=0.95, sigma=0.3, random_seed=1)["returns"]
    model = StochasticVolatilityModel(distribution, leverage).fit(returns, 1000, random_seed=1)
    predictive = predictive_return(model, horizon)
    assert predictive.location.shape == (4, 1000)
    simulated = model.forecast(horizon).return_draws.sum(axis=1)
    p_values = []
    for level in (0.01, 0.05, 0.5):
        y = predictive.quantile(level)
        expected = predictive.conditional_cdf(y).ravel()
        z = ((simulated <= y) - expected).sum() / np.sqrt((expected * (1 - expected)).sum())
        p_values.append(2 * stats.norm.sf(abs(z)))
        beyond = np.maximum(y - simulated, 0.0) - predictive.conditional_shortfall(y).ravel()
        p_values.append(2 * stats.norm.sf(abs(beyond.sum() / np.sqrt((beyond**2).sum()))))
    assert min(p_values) > 1e-4 / 8 / len(p_values)


def test_bad_arguments():
    with pytest.raises(
        TypeError,
        match=r"model must say what comes next, .* found int",
    ):
        predictive_return(3)
    returns = simulate(60, random_seed=1)["returns"]
    model = StochasticVolatilityModel().fit(returns, 100, random_seed=1)
    with pytest.raises(ValueError, match="horizon must be a whole number of at least 1"):
        predictive_return(model, 0)
    model.posterior.variables["h_next"][0, 0] = 2000.0
    with pytest.raises(ValueError, match="leaves the range"):
        predictive_return(model)


def test_models_of_many_series_are_not_of_one():
    class Many:
        def predictive(self, horizon=1):
            size = np.ones((1, 1, 3))
            return PredictiveReturn(0.0 * size, size, Normal(), {})

    with pytest.raises(ValueError, match="model is of 3 series"):
        predictive_return(Many())


@pytest.mark.slow
def test_draws_of_a_model_are_those_of_its_forecast():
    returns = simulate(60, random_seed=1)["returns"]
    model = StochasticVolatilityModel("student", leverage=True).fit(returns, 100, random_seed=1)
    for horizon in (1, 3):
        draws = predictive_return(model, horizon).draws
        assert draws.shape == (4, 100, horizon)
        np.testing.assert_array_equal(
            draws.reshape(-1, horizon), model.forecast(horizon).return_draws
        )


def test_what_a_fallback_says_is_normal_whatever_the_model(monkeypatch):
    def fail(*_, **__):
        raise SamplingError("on purpose")

    monkeypatch.setattr(sampling, "sample_stochastic_volatility", fail)
    returns = simulate(60, random_seed=1)["returns"]
    with pytest.warns(FallbackWarning):
        model = StochasticVolatilityModel("student").fit(returns, 100, random_seed=1)
    predictive = predictive_return(model)
    assert predictive.law.name == "normal"
    exact = stats.norm.cdf(-0.01, 0.0, np.exp(0.5 * model.posterior.variables["h_next"])).mean()
    assert predictive.cdf(-0.01) == pytest.approx(exact)
