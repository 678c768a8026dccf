"""Intervals of draws."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats

from puffin.posterior import (
    highest_density_interval,
)


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
