"""Averages of known distributions: against tables, quadrature and the draws behind a fit.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from puffin.laws import Normal, StudentT
from puffin.models.stochastic_vol import StochasticVolatilityModel, simulate
from puffin.risk import PredictiveReturn, predictive_return

MODELS = [("normal", False), ("student", False), ("normal", True), ("student", True)]


def mixture_of(location, spread, nu=None):
    """Student-t errors if `nu` is given, else normal ones."""
    law, shape = (Normal(), {}) if nu is None else (StudentT(), {"nu": nu})
    return PredictiveReturn(location, spread, law, shape)


def one(location=0.0, spread=1.0, nu=None):
    """A single distribution."""
    return mixture_of(
        np.full((1, 1), location),
        np.full((1, 1), spread),
        None if nu is None else np.full((1, 1), nu),
    )


def density(mixture, y):
    nu = mixture.shape.get("nu")
    if nu is None:
        return stats.norm.pdf(y, mixture.location, mixture.spread).mean()
    scale = mixture.spread * np.sqrt((nu - 2) / nu)
    return stats.t.pdf(y, nu, mixture.location, scale).mean()


def integral(mixture, function, upper):
    """Integral of a function times the density, up to `upper`."""
    centre, width = mixture.location.mean(), mixture.spread.max()
    knots = [-np.inf, *(centre - width * np.array([100.0, 10.0, 3.0])), upper]
    knots = [knot for knot in knots if knot <= upper]
    return sum(
        integrate.quad(lambda y: function(y) * density(mixture, y), low, high, epsabs=1e-13)[0]
        for low, high in itertools.pairwise(knots)
    )


mixtures = st.builds(
    lambda rows, student: mixture_of(
        np.array([[row[0] for row in rows]]),
        np.array([[row[1] for row in rows]]),
        np.array([[row[2] for row in rows]]) if student else None,
    ),
    st.lists(
        st.tuples(st.floats(-1, 1), st.floats(0.1, 3.0), st.floats(2.1, 60.0)),
        min_size=1,
        max_size=6,
    ),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("level", "nu", "quantile", "shortfall"),
    [
        (0.01, None, 2.326348, 2.665214),  # phi(2.326348) / 0.01
        (0.05, None, 1.644854, 2.062713),
        # The t with 5 degrees of freedom, times sqrt(3/5): tables have 3.364930 and 2.015048; the
        # density there, 0.379607 (1 + c^2 / 5)^-3, times (5 + c^2) / (4 p), is 4.45243 and 2.89013.
        (0.01, 5.0, 2.606464, 3.448837),
        (0.05, 5.0, 1.560850, 2.238685),
    ],
)
def test_tables(level, nu, quantile, shortfall):
    mixture = one(nu=nu)
    y = mixture.quantile(level)
    assert y == pytest.approx(-quantile, abs=2e-6)
    beyond = float(mixture.conditional_shortfall(y).mean())
    assert -y + beyond / level == pytest.approx(shortfall, abs=1e-5)
    # In other units, and elsewhere.
    moved = one(location=0.3, spread=2.0, nu=nu)
    assert moved.quantile(level) == pytest.approx(0.3 - 2.0 * quantile, abs=5e-6)


def test_mixture_of_two_normals():
    """Half of N(0, 1) and half of N(0, 9): P(Y < -3) = (0.001350 + 0.158655) / 2."""
    mixture = mixture_of(np.zeros((1, 2)), np.array([[1.0, 3.0]]))
    assert mixture.cdf(-3.0) == pytest.approx(0.0800026, abs=1e-7)
    assert mixture.quantile(mixture.cdf(-3.0)) == pytest.approx(-3.0, abs=1e-9)
    # E[Y; Y < -3] = -(phi(3) + 3 phi(1)) / 2 = -(0.0044318 + 0.7259122) / 2
    beyond = float(mixture.conditional_shortfall(-3.0).mean())
    assert 3.0 + beyond / mixture.cdf(-3.0) == pytest.approx(0.3651720 / 0.0800026, abs=1e-5)
    assert mixture.log_density(0.0) == pytest.approx(np.log(0.3989423 * (0.5 + 0.5 / 3)), abs=1e-6)


@given(mixtures, st.floats(0.001, 0.499))
@settings(max_examples=60)
def test_against_quadrature(mixture, level):
    y = mixture.quantile(level)
    assert mixture.cdf(y) == pytest.approx(level, rel=1e-7)
    assert np.exp(mixture.log_density(y)) == pytest.approx(density(mixture, y), rel=1e-9)
    assert integral(mixture, lambda x: 1.0, y) == pytest.approx(level, rel=1e-6)
    beyond = integral(mixture, lambda x: y - x, y)
    assert mixture.conditional_shortfall(y).mean() == pytest.approx(beyond, rel=1e-5)
    wealth = integral(mixture, lambda x: np.exp(y) - np.exp(x), y)
    assert mixture.conditional_wealth_shortfall(y).mean() == pytest.approx(wealth, rel=1e-5)


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(-6, 6)), min_size=1, max_size=5),
    st.floats(2.001, 2.5) | st.floats(3, 1e6) | st.none(),
    st.floats(1e-6, 0.49),
)
@settings(max_examples=200)
@example([(-54.1, -0.7), (-87.5, -5.7)], None, 6e-6)
@example([(-54.1, -0.7), (-87.5, -5.7)], 2.2, 6e-6)
def test_quantile_of_whatever(rows, nu, level):
    """Locations that are far apart, spreads from 1e-6 to 1e6, and tails without end."""
    location = np.array([[row[0] for row in rows]])
    spread = 10.0 ** np.array([[row[1] for row in rows]])
    mixture = mixture_of(location, spread, None if nu is None else np.full_like(spread, nu))
    y = mixture.quantile(level)
    next_to = 1e-14 * max(abs(y), 100.0)
    assert mixture.cdf(y - next_to) <= level * (1 + 1e-6)
    assert mixture.cdf(y + next_to) >= level * (1 - 1e-6)
    assert np.isfinite(mixture.conditional_shortfall(y)).all()


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
    with pytest.raises(TypeError, match="model must be a StochasticVolatilityModel; found int"):
        predictive_return(3)
    returns = simulate(60, random_seed=1)["returns"]
    model = StochasticVolatilityModel().fit(returns, 100, random_seed=1)
    with pytest.raises(ValueError, match="horizon must be a whole number of at least 1"):
        predictive_return(model, 0)
    model.posterior.variables["h_next"][0, 0] = 2000.0
    with pytest.raises(ValueError, match="leaves the range"):
        predictive_return(model)
