"""The small parts that the samplers are made of."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from scipy import stats

from puffin.compiling.kernels import kernel
from puffin.compiling.random_bits import LANES, fill_bits, new_generators, whole_turns
from puffin.compiling.ziggurat import EDGES, LAYERS, settle_normal
from puffin.inference.failure import SamplingError
from puffin.inference.gamma import draw_gamma, draw_gamma_above, draw_gammas
from puffin.inference.inversion import essential_grid, invert
from puffin.inference.mode import find_mode
from puffin.inference.scatter import TILE, squared_distances, weighted_moments
from puffin.inference.student_t_density import student_t_log_likelihood, sum_log1p
from puffin.inference.triangular import (
    reverse_cholesky,
    solve_lower,
    solve_lower_transposed,
)

FALSE_ALARM = 1e-6


def called(part):
    """Return a function that Python can call and that does nothing but call a part."""

    @numba.njit
    def call(*arguments):
        return part(*arguments)

    return call


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000])
@pytest.mark.parametrize("factor", [1e-12, 0.3, 1e6, 1e30])
def test_sum_log1p_matches_its_twin(size, factor):
    x = np.random.default_rng(size).standard_cauchy(size) ** 2
    np.testing.assert_allclose(
        called(sum_log1p)(x, factor), np.log1p(factor * x).sum(), rtol=1e-12, atol=1e-15 * size
    )


@pytest.mark.parametrize("dimension", [1, 3])
def test_student_t_log_likelihood_matches_scipy(dimension):
    errors = np.random.default_rng(1).normal(size=(50, dimension))
    nu, log_scale = 3.7, -0.4
    twin = stats.multivariate_t(np.zeros(dimension), np.exp(2 * log_scale) * np.eye(dimension), nu)
    ours = called(student_t_log_likelihood)((errors**2).sum(axis=1), log_scale, nu, dimension)
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


@kernel
def gammas_at_once(stream, generators, shape, count):
    draws = np.empty(count)
    bits = np.empty(whole_turns(2 * count), np.uint64)
    draw_gammas(stream, generators, shape, bits, np.empty(count), np.empty(count), draws)
    return draws


@pytest.mark.parametrize("shape", [1.0, 1.5, 5.0, 500.0])
def test_gammas_at_once(shape):
    stream = np.random.default_rng(11)
    draws = gammas_at_once(stream, new_generators(stream), shape, 1_000_003)
    assert stats.kstest(draws, stats.gamma(shape).cdf).pvalue > FALSE_ALARM
    # What the ziggurat's base and the squeeze's bounds could spoil: the tails.
    for prob in (1e-5, 1e-3):
        for beyond in (
            draws < stats.gamma(shape).ppf(prob),
            draws > stats.gamma(shape).isf(prob),
        ):
            count = int(beyond.sum())
            assert stats.binomtest(count, draws.size, prob).pvalue > FALSE_ALARM


def test_squeeze_is_below_the_probability_of_acceptance():
    for shape in (1.0, 1.5, 5.0, 500.0):
        d = shape - 1 / 3
        y = np.linspace(-0.5, 20, 200_001)
        squeeze = -0.75 * d * y**4 * (1 + 1.6 * np.maximum(-y, 0))
        log_probability = 3 * d * (np.log1p(y) - y + y**2 / 2 - y**3 / 3)
        assert np.all(squeeze <= log_probability + 1e-12 * (1 + d * np.abs(y) ** 3))


def test_ziggurat_layers_have_equal_areas():
    heights = np.exp(-(EDGES**2) / 2)
    tail = np.sqrt(2 * np.pi) * stats.norm.sf(EDGES[1])
    base = EDGES[1] * heights[1] + tail
    np.testing.assert_allclose(EDGES[1:-1] * np.diff(heights[1:]), base, rtol=1e-9)
    np.testing.assert_allclose(EDGES[0] * heights[1], base, rtol=1e-12)
    assert EDGES.size == LAYERS + 1
    assert EDGES[-1] == 0.0


def test_settled_normals_are_normal():
    """Tail and wedges included: half a million points of the layers that are seldom used."""
    stream = np.random.default_rng(12)
    for layer, reach in ((0, EDGES[0]), (1, EDGES[1]), (LAYERS - 1, EDGES[LAYERS - 1])):
        x = settled(stream, stream.uniform(-reach, reach, 200_000), layer)
        x = np.abs(x[~np.isnan(x)])
        inner, outer = EDGES[layer + 1], np.inf if layer == 0 else EDGES[layer]
        low, high = np.exp(-(EDGES[layer] ** 2) / 2), np.exp(-(inner**2) / 2)
        low = 0.0 if layer == 0 else low

        def cdf(z, low=low, high=high, inner=inner):
            """Of the layer's share of the half normal."""
            below = np.sqrt(2 * np.pi) * (stats.norm.cdf(z) - stats.norm.cdf(inner))
            return np.where(
                z < inner, z * (high - low), inner * (high - low) + below - (z - inner) * low
            )

        top = cdf(np.minimum(outer, 40.0))
        uniform = cdf(x) / top
        assert stats.kstest(uniform, "uniform").pvalue > FALSE_ALARM


@kernel
def settled(stream, x, layer):
    out = np.empty(x.size)
    for i in range(x.size):
        out[i] = settle_normal(stream, x[i], layer)
    return out


@kernel
def words(generators, count):
    bits = np.empty(count, np.uint64)
    fill_bits(generators, bits)
    return bits


def test_every_lane_is_numpys_sfc64():
    generators = new_generators(np.random.default_rng(13))
    ours = words(generators.copy(), 5 * LANES).reshape(5, LANES)
    for lane, state in enumerate(generators.T):
        twin = np.random.SFC64()
        twin.state = {**twin.state, "state": {"state": state.copy()}, "has_uint32": 0}
        np.testing.assert_array_equal(ours[:, lane], twin.random_raw(5))


@pytest.mark.parametrize("series", range(1, 12))
@pytest.mark.parametrize("observations", [1, 255, 256, 300])
def test_distances_and_moments(series, observations):
    data, rows = np.random.default_rng([14, series]), series + series % 2
    x, mu, L = np.zeros((rows, observations)), np.zeros(rows), np.zeros((rows, rows))
    x[:series], mu[:series] = data.normal(size=(series, observations)), data.normal(size=series)
    L[:series, :series] = np.tril(data.normal(size=(series, series)))
    squares, scratch, weights = (
        np.empty(observations),
        np.empty((2, TILE)),
        data.random(observations),
    )
    first, second = np.empty(rows), np.empty((rows, rows))
    called(squared_distances)(x, series, mu, L, scratch, squares)
    called(weighted_moments)(x, series, weights, scratch, first, second)
    twin = ((L.T @ (x - mu[:, None])) ** 2).sum(axis=0)
    np.testing.assert_allclose(squares, twin, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(first, x @ weights, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(np.tril(second), np.tril((x * weights) @ x.T), atol=1e-10)


def test_reverse_cholesky():
    A = np.cov(np.random.default_rng(15).normal(size=(5, 20)))
    M = A.copy()
    called(reverse_cholesky)(M, 5)
    np.testing.assert_allclose(np.tril(M).T @ np.tril(M), A, rtol=1e-12, atol=1e-14)


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
        called(solve)(lower, solved)
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
