"""Tests of coverage: published numbers, and exact p-values by brute force.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from puffin.risk import (
    christoffersen_test,
    independence_test,
    kupiec_test,
    violations,
)


def with_violations(n, count):
    """Violations that are never in a row."""
    hits = np.zeros(n, bool)
    hits[: 2 * count : 2] = True
    return hits


@pytest.mark.parametrize(
    ("level", "n", "fewest", "most"),
    [
        # Kupiec (1995), table of 95% non-rejection regions: fewest < violations < most.
        (0.01, 510, 1, 11),
        (0.01, 1000, 4, 17),
        (0.025, 255, 2, 12),
        (0.025, 510, 6, 21),
        (0.025, 1000, 15, 36),
        (0.05, 255, 6, 21),
        (0.05, 510, 16, 36),
        (0.05, 1000, 37, 65),
    ],
)
def test_kupiecs_own_table(level, n, fewest, most):
    rejected = {
        count: kupiec_test(with_violations(n, count), level).asymptotic_p_value < 0.05
        for count in (fewest, fewest + 1, most - 1, most)
    }
    assert list(rejected.values()) == [True, False, False, True]


def test_jorions_examples():
    """Jorion (2007, chapter 6): 20 exceptions to the 95% value at risk in 252 days: 3.91.

    Of the days after an exception 6 of 20 have another, of the others 14 of 232: 9.53. And 6
    exceptions to the 99% value at risk: 3.498 (3.4988, cut off).
    """
    result = kupiec_test(with_violations(252, 20), 0.05)
    assert result.statistic == pytest.approx(3.91, abs=0.005)
    assert result.asymptotic_p_value == pytest.approx(stats.chi2.sf(result.statistic, 1))
    assert result.facts == {"violations": 20, "expected": pytest.approx(12.6), "periods": 252}
    assert kupiec_test(with_violations(252, 6), 0.01).statistic == pytest.approx(3.4985, abs=5e-4)
    # 252 transitions with those counts: runs of violations of 7 and thirteen times 1.
    hits = np.zeros(253, bool)
    hits[1:8] = True
    hits[9:35:2] = True
    result = independence_test(hits)
    assert dict(result.facts) == {"n00": 218, "n01": 14, "n10": 14, "n11": 6}
    assert result.statistic == pytest.approx(9.53, abs=0.005)
    both = christoffersen_test(hits, 0.05)
    coverage = kupiec_test(hits, 0.05).statistic
    assert both.statistic == pytest.approx(result.statistic + coverage)
    assert both.asymptotic_p_value == pytest.approx(stats.chi2.sf(both.statistic, 2))


@given(st.lists(st.booleans(), min_size=2, max_size=8), st.floats(0.05, 0.45))
@settings(max_examples=30)
@pytest.mark.slow
def test_exact_p_values_by_brute_force(hits, level):
    """Over all series of that length."""
    n = len(hits)
    everything = np.array(list(itertools.product([False, True], repeat=n)))
    counts = everything.sum(axis=1)
    probability = level**counts * (1 - level) ** (n - counts)
    for test, weight in (
        (lambda h: kupiec_test(h, level), probability),
        (lambda h: christoffersen_test(h, level), probability),
        (independence_test, (counts == sum(hits)) / (counts == sum(hits)).sum()),
    ):
        own = test(hits)
        all_statistics = np.array([test(other).statistic for other in everything])
        exact = weight[all_statistics >= own.statistic - 1e-9].sum()
        assert own.p_value == pytest.approx(exact, abs=1e-9)


def test_violations_are_of_the_dates():
    dates = pd.date_range("2024-01-01", periods=3)
    returns = pd.Series([-0.02, 0.01, -0.03], dates)
    hits = violations(returns, [0.02, 0.02, 0.02])
    assert hits.tolist() == [False, False, True]
    assert hits.index.equals(dates)
    with pytest.raises(ValueError, match="value_at_risk and returns have different indexes"):
        violations(returns, pd.Series(0.02, dates + pd.Timedelta(days=1)))


@given(st.lists(st.booleans() | st.sampled_from([0, 1, 2, np.nan, "x"]), max_size=30))
@settings(max_examples=60)
def test_whatever_the_violations(hits):
    for test in (
        lambda: kupiec_test(hits, 0.05),
        lambda: independence_test(hits),
        lambda: christoffersen_test(hits, 0.05),
    ):
        try:
            result = test()
        except (TypeError, ValueError) as error:
            assert "violations" in str(error)
        else:
            assert 0.0 <= result.p_value <= 1.0
            assert -1e-9 <= result.statistic < np.inf
