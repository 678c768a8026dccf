"""Normals in lanes: their generator, their law, and that they are independent."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, store
from puffin.compiling.normal_pairs import normal_pair

FALSE_ALARM = 1e-5
"""Of each test; there are seven."""


@kernel
def normals(state, first, second):
    for i in range(0, first.size, LANES):
        one, other = normal_pair(state)
        store(first, i, one)
        store(second, i, other)


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
