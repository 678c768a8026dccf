"""Tests of forecasts together: false alarms, power, and what they refuse.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.risk import (
    christoffersen_test,
    diebold_mariano_test,
    dynamic_quantile_test,
    independence_test,
    kupiec_test,
    shortfall_test,
    violations,
)

FALSE_ALARM = 1e-4


# Right forecasts, and wrong ones


@pytest.fixture(scope="module")
def series():
    """Normal returns with the volatility of a GJR-GARCH, which is known: 60 of 1,500 days."""
    stream, h = np.random.default_rng(3), np.ones(60)
    volatility, returns = np.empty((1500, 60)), np.empty((1500, 60))
    for t in range(1500):
        volatility[t] = np.sqrt(h)
        returns[t] = volatility[t] * stream.standard_normal(60)
        h = 0.02 + (0.05 + 0.1 * (returns[t] < 0)) * returns[t] ** 2 + 0.88 * h
    return returns.T, volatility.T


def p_values_of(returns, volatility, level, sd=1.0):
    """P-values of all tests of forecasts that take `sd` times the volatility."""
    at_risk = -sd * stats.norm.ppf(level) * volatility
    hits = violations(returns, at_risk)
    pit = stats.norm.cdf(returns / (sd * volatility))
    return {
        "kupiec": kupiec_test(hits, level).p_value,
        "independence": independence_test(hits).p_value,
        "christoffersen": christoffersen_test(hits, level).p_value,
        "dynamic quantile": dynamic_quantile_test(returns, at_risk, level).p_value,
        "shortfall": shortfall_test(pit, level).p_value,
    }


@pytest.mark.slow
def test_false_alarms(series):
    """Of right forecasts no test rejects more often than it says, by binomial tests."""
    table = pd.DataFrame([p_values_of(*pair, 0.05) for pair in zip(*series, strict=True)])
    for bound in (0.05, 0.2):
        for count in (table <= bound).sum():
            p_value = stats.binomtest(int(count), 60, bound, alternative="greater").pvalue
            assert p_value > FALSE_ALARM / 10


@pytest.mark.slow
def test_power(series):
    """Constant volatility clusters its violations; nine tenths of the right one has too many."""
    returns, volatility = series
    constant = pd.DataFrame([p_values_of(r, np.full(1500, r.std()), 0.05) for r in returns[:20]])
    small = (constant < 0.05).mean()
    assert small["dynamic quantile"] > 0.7
    assert small["independence"] > 0.2
    assert small["kupiec"] < 0.5
    low = pd.DataFrame(
        [p_values_of(*pair, 0.05, 0.8) for pair in zip(returns[:20], volatility, strict=False)]
    )
    assert ((low < 0.05).mean()[["kupiec", "christoffersen", "shortfall"]] > 0.9).all()


# Input


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: kupiec_test([0.3], 0.01), ValueError, "True or False, or 1 or 0; found 0.3"),
        (lambda: kupiec_test(["a"], 0.01), TypeError, "violations must be True or False"),
        (lambda: kupiec_test([], 0.01), ValueError, "at least 1 rows; found 0"),
        (lambda: kupiec_test([True], 0.99), ValueError, "A confidence of 0.99 is a level of 0.01"),
        (lambda: independence_test([True]), ValueError, "at least 2 rows; found 1"),
        (lambda: shortfall_test([0.5, 1.5], 0.01), ValueError, "between 0 and 1; found 1.5"),
        (lambda: violations([1.0], [1.0, 2.0]), ValueError, "value_at_risk has 2 rows and returns"),
        (lambda: violations([np.nan], [1.0]), ValueError, "returns has 1 NaN value"),
        (lambda: dynamic_quantile_test([1.0] * 5, [1.0] * 5, 0.1), ValueError, "at least 11 rows"),
        (lambda: diebold_mariano_test([1, 2, 3], [0, 1, 2]), ValueError, "differ by 1 in each"),
        (lambda: diebold_mariano_test([[1.0]], [[1.0]]), ValueError, "must be one-dimensional"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
