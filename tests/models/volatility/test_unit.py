"""One place for the change of unit: there and back, and what it does to a density."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.latent_ar1.guide import Start
from puffin.inference.stochastic_volatility import StochasticVolatility
from puffin.laws import find_law
from puffin.models.stochastic_vol import VolatilityPriors
from puffin.models.volatility.unit import Unit

UNIT = Unit(0.02)


def test_unit_is_that_of_the_priors():
    y = np.array([0.01, np.nan, -0.03, 0.02])
    assert Unit.of(y, VolatilityPriors()).scale == pytest.approx(np.nanstd(y))
    assert Unit.of(y, VolatilityPriors(scale=0.01)).scale == 0.01


def test_a_return_is_as_many_standard_deviations_in_both_units():
    scaled = {"mean": 0.3, "mu": -0.5, "h_last": 0.1, "h_next": 0.7, "phi": 0.9, "sigma": 0.2}
    own = UNIT.variables({name: np.full((1, 1), value) for name, value in scaled.items()})
    assert own["phi"] == scaled["phi"]
    assert own["sigma"] == scaled["sigma"]
    for name in ("mu", "h_last", "h_next"):
        y = 1.3
        there = (y - scaled["mean"]) / np.exp(0.5 * scaled[name])
        here = (0.02 * y - own["mean"]) / np.exp(0.5 * own[name])
        np.testing.assert_allclose(here, there)
    assert "mean" not in UNIT.variables({"mu": np.zeros((1, 1))})


def test_report_is_the_density_of_the_returns_themselves():
    y = np.array([0.01, -0.03, 0.02])
    scaled = float(stats.norm.logpdf(y / 0.02).sum())
    found = UNIT.report({"log_marginal_likelihood": scaled, "acceptance": 0.5}, 3)
    assert found["log_marginal_likelihood"] == pytest.approx(stats.norm.logpdf(y, 0, 0.02).sum())
    assert found["acceptance"] == 0.5
    assert UNIT.report({}, 3) == {}


def test_start_goes_there_and_back():
    priors = VolatilityPriors().on_scaled_returns
    parameters = StochasticVolatility(
        find_law("normal", jumps=True), False, True, 10.0, priors
    ).parameters
    point = np.array([0.5, 1.2, 0.3, 0.2, -1.0, np.log(3.0)])
    start = Start(
        point, np.array([-1.0, 0.2]), np.cov(np.random.default_rng(1).normal(size=(6, 9)))
    )
    own = UNIT.start(start, parameters)
    expected = [0.01, 1.2, 0.3, 0.2, -0.02, np.log(0.06)]
    np.testing.assert_allclose(own.point, expected)
    np.testing.assert_allclose(own.states, start.states + 2.0 * np.log(0.02))
    slopes = np.array([0.02, 1.0, 1.0, 1.0, 0.02, 1.0])
    np.testing.assert_allclose(own.covariance, start.covariance * np.outer(slopes, slopes))
    back = UNIT.scaled_start(own, parameters)
    np.testing.assert_allclose(back.point, start.point)
    np.testing.assert_allclose(back.states, start.states)
    np.testing.assert_allclose(back.covariance, start.covariance)


def test_coefficients_are_those_of_regressors_over_their_spread():
    """Of x in the unit of the returns and of x, of z in its own; so is the prior's density."""
    b, g = "mean_coefficients[x]", "variance_coefficients[z]"
    unit = Unit.of(np.ones(2), VolatilityPriors(scale=0.02), spreads={b: 5.0, g: 3.0})
    own = unit.variables({"mu": np.zeros((1, 1)), b: np.array([[0.7]]), g: np.array([[0.6]])})
    assert own[b].item() == pytest.approx(0.02 * 0.7 / 5.0)
    assert own[g].item() == pytest.approx(0.6 / 3.0)
    priors = VolatilityPriors(mean_coefficient_sd=0.4, variance_coefficient_sd=0.9)
    expected = stats.norm.logpdf(0.0, 0.0, priors.mu_sd)
    expected += stats.norm.logpdf(own[b], 0.0, 0.4 * 0.02 / 5.0)
    expected += stats.norm.logpdf(own[g], 0.0, 0.9 / 3.0)
    np.testing.assert_allclose(unit.log_prior(own, priors), expected)


def test_log_prior_of_all_is_the_sum_of_every_parameter_s():
    priors = VolatilityPriors()
    drawn = {
        "mean": 0.001, "mu": -8.0, "phi": 0.95, "sigma": 0.3, "nu": 7.0, "rho": -0.4,
    }  # fmt: skip
    variables = {name: np.full((1, 1), value) for name, value in drawn.items()}
    expected = (
        stats.norm.logpdf(0.001, scale=0.02)
        + stats.norm.logpdf(-8.0, loc=UNIT.log_variance, scale=10.0)
        + stats.beta.logpdf(0.975, 20.0, 1.5)
        + stats.halfnorm.logpdf(0.3)
        + stats.expon.logpdf(5.0, scale=10.0)
        + stats.beta.logpdf(0.3, 4.0, 4.0)
        - 2.0 * np.log(2.0)
    )
    found = UNIT.log_prior_of_all(variables, list(drawn), priors)
    assert float(found.item()) == pytest.approx(expected)
