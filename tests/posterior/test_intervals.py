"""Intervals of draws."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats

from puffin.posterior import highest_density_interval
from puffin.posterior.intervals import weighted_density_interval


@pytest.mark.parametrize("prob", [0.03, 0.5, 0.94, 0.999])
@pytest.mark.parametrize("size", [2, 7, 1000])
def test_interval_is_that_of_arviz(prob, size):
    draws = np.random.default_rng(2).gamma(2.0, size=(3, size))
    lower, upper = highest_density_interval(draws, prob)
    theirs = array_stats.hdi(draws, prob, axis=-1)
    np.testing.assert_allclose(np.stack([lower, upper], -1), theirs)


def test_interval_of_a_skewed_density_is_not_that_of_percentiles():
    draws = np.random.default_rng(3).exponential(size=100_000)
    lower, upper = highest_density_interval(draws, 0.9)
    assert lower < 0.01
    assert upper == pytest.approx(-np.log(0.1), rel=0.03)


@pytest.mark.parametrize("prob", [0.3, 0.9, 0.999])
def test_weights_are_numbers_of_draws(prob):
    """A weight of three counts as three equal draws; the order does not matter."""
    stream = np.random.default_rng(4)
    draws, counts = stream.gamma(2.0, size=200), stream.integers(1, 6, 200)
    found = weighted_density_interval(draws, counts / counts.sum(), prob)
    many = np.repeat(draws, counts)
    # Shares that no rounding decides.
    assert prob * many.size % 1.0 > 1e-9
    np.testing.assert_allclose(found, highest_density_interval(many, prob))


def test_a_draw_with_all_weight_is_the_interval():
    weights = np.array([0.004, 0.99, 0.006])
    assert weighted_density_interval(np.array([3.0, 1.0, 2.0]), weights, 0.94) == (1.0, 1.0)
