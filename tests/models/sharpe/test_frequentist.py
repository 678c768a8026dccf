"""Frequentist Sharpe ratios: published numbers, formulas, and how often they are right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from puffin.models.bayesian import (
    SharpeEstimate,
    deflated_sharpe_ratio,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from puffin.models.sharpe.frequentist import expected_maximum

PUBLISHED = SharpeEstimate(0.036 / 0.079, 24, skewness=-2.448, kurtosis=10.164)


def test_published_numbers():
    """Lopez de Prado, Lipton & Zoonek (2025), a monthly hedge fund index."""
    assert round(PUBLISHED.standard_error(), 3) == 0.329
    assert round(SharpeEstimate(0.036 / 0.079, 24).standard_error(), 3) == 0.214
    assert round(PUBLISHED.minimum_length(), 3) == 13.029
    assert round(PUBLISHED.probabilistic(), 3) == 0.987
    assert round(PUBLISHED.probabilistic(0.1), 3) == 0.939


def test_variance_at_the_estimate_is_that_of_bailey_and_lopez_de_prado():
    """Their formulas, with n - 1, written out."""
    ratio, inside = PUBLISHED.sharpe, 1 + 2.448 * PUBLISHED.sharpe + 9.164 / 4 * PUBLISHED.sharpe**2
    z = (ratio - 0.1) * math.sqrt(23 / inside)
    assert PUBLISHED.probabilistic(0.1, variance="estimate") == pytest.approx(stats.norm.cdf(z))
    length = 1 + inside * (stats.norm.ppf(0.9) / (ratio - 0.1)) ** 2
    found = PUBLISHED.minimum_length(0.1, prob=0.9, variance="estimate")
    assert found == pytest.approx(length)


@pytest.mark.parametrize("variance", ["null", "estimate"])
def test_minimum_length_is_where_the_probability_is_reached(variance):
    for threshold in (0.0, 0.1):
        length = PUBLISHED.minimum_length(threshold, prob=0.9, variance=variance)
        whole = SharpeEstimate(PUBLISHED.sharpe, math.ceil(length), -2.448, 10.164)
        less = SharpeEstimate(PUBLISHED.sharpe, math.floor(length), -2.448, 10.164)
        assert less.probabilistic(threshold, variance=variance) < 0.9
        assert whole.probabilistic(threshold, variance=variance) >= 0.9
    assert PUBLISHED.minimum_length(0.5) == math.inf


def test_functions_take_annual_ratios_and_the_risk_free_rate():
    returns = 0.01 + 0.04 * np.random.default_rng(1).standard_t(5, 90)
    rate = 1.05 ** (1 / 12) - 1
    excess = returns - rate
    ratio = excess.mean() / excess.std(ddof=1)
    estimate = SharpeEstimate(ratio, 90, stats.skew(excess), stats.kurtosis(excess, fisher=False))
    options = {"risk_free_rate": 0.05, "periods_per_year": 12}
    annual = math.sqrt(12)
    found = SharpeEstimate.of(returns, **options)
    assert found.sharpe == pytest.approx(annual * ratio)
    assert found.standard_error() == pytest.approx(annual * estimate.standard_error())
    assert found.standard_error(0.0) == pytest.approx(math.sqrt(12 / 90))
    for variance in ("null", "estimate"):
        assert probabilistic_sharpe_ratio(
            returns, 0.2, variance=variance, **options
        ) == pytest.approx(estimate.probabilistic(0.2 / annual, variance=variance))
        assert minimum_track_record_length(
            returns, -0.2, prob=0.8, variance=variance, **options
        ) == pytest.approx(estimate.minimum_length(-0.2 / annual, prob=0.8, variance=variance))
        assert deflated_sharpe_ratio(
            returns, 10, 0.3, variance=variance, **options
        ) == pytest.approx(
            estimate.probabilistic(expected_maximum(10, 0.3) / annual, variance=variance)
        )
    assert deflated_sharpe_ratio(returns, 1, 0.3, **options) == probabilistic_sharpe_ratio(
        returns, **options
    )


@pytest.mark.parametrize("trials", [5, 20, 1000])
def test_expected_maximum(trials):
    """Within a hundredth, besides five standard errors of 20,000 maxima of normals."""
    maxima = 0.4 * stats.norm.ppf(np.random.default_rng(2).random(20_000) ** (1 / trials))
    error = 5 * maxima.std() / np.sqrt(20_000)
    assert abs(expected_maximum(trials, 0.4) - maxima.mean()) < 0.01 + error


@pytest.mark.parametrize("threshold", [0.0, 1.5])
@pytest.mark.slow
def test_one_minus_its_p_value_is_uniform_where_the_threshold_is_true(threshold):
    """4,000 samples of 500 skewed returns: uniform up to the normal approximation.

    Kolmogorov's distance at a false-alarm rate of 1e-6, and 0.02 for the approximation.
    """
    stream = np.random.default_rng(3)
    per_period = threshold / np.sqrt(252)
    found = [
        probabilistic_sharpe_ratio(2.0 - stream.gamma(4.0, 0.5, 500) + per_period, threshold)
        for _ in range(4000)
    ]
    assert stats.kstest(found, "uniform").statistic < stats.kstwo.isf(1e-6, 4000) + 0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PUBLISHED.probabilistic(variance="both"), "variance must be one of 'null'"),
        (lambda: PUBLISHED.minimum_length(prob=0.5), r"prob must be above 0\.5"),
        (lambda: PUBLISHED.deflated(0, 0.1), "n_trials must be a whole number"),
        (lambda: PUBLISHED.deflated(5, -0.1), "trials_sd must not be below zero"),
        (lambda: SharpeEstimate(1.0, 24, kurtosis=0.2), r"kurtosis must be at least .* Add 3"),
        (lambda: SharpeEstimate(1.0, 1), "n_observations must be a whole number of at least 2"),
        (lambda: probabilistic_sharpe_ratio([0.1]), "returns"),
        (lambda: probabilistic_sharpe_ratio([0.1, 0.2], "x"), "threshold must be a number"),
        (
            lambda: probabilistic_sharpe_ratio([0.1, 0.2], risk_free_rate=-1.0),
            "risk_free_rate must be above -1",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()
