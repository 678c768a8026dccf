from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

import puffin as pf
from puffin.models.regimes.forecast import simulate_forward
from tests.models.regimes.fitting import fitted


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize("distribution", ["normal", "student"])
def test_the_predictive_is_a_distribution(distribution, horizon):
    """Its parts agree: density, distribution function, partial expectation, quantiles, moments."""
    predictive = fitted(distribution).predictive(horizon)
    sd = float(predictive.standard_deviation)
    grid = np.linspace(-12 * sd, 12 * sd, 4001)
    grid = grid[::10]
    density = np.exp([predictive.log_density(float(y)) for y in grid])
    assert integrate.simpson(density, x=grid) == pytest.approx(1.0, abs=2e-3)
    y, below = grid[175], np.arange(401) <= 175
    assert predictive.cdf(y) == pytest.approx(
        integrate.simpson(density[below], x=grid[below]), abs=2e-3
    )
    partial = integrate.simpson((grid * density)[below], x=grid[below])
    assert predictive.tail_expectation(y) == pytest.approx(partial, abs=0.02 * sd)
    for prob in (0.01, 0.5, 0.99):
        assert predictive.cdf(predictive.quantile(prob)) == pytest.approx(prob, abs=1e-6)
    draws = predictive.draws.sum(axis=2)
    assert draws.std() == pytest.approx(sd, rel=0.15)
    nodes, weights = predictive.nodes()
    assert float((nodes @ weights).mean()) == pytest.approx(
        float(predictive.location.mean()), abs=5 * sd / np.sqrt(1000)
    )


def test_a_step_ahead_is_the_next_regime_s_mixture():
    model = fitted()
    draws = model.fitted.draws
    y = 0.004
    logs = draws.parameters.log_densities(np.array([y]), draws.law)[:, 0]
    expected = np.log((np.exp(logs) * draws.ahead.reshape(-1, 2)).sum(axis=1).mean())
    assert model.predictive().log_density(y) == pytest.approx(expected)
    assert model.log_predictive_density(y) == pytest.approx(expected)


def test_far_ahead_regimes_are_as_usual():
    model = fitted()
    forecast = model.forecast(500)
    usual = model.fitted.draws.shares.mean(axis=(0, 1))
    np.testing.assert_allclose(forecast.regimes.iloc[-1], usual, atol=0.02)
    np.testing.assert_allclose(forecast.regimes.iloc[0], model.next_regime, rtol=1e-9)
    np.testing.assert_allclose(forecast.regimes.sum(axis=1), 1.0)
    assert list(forecast.returns.columns) == [0.03, 0.25, 0.5, 0.75, 0.97]
    assert repr(forecast).startswith("RegimeForecast\nThe next period is in regime")


def test_simulated_chains_switch_as_often_as_they_should():
    """Shares of 1,000 draws: 5 standard errors, false alarm 6e-7."""
    draws = fitted().fitted.draws
    start = np.zeros((len(draws.parameters.mean), 2))
    start[:, 0] = 1.0
    regimes, _ = simulate_forward(draws.parameters, start, draws.law, 2, np.random.default_rng(1))
    assert (regimes[:, 0] == 0).all()
    moved = draws.parameters.transition[:, 0, 1].mean()
    error = np.sqrt(moved * (1 - moved) / len(regimes))
    assert abs((regimes[:, 1] == 1).mean() - moved) < 5 * error


def test_risk_and_positions_take_it():
    """Value at risk, expected shortfall and sizes of positions, of the mixture."""
    model = fitted("student")
    risk = pf.risk.tail_risk(model, [0.01], horizon=1)
    value = float(np.ravel(risk.value_at_risk)[0])
    assert value == pytest.approx(-model.predictive().quantile(0.01))
    assert float(np.ravel(risk.expected_shortfall)[0]) > value
    week = pf.risk.tail_risk(model, [0.01], horizon=5)
    assert float(np.ravel(week.value_at_risk)[0]) > value
