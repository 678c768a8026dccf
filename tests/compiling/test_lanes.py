"""Arithmetic in lanes: exponential, logarithm, and normals, against NumPy and in distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import (
    LANES,
    exp_lanes,
    load,
    log_lanes,
    maximum,
    normal_pair,
    sqrt_lanes,
    store,
)

FALSE_ALARM = 1e-5
"""Of each test; there are seven statistical ones here."""


@kernel
def exp_all(x, out):
    for i in range(0, x.size, LANES):
        store(out, i, exp_lanes(load(x, i)))


@kernel
def log_all(x, out):
    for i in range(0, x.size, LANES):
        store(out, i, log_lanes(load(x, i)))


@kernel
def arithmetic(x, y, out):
    a, b = load(x, 0), load(y, 0)
    store(out, 0, -(2 * a + b / 4.0 - a * b) + 1)
    store(out, LANES, maximum(a, b))
    store(out, 2 * LANES, sqrt_lanes(b))


@kernel
def normals(state, first, second):
    for i in range(0, first.size, LANES):
        one, other = normal_pair(state)
        store(first, i, one)
        store(second, i, other)


def applied(function, x):
    padded, out = np.resize(x, -(-x.size // LANES) * LANES), np.empty(-(-x.size // LANES) * LANES)
    function(padded, out)
    return out[: x.size]


def test_exponential():
    stream = np.random.default_rng(1)
    x = np.concatenate([stream.uniform(-700, 700, 20_000), stream.uniform(-1, 1, 20_000), [0.0]])
    np.testing.assert_allclose(applied(exp_all, x), np.exp(x), rtol=1e-11)
    assert applied(exp_all, np.array([0.0]))[0] == 1.0


def test_exponential_is_clipped():
    x = np.array([-1e300, -701.0, 701.0, 1e300])
    np.testing.assert_allclose(applied(exp_all, x), np.exp(np.clip(x, -700, 700)), rtol=1e-11)


def test_logarithm():
    stream = np.random.default_rng(2)
    x = np.concatenate([np.exp(stream.uniform(-700, 700, 20_000)), stream.uniform(0.5, 2, 20_000)])
    np.testing.assert_allclose(applied(log_all, x), np.log(x), rtol=1e-14, atol=1e-12)
    assert applied(log_all, np.array([1.0]))[0] == 0.0


def test_arithmetic_is_that_of_floats():
    stream = np.random.default_rng(3)
    a, b, out = stream.normal(size=LANES), stream.random(LANES), np.empty(3 * LANES)
    arithmetic(a, b, out)
    exact = np.concatenate([-(2 * a + b / 4.0 - a * b) + 1, np.maximum(a, b), np.sqrt(b)])
    np.testing.assert_allclose(out, exact, rtol=1e-14)


def test_the_second_where_the_first_is_nan():
    out = np.empty(3 * LANES)
    arithmetic(np.full(LANES, np.nan), np.arange(LANES) + 1.0, out)
    np.testing.assert_array_equal(out[LANES : 2 * LANES], np.arange(LANES) + 1.0)


@pytest.fixture(scope="module")
def draws():
    """Normals of shape (2, n, LANES): first and second of each pair."""
    state = np.random.default_rng(4).integers(0, 2**64, (4, LANES), dtype=np.uint64)
    first, second = np.empty(100_000 * LANES), np.empty(100_000 * LANES)
    normals(state, first, second)
    return np.array([first, second]).reshape(2, -1, LANES)


def test_generator_is_xoshiro256_plus():
    """The pairs of one lane from a plain generator, in integers."""
    state = np.random.default_rng(5).integers(0, 2**64, (4, LANES), dtype=np.uint64)
    s = [int(word) for word in state[:, 3]]
    first, second = np.empty(5 * LANES), np.empty(5 * LANES)
    normals(state, first, second)

    def uniform():
        mask = 2**64 - 1
        result = (s[0] + s[3]) & mask
        t = (s[1] << 17) & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = ((s[3] << 45) | (s[3] >> 19)) & mask
        return (result >> 12) * 2.0**-52

    for i in range(5):
        radius = np.sqrt(-2 * np.log(1 - uniform()))
        angle = 2 * np.pi * (uniform() - 0.5)
        ours = first[i * LANES + 3], second[i * LANES + 3]
        np.testing.assert_allclose(
            ours, (radius * np.sin(angle), radius * np.cos(angle)), atol=1e-9
        )


def test_normals_have_normal_moments(draws):
    n = draws.size
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96), (6, 15, 10170)):
        z = (np.mean(draws**power) - moment) / np.sqrt(variance / n)
        assert 2 * stats.norm.sf(abs(z)) > FALSE_ALARM / 5


def test_normals_are_normal(draws):
    for member in draws:
        for lane in range(LANES):
            assert stats.kstest(member[:, lane], "norm").pvalue > FALSE_ALARM / 16


def test_tails_are_normal(draws):
    """Beyond 4.5 standard deviations, 6.8e-6, about 11 of these."""
    count = int(np.sum(np.abs(draws) > 4.5))
    law = stats.poisson(draws.size * 2 * stats.norm.sf(4.5))
    assert min(law.cdf(count), law.sf(count - 1)) > FALSE_ALARM / 2


def correlations(columns):
    """Return z-scores of the correlations of independent columns' values, squares and signs."""
    n = columns.shape[0]
    squares = (columns**2 - 1) / np.sqrt(2)
    upper = np.triu_indices(columns.shape[1], 1)
    pairs = [columns.T @ columns, squares.T @ squares, np.sign(columns).T @ np.sign(columns)]
    return np.concatenate([(pair / np.sqrt(n))[upper] for pair in pairs])


def test_lanes_and_pairs_are_independent(draws):
    scores = correlations(np.concatenate(draws, axis=1))
    assert np.max(np.abs(scores)) < stats.norm.isf(FALSE_ALARM / 2 / scores.size)


@pytest.mark.parametrize("lag", [1, 2])
def test_successive_draws_are_independent(draws, lag):
    pairs = np.concatenate(draws, axis=1)
    scores = correlations(np.concatenate([pairs[:-lag], pairs[lag:]], axis=1)[:: lag + 1])
    assert np.max(np.abs(scores)) < stats.norm.isf(FALSE_ALARM / 2 / scores.size)


def test_first_digits_are_uniform(draws):
    """Joint distribution of neighbouring lanes, in 8 x 8 cells of equal probability."""
    cells = np.minimum((stats.norm.cdf(draws[0]) * 8).astype(int), 7)
    for lane in range(LANES):
        joint = np.bincount(cells[:, lane] * 8 + cells[:, (lane + 1) % LANES], minlength=64)
        assert stats.chisquare(joint).pvalue > FALSE_ALARM / LANES
