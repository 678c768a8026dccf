"""The small parts that the samplers are made of."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.compiling import kernel
from puffin.inference.failure import SamplingError
from puffin.inference.gamma import draw_gamma, draw_gamma_above
from puffin.inference.inversion import essential_grid, invert
from puffin.inference.mode import find_mode
from puffin.inference.student_t_density import student_t_log_likelihood, sum_log1p
from puffin.inference.triangular import solve_lower, solve_lower_transposed

FALSE_ALARM = 1e-6


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000])
@pytest.mark.parametrize("factor", [1e-12, 0.3, 1e6, 1e30])
def test_sum_log1p_matches_its_twin(size, factor):
    x = np.random.default_rng(size).standard_cauchy(size) ** 2
    np.testing.assert_allclose(
        sum_log1p(x, factor), np.log1p(factor * x).sum(), rtol=1e-12, atol=1e-15 * size
    )


@pytest.mark.parametrize("dimension", [1, 3])
def test_student_t_log_likelihood_matches_scipy(dimension):
    errors = np.random.default_rng(1).normal(size=(50, dimension))
    nu, log_scale = 3.7, -0.4
    twin = stats.multivariate_t(np.zeros(dimension), np.exp(2 * log_scale) * np.eye(dimension), nu)
    ours = student_t_log_likelihood((errors**2).sum(axis=1), log_scale, nu, dimension)
    np.testing.assert_allclose(ours, twin.logpdf(errors).sum(), rtol=1e-12)


@kernel
def many_gammas(stream, shape, count):
    draws = np.empty(count)
    for i in range(count):
        draws[i] = draw_gamma(stream, shape)
    return draws


@kernel
def many_gammas_above(stream, shape, rate, bound, count):
    draws = np.empty(count)
    for i in range(count):
        draws[i] = draw_gamma_above(stream, shape, rate, bound)
    return draws


@pytest.mark.parametrize("shape", [1.0, 1.5, 5.0, 500.0])
def test_gamma_draws(shape):
    draws = many_gammas(np.random.default_rng(1), shape, 100_000)
    assert stats.kstest(draws, stats.gamma(shape).cdf).pvalue > FALSE_ALARM


@pytest.mark.parametrize("shape", [1.0, 1.5, 6.0])
@pytest.mark.parametrize("rate_times_bound", [1e-3, 1.4, 1.6, 5.0, 1000.0])
def test_truncated_gamma_draws(shape, rate_times_bound):
    bound = 1e-8
    law = stats.gamma(shape, scale=bound / rate_times_bound)
    draws = many_gammas_above(
        np.random.default_rng(2), shape, rate_times_bound / bound, bound, 50_000
    )
    assert draws.min() >= bound
    if rate_times_bound < 100:
        uniform = law.sf(draws) / law.sf(bound)
        assert stats.kstest(uniform, "uniform").pvalue > FALSE_ALARM
    else:  # far out the tail is exponential, up to terms of relative size 1 / rate_times_bound
        excess = (draws - bound) * (rate_times_bound / bound - (shape - 1) / bound)
        assert abs(excess.mean() - 1) < 0.02 + 5 / np.sqrt(50_000)


def test_triangular_solves():
    stream = np.random.default_rng(3)
    lower = np.tril(stream.normal(size=(6, 6))) + 4 * np.eye(6)
    right = stream.normal(size=6)
    for solve, matrix in ((solve_lower, lower), (solve_lower_transposed, lower.T)):
        solved = right.copy()
        solve(lower, solved)
        np.testing.assert_allclose(matrix @ solved, right, atol=1e-12)


@pytest.mark.parametrize("shape", [0.7, 3.0, 1e4])
def test_inversion_is_accurate(shape):
    law = stats.gamma(shape)

    def log_density(log_x):
        return law.logpdf(np.exp(log_x)) + log_x

    grid = essential_grid(log_density, -60.0, 20.0)
    probabilities = np.linspace(1e-5, 1 - 1e-5, 5001)
    quantiles = np.exp(invert(grid, log_density(grid), probabilities))
    np.testing.assert_allclose(law.cdf(quantiles), probabilities, atol=1e-7)


def test_inversion_of_a_density_that_ends_abruptly():
    grid = essential_grid(lambda x: -1000.0 * x, 0.0, 10.0)
    quantiles = invert(grid, -1000.0 * grid, np.array([0.0, 0.5, 0.9]))
    np.testing.assert_allclose(quantiles, -np.log1p(-np.array([0.0, 0.5, 0.9])) / 1000.0, rtol=1e-4)


def test_mode_and_curvature_of_a_gaussian():
    covariance = np.array([[2.0, 3e-4], [3e-4, 1e-6]])
    law = stats.multivariate_normal([3.0, -200.0], covariance)
    mode = find_mode(lambda points: np.atleast_1d(law.logpdf(points)), np.array([0.0, -199.0]))
    np.testing.assert_allclose(mode.location, [3.0, -200.0], atol=1e-3)
    np.testing.assert_allclose(mode.covariance, covariance, rtol=1e-3, atol=1e-9)


def test_mode_of_nothing_is_an_error():
    with pytest.raises(SamplingError, match="starting point"):
        find_mode(lambda points: np.full(len(points), -np.inf), np.zeros(2))
