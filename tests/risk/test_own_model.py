"""A user's own model is asked like ours, by every function that sizes risk."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.portfolio import equal_risk_weights, forecast_volatilities, inverse_volatility_weights
from puffin.risk import (
    PredictiveModel,
    RefittableModel,
    kelly_fraction,
    predictive_return,
    rolling_forecast,
    stop_distance,
    tail_risk,
    volatility_target,
)
from tests.risk.garch import ALPHA, BETA, Garch

DATES = pd.bdate_range("2021-01-04", periods=400)


def returns_of(seed, size=0.01):
    return pd.Series(size * np.random.default_rng(seed).standard_normal(400), DATES)


@pytest.fixture(scope="module")
def model():
    return Garch().fit(returns_of(1))


def test_it_follows_the_protocols(model):
    assert isinstance(model, PredictiveModel)
    assert isinstance(Garch(), RefittableModel)


def test_value_at_risk_and_shortfall_of_one_period_are_those_of_a_normal(model):
    table = tail_risk(model).table
    sd = np.sqrt(model.variance)
    for level in (0.01, 0.05):
        z = stats.norm.isf(level)
        assert table["value_at_risk"][level] == pytest.approx(sd * z - model.mean)
        shortfall = sd * stats.norm.pdf(z) / level - model.mean
        assert table["expected_shortfall"][level] == pytest.approx(shortfall)


def test_risk_of_five_periods_is_that_of_simulated_returns(model):
    """The quantile of 4,000 simulated sums: within four standard errors of its own."""
    y = -tail_risk(model, (0.05,), horizon=5).value_at_risk[0.05]
    simulated = model.predictive(5).draws.sum(axis=2)
    error = np.sqrt(0.05 * 0.95 / simulated.size)
    assert abs(np.mean(simulated <= y) - 0.05) < 4.0 * error
    wealth = tail_risk(model, (0.05,), horizon=5, loss="wealth").value_at_risk[0.05]
    assert wealth == pytest.approx(-np.expm1(y))


def test_stop_is_a_quantile_of_its_own_paths(model):
    stop = stop_distance(model, 10, 0.1)
    lowest = np.cumsum(model.predictive(10).draws[0], axis=1).min(axis=1)
    assert stop.long == pytest.approx(-np.expm1(np.quantile(lowest, 0.1)))
    assert 0.0 < stop.long_error < 0.1 * stop.long


def test_target_is_over_the_volatility_that_it_says(model):
    size = volatility_target(model, 0.1, max_leverage=10.0)
    assert size.weight == pytest.approx(0.1 / np.sqrt(model.variance * 252))
    assert size.weight == pytest.approx(size.plug_in)


def test_kelly_is_that_of_its_simulated_returns(model):
    kelly = kelly_fraction(model)
    assert kelly.plug_in == kelly.fraction
    simple = np.expm1(model.predictive().draws)

    def growth(fraction):
        return np.log1p(fraction * simple).mean()

    best = max(growth(fraction) for fraction in np.linspace(0.0, 1.0, 41))
    assert growth(kelly.fraction) >= best
    mean, variance = model.mean, model.variance
    assert kelly.quadratic == pytest.approx((mean + variance / 2) / (variance + mean**2), rel=1e-3)


def test_forecasts_through_time_are_its_own():
    returns = returns_of(2)
    table = rolling_forecast(returns, Garch(), start=390, refit_every=5, random_seed=1).table
    values = returns.to_numpy()
    for first in (390, 395):
        mean, level = values[:first].mean(), values[:first].var()
        variance = level
        for t in range(first + 5):
            if t >= first:
                assert table["volatility"].iloc[t - 390] == pytest.approx(np.sqrt(variance))
                pit = stats.norm.cdf(values[t], mean, np.sqrt(variance))
                assert table["pit"].iloc[t - 390] == pytest.approx(pit)
            error = values[t] - mean
            variance = level * (1.0 - ALPHA - BETA) + ALPHA * error**2 + BETA * variance
    assert table["fitted"].tolist() == 2 * [True, False, False, False, False]


def test_weights_by_its_volatility(model):
    models = {"one": model, "other": Garch().fit(returns_of(3, 0.02))}
    sds = np.sqrt([one.variance for one in models.values()])
    np.testing.assert_allclose(forecast_volatilities(models), sds)
    np.testing.assert_allclose(inverse_volatility_weights(models), (1 / sds) / (1 / sds).sum())
    np.testing.assert_allclose(
        equal_risk_weights(models, np.eye(2)), inverse_volatility_weights(models)
    )
    with pytest.raises(TypeError, match=r"models\['one'\] has no residuals\(\).* pass correlation"):
        equal_risk_weights(models)
    models["late"] = Garch().fit(returns_of(4).shift(1, freq="B"))
    with pytest.raises(ValueError, match="end on different dates: 'one' at 2022-07-15"):
        forecast_volatilities(models)


def test_one_distribution_has_no_draws_to_judge_its_error_by(model):
    assert np.isinf(tail_risk(model).table["value_at_risk_error"]).all()
    assert predictive_return(model).location.shape == (1, 1)
