"""Tests of forecasts: published numbers, exact p-values by brute force, and false alarms.

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
    diebold_mariano_test,
    dynamic_quantile_test,
    independence_test,
    kupiec_test,
    shortfall_test,
    violations,
)

FALSE_ALARM = 1e-4


def with_violations(n, count):
    """Violations that are never in a row."""
    hits = np.zeros(n, bool)
    hits[: 2 * count : 2] = True
    return hits


# Published numbers


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


def test_dynamic_quantile_is_a_regression():
    """b' X'X b / p (1 - p) with the least-squares coefficients b."""
    stream = np.random.default_rng(1)
    returns, at_risk = stream.normal(size=400), 1.0 + 0.5 * stream.random(400)
    result = dynamic_quantile_test(returns, at_risk, 0.1, lags=2)
    hits = (returns < -at_risk) - 0.1
    X = np.column_stack([np.ones(398), hits[1:-1], hits[:-2], at_risk[2:]])
    b = np.linalg.lstsq(X, hits[2:])[0]
    assert result.statistic == pytest.approx(b @ X.T @ X @ b / 0.09)
    assert result.facts["degrees_of_freedom"] == 4
    assert result.asymptotic_p_value == pytest.approx(stats.chi2.sf(result.statistic, 4))
    assert abs(result.p_value - result.asymptotic_p_value) < 0.1
    constant = dynamic_quantile_test(returns, np.ones(400), 0.1, lags=2)
    assert constant.facts["degrees_of_freedom"] == 3
    never = dynamic_quantile_test(returns, np.full(400, 99.0), 0.1)
    assert never.facts["degrees_of_freedom"] == 1
    assert never.statistic == pytest.approx(396 * 0.1 / 0.9)


# Exact p-values


@given(st.lists(st.booleans(), min_size=2, max_size=8), st.floats(0.05, 0.45))
@settings(max_examples=30)
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


def test_shortfall_sees_what_coverage_does_not():
    """Violations as many as there should be, and all of them far out."""
    pit = np.random.default_rng(1).random(2500)
    pit[pit < 0.05] *= 0.2
    assert kupiec_test(pit < 0.05, 0.05).p_value > 0.05
    result = shortfall_test(pit, 0.05)
    assert result.p_value < 1e-4
    assert result.statistic > 0


# Diebold and Mariano


def test_newey_west_by_hand():
    """Differences 1, 3, 2, 6: mean 3, autocovariances 14/4 and -3/4 at lag 1.

    With one lag the variance of the mean is (3.5 + 2 * 0.5 * (-0.75)) / 4 = 0.6875.
    """
    result = diebold_mariano_test([2.0, 5.0, 5.0, 10.0], [1.0, 2.0, 3.0, 4.0], lags=1)
    assert result.mean == 3.0
    assert result.error == pytest.approx(np.sqrt(0.6875))
    assert result.statistic == pytest.approx(3 / np.sqrt(0.6875))
    assert (result.lags, result.periods) == (1, 4)
    assert result.p_value == pytest.approx(2 * stats.norm.sf(result.statistic))


def test_newey_west_is_statsmodels():
    linear_model = pytest.importorskip("statsmodels.regression.linear_model")
    values = np.cumsum(np.random.default_rng(1).normal(size=300)) * 0.1
    result = diebold_mariano_test(values, np.zeros(300))
    assert result.lags == 5
    fit = linear_model.OLS(values, np.ones(300)).fit(cov_type="HAC", cov_kwds={"maxlags": 5})
    assert result.error == pytest.approx(fit.bse[0])


def test_diebold_mariano_false_alarms():
    """Of differences with mean zero, autocorrelated: nominal 5%, 400 series; up to 8% is allowed.

    The Bartlett kernel takes in some of the autocorrelation only.
    """
    noise = np.random.default_rng(2).normal(size=(400, 1001))
    correlated = noise[:, 1:] + 0.5 * noise[:, :-1]
    p_values = np.array([diebold_mariano_test(d, np.zeros(1000)).p_value for d in correlated])
    count = int((p_values < 0.05).sum())
    assert stats.binomtest(count, 400, 0.08, alternative="greater").pvalue > FALSE_ALARM
    # Without lags it is well above.
    naive = [diebold_mariano_test(d, np.zeros(1000), lags=0).p_value for d in correlated]
    assert (np.array(naive) < 0.05).mean() > 0.1


# Input


def test_violations_are_of_the_dates():
    dates = pd.date_range("2024-01-01", periods=3)
    returns = pd.Series([-0.02, 0.01, -0.03], dates)
    hits = violations(returns, [0.02, 0.02, 0.02])
    assert hits.tolist() == [False, False, True]
    assert hits.index.equals(dates)
    with pytest.raises(ValueError, match="value_at_risk and returns have different indexes"):
        violations(returns, pd.Series(0.02, dates + pd.Timedelta(days=1)))


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


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.floats(0.001, 0.49))
@settings(max_examples=100)
def test_whatever_the_pit(pit, level):
    result = shortfall_test(pit, level)
    assert 0.0 <= result.p_value <= 1.0
    assert np.isfinite(result.statistic)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1e3, 1e3)), min_size=7, max_size=30),
    st.floats(0.01, 0.4),
)
@settings(max_examples=30)
def test_whatever_the_value_at_risk(rows, level):
    returns, at_risk = zip(*rows, strict=True)
    result = dynamic_quantile_test(returns, at_risk, level, lags=2)
    assert 0.0 < result.p_value <= 1.0
    assert np.isfinite(result.statistic)
