"""What holds for every law of the registry, against quadrature and the law's own draws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from puffin.laws import LAWS
from tests.laws.cases import SHAPES, arrays, cases

every_law = pytest.mark.parametrize(("law", "shape", "mirror"), cases())

POINTS = np.array([-40.0, -6.0, -2.5, -1.0, -0.3, 0.0, 0.2, 1.3, 4.0, 25.0])
PROBS = np.array([1e-10, 1e-4, 0.01, 0.3, 0.5, 0.8, 0.99, 1.0 - 1e-6])
FARTHEST = 260.0
N_DRAWS = 200_000
FALSE_ALARM = 1e-6
"""Of each test of draws; their seeds are fixed."""


def moment(law, shape, power, low=-FARTHEST, high=FARTHEST):
    """The integral of x^power f(x), by x = sinh(u): fat tails fall off exponentially in u."""

    def integrand(u):
        x = np.sinh(u)
        return float(x**power * np.exp(law.log_density(x, shape)) * np.cosh(u))

    edges = np.unique(np.clip([low, -20.0, -3.0, 0.0, 3.0, 20.0, high], low, high))
    parts = [
        integrate.quad(integrand, a, b, epsabs=1e-13, epsrel=1e-11, limit=500)[0]
        for a, b in itertools.pairwise(edges)
    ]
    return sum(parts)


@every_law
def test_errors_have_mean_zero_and_variance_one(law, shape, mirror):
    assert moment(law, shape, 0) == pytest.approx(1.0, abs=1e-10)
    assert moment(law, shape, 1) == pytest.approx(0.0, abs=1e-10)
    assert moment(law, shape, 2) == pytest.approx(1.0, abs=1e-9)


@every_law
def test_cdf_is_the_integral_of_the_density(law, shape, mirror):
    for x in POINTS:
        mass = moment(law, shape, 0, high=np.arcsinh(x))
        assert float(law.cdf(x, shape)) == pytest.approx(mass, rel=1e-8, abs=1e-12)


@every_law
def test_quantiles_invert_the_cdf(law, shape, mirror):
    np.testing.assert_allclose(law.cdf(law.quantile(PROBS, shape), shape), PROBS, rtol=1e-9)


@every_law
def test_tail_expectation_is_the_integral_of_what_is_below(law, shape, mirror):
    for q in POINTS:
        partial = moment(law, shape, 1, high=np.arcsinh(q))
        assert float(law.tail_expectation(q, shape)) == pytest.approx(partial, rel=1e-7, abs=1e-12)
    ends = law.tail_expectation(np.array([-np.inf, np.inf]), shape)
    np.testing.assert_array_equal(np.abs(ends), 0.0)


@every_law
def test_the_mirror_image_is_the_law_of_minus_the_error(law, shape, mirror):
    if mirror is None:
        pytest.skip("no shape is the mirror image")
    np.testing.assert_allclose(law.log_density(POINTS, shape), law.log_density(-POINTS, mirror))
    np.testing.assert_allclose(law.cdf(POINTS, shape), 1.0 - law.cdf(-POINTS, mirror), atol=1e-14)
    inner = PROBS[2:6]
    np.testing.assert_allclose(
        law.quantile(inner, shape), -law.quantile(1.0 - inner, mirror), atol=1e-12
    )
    np.testing.assert_allclose(
        law.tail_expectation(POINTS, shape), law.tail_expectation(-POINTS, mirror), rtol=1e-12
    )


@every_law
def test_draws_follow_the_cdf(law, shape, mirror):
    draws = law.draw(np.random.default_rng(1), N_DRAWS, shape)
    assert draws.shape == (N_DRAWS,)
    assert stats.kstest(law.cdf(draws, shape), "uniform").pvalue > FALSE_ALARM


@every_law
def test_the_shock_of_an_error_is_normal_and_goes_with_it(law, shape, mirror):
    """The pair (error, shock) is the same whichever of the two is drawn first."""
    stream = np.random.default_rng(2)
    shocks = stream.standard_normal(N_DRAWS)
    errors = law.error(shocks, law.mixing(stream, N_DRAWS, shape), shape)
    again = law.shock(errors, stream, shape)
    assert stats.kstest(again, "norm").pvalue > FALSE_ALARM
    for of_error in (np.tanh, np.cos, lambda x: x * (np.abs(x) < 0.5)):
        for power in (1, 2):
            gaps = of_error(errors) * (shocks**power - again**power)
            error = max(gaps.std() / np.sqrt(N_DRAWS), 1e-12)
            assert abs(gaps.mean()) < stats.norm.isf(0.5 * FALSE_ALARM) * error


@every_law
def test_the_mixing_of_an_error_goes_with_it(law, shape, mirror):
    """The pair (error, mixing) is the same whichever of the two is drawn first."""
    stream = np.random.default_rng(6)
    mixing = law.mixing(stream, N_DRAWS, shape)
    errors = law.error(stream.standard_normal(N_DRAWS), mixing, shape)
    again = law.mixing_given(errors, stream, shape)
    for of_error in (np.ones_like, np.tanh, np.cos, lambda x: np.abs(x) < 0.5):
        gaps = of_error(errors) * (np.tanh(mixing) - np.tanh(again))
        error = max(gaps.std() / np.sqrt(N_DRAWS), 1e-12)
        assert abs(gaps.mean()) < stats.norm.isf(0.5 * FALSE_ALARM) * error


@every_law
def test_an_error_grows_with_its_shock(law, shape, mirror):
    mixing = law.mixing(np.random.default_rng(3), (50, 1), shape)
    assert (np.diff(law.error(np.linspace(-3.0, 3.0, 40), mixing, shape)) > 0.0).all()


@pytest.mark.parametrize("name", LAWS)
def test_shapes_broadcast_with_errors_and_other_names_are_ignored(name):
    law, some = LAWS[name], [arrays(shape) for shape, _ in SHAPES[name]]
    together = {key: np.array([[shape[key]] for shape in some]) for key in law.shape_names}
    together["mu"] = np.zeros((7, 7))
    for method in (law.log_density, law.cdf, law.tail_expectation):
        rows = np.broadcast_to(method(POINTS, together), (len(some), POINTS.size))
        np.testing.assert_array_equal(rows, [method(POINTS, shape) for shape in some])
    assert law.draw(np.random.default_rng(4), (len(some), 3), together).shape == (len(some), 3)
