"""Weights of assets by their forecast volatilities."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from puffin import NotFittedError, StochasticVolatilityModel
from puffin.models.stochastic_vol import simulate
from puffin.portfolio import (
    equal_risk_weights,
    forecast_volatilities,
    inverse_volatility_weights,
)
from puffin.portfolio.volatility_scaling import _equal_contributions

DATES = pd.bdate_range("2020-01-01", periods=300)


def fitted(seed, mu=-9.0, dates=DATES, **options):
    returns = simulate(len(dates), mu=mu, random_seed=seed)["returns"].to_numpy()
    model = StochasticVolatilityModel(**options)
    return model.fit(pd.Series(returns, dates), 300, random_seed=1)


@pytest.fixture(scope="module")
def models():
    return {"calm": fitted(1, -10.0), "wild": fitted(2, -7.0), "third": fitted(3, -9.0)}


def with_log_variances(model, h_next):
    """The model with these draws of the next log-variance, and a mean that is known."""
    draws = model.fitted.draws
    variables = dict(draws.variables)
    variables["h_next"] = np.resize(h_next, variables["h_next"].shape)
    variables["mean"] = np.zeros_like(variables["h_next"])
    copy = StochasticVolatilityModel()
    copy._fitted = dataclasses.replace(
        model.fitted, sampled=dataclasses.replace(draws, variables=variables)
    )
    return copy


def test_by_hand_and_uncertainty_counts(models):
    """Volatility 2 for sure; or 1 and sqrt(7) equally likely, whose mean square is also 4.

    A third, 0.5 and 8 with equal odds, is 2 at the median of its log-variance, and riskier.
    """
    base = models["calm"]
    of = {
        "sure": with_log_variances(base, np.log([4.0])),
        "two": with_log_variances(base, np.log([1.0, 7.0])),
        "wide": with_log_variances(base, np.log([0.25, 64.0])),
    }
    volatilities = forecast_volatilities(of)
    np.testing.assert_allclose(volatilities, [2.0, 2.0, np.sqrt(32.125)])
    weights = inverse_volatility_weights(of, total=2.0)
    inverse = np.array([0.5, 0.5, 32.125**-0.5])
    np.testing.assert_allclose(weights, 2.0 * inverse / inverse.sum())
    assert list(weights.index) == ["sure", "two", "wide"]


def test_forecasts_are_the_models_own(models):
    found = forecast_volatilities(models)
    for name, model in models.items():
        assert found[name] == model.return_sd_forecast
        of_the_best_guess = np.exp(0.5 * model.posterior.flat("h_next").mean())
        assert found[name] > of_the_best_guess
    assert found["calm"] < found["wild"]


def test_two_assets_are_by_inverse_volatility_whatever_their_correlation(models):
    two = {name: models[name] for name in ("calm", "wild")}
    for rho in (-0.9, 0.0, 0.9):
        pd.testing.assert_series_equal(
            equal_risk_weights(two, [[1.0, rho], [rho, 1.0]]), inverse_volatility_weights(two)
        )


def test_equal_risk_by_hand(models):
    """Equal volatilities, b and c copies but for 1/2, both uncorrelated with a.

    x_b = x_c: x_a^2 = x_b (x_b + x_b / 2), so x_a / x_b = sqrt(1.5).
    """
    same = {name: with_log_variances(models["calm"], [0.0]) for name in "abc"}
    matrix = pd.DataFrame(np.eye(3), list("abc"), list("abc"))
    matrix.loc["b", "c"] = matrix.loc["c", "b"] = 0.5
    weights = equal_risk_weights(same, matrix.loc[["c", "a", "b"], ["b", "c", "a"]])
    ratio = np.sqrt(1.5)
    np.testing.assert_allclose(weights, np.array([ratio, 1.0, 1.0]) / (2.0 + ratio), rtol=1e-7)


def test_contributions_to_risk_are_equal(models):
    weights = equal_risk_weights(models)
    residuals = pd.concat([model.residuals() for model in models.values()], axis=1)
    correlation = np.corrcoef(residuals.to_numpy(), rowvar=False)
    volatilities = forecast_volatilities(models).to_numpy()
    covariance = correlation * np.outer(volatilities, volatilities)
    contributions = weights * (covariance @ weights)
    np.testing.assert_allclose(contributions / contributions.sum(), 1 / 3, rtol=1e-6)
    assert weights.sum() == pytest.approx(1.0)


def test_one_asset(models):
    assert equal_risk_weights({"calm": models["calm"]}).to_dict() == {"calm": pytest.approx(1.0)}


@given(hnp.arrays(np.float64, (12, 4), elements=st.floats(-1, 1)), st.floats(1e-3, 1.0))
@settings(max_examples=100)
def test_any_correlation_has_equal_contributions(values, jitter):
    gram = values.T @ values + jitter * np.eye(4)
    sizes = np.sqrt(np.diag(gram))
    correlation = gram / np.outer(sizes, sizes)
    x = _equal_contributions(correlation)
    assert (x > 0.0).all()
    np.testing.assert_allclose(x * (correlation @ x), 1.0, atol=1e-6)


class TestBadInput:
    def test_no_models(self):
        for nothing in ({}, [], None):
            with pytest.raises(TypeError, match="models must be a mapping"):
                inverse_volatility_weights(nothing)

    def test_something_else(self):
        with pytest.raises(TypeError, match=r"models\['a'\]: model must say .* found float"):
            inverse_volatility_weights({"a": 0.1})

    def test_not_fitted(self, models):
        unfit = {"calm": models["calm"], "new": StochasticVolatilityModel()}
        with pytest.raises(NotFittedError, match=r"models\['new'\] is not fitted"):
            inverse_volatility_weights(unfit)

    def test_dates_that_do_not_meet(self, models):
        early = fitted(4, dates=DATES[:-10])
        with pytest.raises(ValueError, match=r"end on different dates: 'calm' at 2021-02-23"):
            inverse_volatility_weights({"calm": models["calm"], "early": early})

    def test_total(self, models):
        with pytest.raises(ValueError, match="total must be above zero"):
            inverse_volatility_weights(models, total=0.0)

    def test_too_few_shared_dates(self, models):
        """Every 100th business day: with the other they share three dates, the last among them."""
        earlier = pd.bdate_range("2015-01-01", periods=50)
        rare = fitted(5, dates=earlier.append(DATES[99::100]))
        with pytest.raises(ValueError, match=r"share 3 dates, too few .* of 2 assets"):
            equal_risk_weights({"calm": models["calm"], "rare": rare})
        both = {"calm": models["calm"], "rare": rare}
        assert equal_risk_weights(both, np.eye(2)).sum() == pytest.approx(1.0)

    @pytest.mark.parametrize(
        ("correlation", "message"),
        [
            (np.eye(2), "correlation must have a row and a column for each of calm, wild, third"),
            (2 * np.eye(3), "ones on its diagonal; found 2 for 'calm'"),
            (np.triu(np.full((3, 3), 0.5)) + 0.5 * np.eye(3), "must be symmetric; found 0.5"),
            (np.ones((3, 3)), "must be positive definite"),
            (np.full((3, 3), np.nan), "correlation has 9 NaN values"),
            ([["a"] * 3] * 3, "correlation must hold numbers"),
            (pd.DataFrame(np.eye(2), ["calm", "wild"], ["calm", "wild"]), "no row .* 'third'"),
        ],
    )
    def test_what_is_no_correlation(self, models, correlation, message):
        with pytest.raises((ValueError, TypeError), match=message):
            equal_risk_weights(models, correlation)

    def test_copies(self, models):
        copies = {"a": models["calm"], "b": models["calm"]}
        with pytest.raises(ValueError, match="correlation of the residuals must be positive"):
            equal_risk_weights(copies)
