"""Sizes of positions: hand-checked numbers, and limits.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from puffin.laws import Normal, StudentT
from puffin.models.stochastic_vol import StochasticVolatilityModel, simulate
from puffin.risk import (
    PredictiveReturn,
    kelly_fraction,
    no_trade_band,
    quadratic_kelly,
    stop_distance,
    volatility_target,
    volatility_target_weights,
)
from puffin.risk.kelly import _maximum, _nodes

DATES = pd.date_range("2023-01-02", periods=60, freq="B")


def fitted(samples=500, distribution="normal", **constants):
    """A model whose draws are replaced by constants, or by repetitions of several numbers."""
    returns = simulate(60, random_seed=1, index=DATES)["returns"]
    model = StochasticVolatilityModel(distribution).fit(returns, samples, random_seed=1)
    for name, value in constants.items():
        draws = model.posterior.variables[name]
        draws[:] = np.resize(value, draws.shape)
    return model


# Volatility target


def test_volatility_target_by_hand():
    """Daily volatility of 1% or 2%: E exp(h) = 0.00025, 25.1% a year; expected volatility 23.8%."""
    model = fitted(h_next=2.0 * np.log([0.01, 0.02]))
    size = volatility_target(model, 0.1)
    assert size.wanted == size.weight == pytest.approx(0.1 / (0.00025 * 252) ** 0.5)
    assert size.plug_in == pytest.approx(0.1 / (0.015 * 252**0.5))
    assert size.volatility == pytest.approx(0.238118, abs=1e-6)
    assert (size.volatility_low, size.volatility_high) == pytest.approx((0.158745, 0.317490))
    assert size.prob_above_target == 0.5
    assert volatility_target(model, 0.5).weight == 1.0
    assert volatility_target(model, 0.5, max_leverage=1.5).weight == 1.5
    weekly = volatility_target(model, 0.1, periods_per_year=52)
    assert weekly.weight == pytest.approx(size.weight * (252 / 52) ** 0.5)
    # In the mean over the posterior, the position's variance is on target.
    variance = np.mean(size.weight**2 * np.exp(model.posterior.flat("h_next")) * 252)
    assert variance == pytest.approx(0.01)


def test_band_keeps_what_is_held():
    model = fitted(h_next=2.0 * np.log([0.01, 0.02]))
    wanted = volatility_target(model, 0.1).wanted
    for held, weight in ((1.09 * wanted, 1.09 * wanted), (1.11 * wanted, wanted), (0.0, wanted)):
        size = volatility_target(model, 0.1, held=held, band=0.1)
        assert size.weight == pytest.approx(weight)
        assert size.wanted == wanted
    kept = no_trade_band([1.0, 1.05, 0.95, 1.2, 1.1, 1.0], 0.1)
    assert kept.tolist() == [1.0, 1.0, 1.0, 1.2, 1.2, 1.0]
    assert no_trade_band([0.3, 0.3001, 0.2], 0.0).tolist() == [0.3, 0.3001, 0.2]


def test_weights_through_time():
    volatility = pd.Series([0.01, 0.02, 0.021, 0.001], DATES[:4])
    weights = volatility_target_weights(volatility, 0.1)
    wanted = np.minimum(0.1 / (volatility * 252**0.5), 1.0)
    np.testing.assert_allclose(weights, wanted)
    assert weights.index.equals(volatility.index)
    banded = volatility_target_weights(volatility, 0.1, max_leverage=2.0, band=0.1)
    np.testing.assert_allclose(banded, [wanted.iloc[0], wanted.iloc[1], wanted.iloc[1], 2.0])


@given(
    st.lists(st.floats(1e-6, 10.0), min_size=1, max_size=20),
    st.floats(0.01, 1.0),
    st.floats(0.1, 3.0),
    st.floats(0.0, 0.5),
    st.integers(1, 20),
)
def test_weights_know_the_past_only(volatility, target, cap, band, cut):
    options = {"max_leverage": cap, "band": band}
    weights = volatility_target_weights(volatility, target, **options)
    shorter = volatility_target_weights(volatility[:cut], target, **options)
    np.testing.assert_array_equal(weights[:cut], shorter)
    assert ((weights > 0) & (weights <= cap)).all()


# Kelly


def test_quadratic_kelly_by_hand():
    """Mean 0.1% and sd 2%: 0.001 / (0.0004 + 0.000001). Half of the time 0, the rest 0.2%, too."""
    assert quadratic_kelly(0.001, 0.02) == pytest.approx(2.4937656)
    uncertain = quadratic_kelly([0.0, 0.002], [0.02, 0.02])
    assert uncertain == pytest.approx(0.001 / (0.0004 + 0.000002))
    assert quadratic_kelly([-0.001, 0.003], [0.01, 0.03]) == pytest.approx(0.001 / 0.000505)


def growth(fraction, density, cash):
    def value(x):
        return np.log(1 + cash + fraction * (np.exp(x) - 1 - cash)) * density.pdf(x)

    knots = [-3.0, -0.5, -0.1, 0.1, 0.5, 3.0]
    return sum(integrate.quad(value, a, b)[0] for a, b in itertools.pairwise(knots))


@pytest.mark.parametrize(("m", "sd", "cash"), [(-1e-4, 0.02, 0.0), (0.01, 0.3, 0.02)])
def test_kelly_of_a_known_normal(m, sd, cash):
    """Against quadrature; for small periods it is m / sd^2 + 1/2 (Merton), here 0.25."""
    density = stats.norm(m, sd)
    best = optimize.minimize_scalar(
        lambda f: -growth(f, density, cash), bounds=(0, 1), options={"xatol": 1e-8}
    ).x
    known = PredictiveReturn(np.full((2, 50), m), np.full((2, 50), sd), Normal(), {})
    fraction, error = _maximum(_nodes(known, np.random.default_rng(1)), cash)
    assert fraction == pytest.approx(best, abs=1e-5)
    assert error == pytest.approx(0.0, abs=1e-9)
    if sd == 0.02:
        assert fraction == pytest.approx(0.25, abs=1e-3)


def test_kelly_of_a_known_student_t():
    """The variance of each error is drawn: within four standard errors of quadrature."""
    m, sd, nu = -0.0001, 0.02, 4.0
    density = stats.t(nu, m, sd * np.sqrt((nu - 2) / nu))
    best = optimize.minimize_scalar(lambda f: -growth(f, density, 0.0), bounds=(0, 1)).x
    shape = (4, 50_000)
    known = PredictiveReturn(
        np.full(shape, m), np.full(shape, sd), StudentT(), {"nu": np.full(shape, nu)}
    )
    fraction, error = _maximum(_nodes(known, np.random.default_rng(1)), 0.0)
    assert abs(fraction - best) < 4.0 * error + 1e-4
    assert error < 0.02


def test_kelly_of_a_model():
    inside = fitted(mean=np.linspace(-2e-4, 0.0, 2000), h_next=2 * np.log([0.01, 0.03]))
    kelly = kelly_fraction(inside)
    # E[m + v / 2] / E[v + m^2] with v = 0.0005 on average; 0.02 is the expected volatility.
    assert kelly.quadratic == pytest.approx((-1e-4 + 0.00025) / 0.0005, rel=1e-3)
    assert kelly.quadratic_plug_in == pytest.approx((-1e-4 + 0.0002) / 0.0004, rel=1e-3)
    assert kelly.fraction == pytest.approx(kelly.quadratic, abs=0.005)
    assert kelly.plug_in == pytest.approx(0.25, abs=0.005)
    assert kelly.prob_growth == pytest.approx(
        np.mean(
            inside.posterior.flat("mean")
            + 0.5 * (1 - kelly.quadratic) * np.exp(inside.posterior.flat("h_next"))
            > 0
        )
    )
    richer = kelly_fraction(inside, risk_free_rate=0.10)
    assert (richer.fraction, richer.error) == (0.0, 0.0)
    assert richer.quadratic < 0.0
    assert kelly_fraction(fitted(mean=0.01, h_next=-9.0)).fraction == 1.0
    assert kelly_fraction(inside) == kelly


def test_kelly_of_heavy_tails_is_finite():
    wild = fitted(distribution="student", nu=2.01, h_next=[-9.0, 3.0], mean=0.0)
    kelly = kelly_fraction(wild)
    assert np.isfinite(list(vars(kelly).values())).all()
    assert 0.0 <= kelly.fraction <= 1.0


# Stops


def test_stop_of_a_random_walk():
    """Twenty steps of 1%: the reflection principle, and Broadie, Glasserman & Kou's correction.

    P(min < -d) = 2 Phi(-d / (sd sqrt n)) where paths are watched all the time; at closes the
    distance is shorter by 0.5826 sd.
    """
    n, sd = 20, 0.01
    model = fitted(5000, mean=0.0, mu=2 * np.log(sd), h_next=2 * np.log(sd), sigma=1e-9, phi=0.5)
    stop = stop_distance(model, n, 0.05)
    distance = sd * np.sqrt(n) * stats.norm.isf(0.025) - 0.5826 * sd
    for found, error, sign in ((stop.long, stop.long_error, -1), (stop.short, stop.short_error, 1)):
        exact = sign * np.expm1(sign * distance)
        assert abs(found - exact) < 4.0 * error + 0.005 * exact
        assert 0.0 < error < 0.02 * exact
    assert (stop.horizon, stop.prob) == (20, 0.05)


def test_one_step_stop_is_the_value_at_risk():
    model = fitted(5000, mean=0.0, h_next=2 * np.log(0.01))
    stop = stop_distance(model, 1, 0.01)
    assert abs(stop.long + np.expm1(-0.02326348)) < 4 * stop.long_error
    assert stop_distance(model, 1, 0.01) == stop
    assert stop_distance(model, 5, 0.01).long > stop.long


# Input


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: volatility_target(1, 0.1), TypeError, "StochasticVolatilityModel; found int"),
        (lambda m: volatility_target(m, 0.0), ValueError, "target_volatility must be above zero"),
        (lambda m: volatility_target(m, 0.1, band=-0.1), ValueError, "band must be a share of at"),
        (lambda m: volatility_target(m, 0.1, max_leverage=0), ValueError, "max_leverage must be"),
        (lambda m: volatility_target(m, 0.1, held=np.nan), ValueError, "held must be finite"),
        (lambda m: kelly_fraction(m, risk_free_rate=-1), ValueError, "must be above -1; found"),
        (lambda m: stop_distance(m, 0), ValueError, "horizon must be a whole number"),
        (lambda m: stop_distance(m, 1, 0.95), ValueError, "is a level of 0.05"),
        (lambda m: volatility_target_weights([0.0], 0.1), ValueError, "volatility must be above"),
        (lambda m: volatility_target_weights([], 0.1), ValueError, "volatility needs at least 1"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(fitted(50))
