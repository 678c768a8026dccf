"""Averages of known distributions: against tables, quadrature and their own draws.

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
from puffin.posterior import PredictiveReturn


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


@pytest.mark.slow
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
@example([(0.0, -1.5), (0.0, -1.4), (51.75, 1.6), (5e-15, 0.0), (-1.0, -1.0)], None, 0.323)
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


def many_series(seed=0):
    """Two series of 3 chains and 500 draws, and each of them by itself."""
    stream = np.random.default_rng(1)
    location, spread = stream.normal(0.0, 0.3, (3, 500, 2)), stream.uniform(0.5, 2.0, (3, 500, 2))
    nu, before = stream.uniform(2.5, 20.0, (3, 500, 2)), stream.normal(size=(3, 500, 4, 2))
    together = PredictiveReturn(location, spread, StudentT(), {"nu": nu}, before, seed)
    return together, [
        PredictiveReturn(
            location[..., i], spread[..., i], StudentT(), {"nu": nu[..., i]}, before[..., i], seed
        )
        for i in range(2)
    ]


def test_many_series_are_each_by_itself():
    together, alone = many_series()
    for level in (0.01, 0.5, 0.97):
        y = together.quantile(level)
        assert y.shape == (2,)
        np.testing.assert_allclose(y, [one.quantile(level) for one in alone], rtol=1e-9)
        for name in ("cdf", "log_density", "tail_expectation", "conditional_wealth_shortfall"):
            ours = getattr(together, name)(y)
            each = [getattr(one, name)(value) for one, value in zip(alone, y, strict=True)]
            np.testing.assert_allclose(ours, np.stack(each, axis=-1), rtol=1e-9, err_msg=name)
    sds = [one.standard_deviation for one in alone]
    np.testing.assert_allclose(together.standard_deviation, sds, rtol=1e-12)
    assert together.draws.shape == (3, 500, 5, 2)
    returns, weights = together.nodes()
    assert returns.shape == (3, 500, 2, weights.size)


def test_tail_expectation_over_the_probability_is_the_mean_of_what_is_below():
    """By simulated returns: a false alarm has probability 1e-5."""
    _, (predictive, _) = many_series()
    y = predictive.quantile(0.2)
    draws = predictive.draws.sum(axis=2)
    gaps = draws * (draws <= y) - predictive.conditional_tail_expectation(y)
    assert abs(gaps.mean()) < stats.norm.isf(0.5e-5) * gaps.std() / np.sqrt(gaps.size)
    assert predictive.tail_expectation(y) / predictive.cdf(y) < y


def test_draws_are_the_periods_before_and_the_last_one():
    """Given each draw, the sum is the location and an error of the law: 1e-5 of a false alarm."""
    _, (predictive, _) = many_series()
    draws = predictive.draws
    np.testing.assert_array_equal(draws[:, :, :-1], predictive.before)
    np.testing.assert_array_equal(draws, predictive.draws)
    errors = (draws.sum(axis=2) - predictive.location) / predictive.spread
    assert (
        stats.kstest(predictive.law.cdf(errors, predictive.shape).ravel(), "uniform").pvalue > 1e-5
    )
    single = PredictiveReturn(predictive.location, predictive.spread, Normal(), {}, seed=3)
    assert single.draws.shape == (3, 500, 1)


def test_nodes_average_to_the_moments_of_each_draw():
    location, spread = np.array([[0.1, -0.2]]), np.array([[0.5, 2.0]])
    returns, weights = PredictiveReturn(location, spread, Normal(), {}).nodes()
    np.testing.assert_allclose(returns @ weights, location, atol=1e-12)
    np.testing.assert_allclose((returns - location[..., None]) ** 2 @ weights, spread**2)


def test_at_the_posterior_mean_all_draws_are_one():
    _, (predictive, _) = many_series()
    point = predictive.at_posterior_mean()
    for values, averaged in (
        (point.location, predictive.location.mean()),
        (point.spread, predictive.spread.mean()),
        (point.shape["nu"], predictive.shape["nu"].mean()),
    ):
        np.testing.assert_array_equal(values, np.full((3, 500), averaged))
