"""The test of expected shortfall: published numbers, and its exact distribution.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from puffin.risk import (
    kupiec_test,
    shortfall_test,
)

FALSE_ALARM = 1e-4


@pytest.mark.parametrize(
    ("level", "average", "p_value"),
    [(0.05, 0.028821, 0.181), (0.025, 0.015998, 0.086278), (0.01, 0.0080997, 0.016871)],
)
def test_mathworks_example_of_the_shortfall_test(level, average, p_value):
    """Of `unconditionalDE`: 1,966 days of the S&P 500 and a t with 10 degrees of freedom."""
    pit = np.ones(1966)
    terms = np.full(100, average * 1966 / 100)
    pit[:100] = level * (1.0 - terms)
    result = shortfall_test(pit, level)
    assert result.asymptotic_p_value == pytest.approx(p_value, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "level"), [(40, 0.1), (250, 0.01), (2500, 0.05)])
def test_distribution_of_cumulative_violations(n, level):
    """P-values are at most as often small as they say: binomial tests of 1,500 simulations."""
    pits = np.random.default_rng(n).random((1500, n))
    p_values = np.array([shortfall_test(pit, level).p_value for pit in pits])
    for bound in (0.01, 0.05, 0.2):
        count = int((p_values <= bound).sum())
        assert stats.binomtest(count, 1500, bound, alternative="greater").pvalue > FALSE_ALARM / 18
    if n == 2500:
        assert stats.kstest(p_values, "uniform").pvalue > FALSE_ALARM / 3


def test_shortfall_sees_what_coverage_does_not():
    """Violations as many as there should be, and all of them far out."""
    pit = np.random.default_rng(1).random(2500)
    pit[pit < 0.05] *= 0.2
    assert kupiec_test(pit < 0.05, 0.05).p_value > 0.05
    result = shortfall_test(pit, 0.05)
    assert result.p_value < 1e-4
    assert result.statistic > 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.001, 0.49))
@settings(max_examples=100)
def test_whatever_the_pit(pit, level):
    result = shortfall_test(pit, level)
    assert 0.0 <= result.p_value <= 1.0
    assert np.isfinite(result.statistic)
