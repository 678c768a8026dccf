"""What is read off the posterior of a Sharpe ratio."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.models.bayesian import bayesian_sharpe


def test_the_result_says_which_return_is_that_of_flat_periods(returns):
    assert bayesian_sharpe(returns, 100, random_seed=1)["flat"] is None
    values = np.where(np.arange(returns.size) % 10 == 0, 0.0001, returns)
    assert bayesian_sharpe(values, 100, 0.02, random_seed=1)["flat"] == 0.0001


def test_result_survives_a_pickle(returns):
    result = bayesian_sharpe(returns, 50, random_seed=1)
    copy = pickle.loads(pickle.dumps(result))
    assert dict(copy) == dict(result)
    np.testing.assert_array_equal(copy.draws, result.draws)


def test_the_result_is_made_of_plain_values(returns):
    found = bayesian_sharpe(returns, 200, random_seed=1)
    assert json.loads(json.dumps(found)) == dict(found)


def test_idata_names_the_dates_and_the_method():
    dates = pd.date_range("2021-01-01", periods=60, freq="B", tz="America/New_York")
    series = pd.Series(np.random.default_rng(5).normal(size=60), dates)
    result = bayesian_sharpe(series, 100, random_seed=1)
    posterior = result.idata["posterior"]
    assert set(posterior.data_vars) == {
        "mu", "sd", "asymmetry", "nu_left", "nu_right", "sharpe",
    }  # fmt: skip
    assert posterior["sharpe"].shape == (4, 100)
    assert posterior.attrs["method"] == result["method"]
    assert result.idata["observed_data"]["time"].size == 60
    assert result.idata["sample_stats"]["accepted"].shape == (4, 100)


def test_years_until_by_hand(returns):
    """Four years with mean 0.6 and sd 0.5: 1.645^2 * 0.25 / 0.36 = 1.879 times as many in all."""
    found = bayesian_sharpe(returns, 100, periods_per_year=100, random_seed=1)
    found.update(mean=0.6, std=0.5)
    assert found.prob_greater(-9.0) == 1.0
    threshold = float(np.quantile(found.draws, 0.5))
    found.update(mean=threshold + 0.6)
    years = 4 * ((1.6448536 * 0.5 / 0.6) ** 2 - 1)
    assert found.years_until(threshold) == pytest.approx(years, rel=1e-6)
    assert found.years_until(-9.0) == 0.0
    assert found.years_until(threshold + 0.7) == float("inf")
    with pytest.raises(ValueError, match=r"prob must be above 0\.5"):
        found.years_until(0.0, prob=0.4)


def test_after_years_until_it_is_as_likely_as_not_that_the_answer_is_known():
    """Truths from the posterior, and years of returns from each: half of them settle it.

    4,000 simulated futures: binomial bounds with probability 1 - 1e-5. Normal returns and known
    volatility, for which the posterior is normal: two years, mean 0.5, standard deviation 0.7.
    """
    stream, mean, sd, years = np.random.default_rng(7), 0.5, np.sqrt(0.5), 2.0
    now = bayesian_sharpe(np.array([0.1, -0.1, 0.3]), 100, periods_per_year=1.5, random_seed=1)
    now.update(mean=mean, std=sd)
    assert now.prob_greater(0.0) < 0.95
    more = now.years_until(0.0)
    truth = mean + sd * stream.standard_normal(4000)
    later = truth + stream.standard_normal(4000) / np.sqrt(more)
    precision = years + more
    posterior_mean = (mean * years + later * more) / precision
    settled = stats.norm.cdf(posterior_mean * np.sqrt(precision)) > 0.95
    low, high = stats.binom.ppf([5e-6, 1 - 5e-6], 4000, 0.5)
    assert low <= settled.sum() <= high


def test_predicted_returns_are_those_of_the_model(returns):
    """Against the exact mixture of the law's distributions: false alarms below 1e-6."""
    found = bayesian_sharpe(returns, 5000, random_seed=1)
    predicted = found.predict(np.random.default_rng(2)).ravel()
    draws = {name: values.ravel()[:, None] for name, values in found.posterior.variables.items()}
    at = np.quantile(predicted, np.linspace(0.001, 0.999, 99))
    exact = found.law.cdf((at - draws["mu"]) / draws["sd"], draws).mean(axis=0)
    distances = np.abs(np.linspace(0.001, 0.999, 99) - exact)
    assert distances.max() < stats.kstwo.isf(1e-6, predicted.size)


def test_predicted_returns_are_flat_as_often_as_the_strategy():
    """Five standard errors of 4,000 draws: false alarms below 1e-6."""
    stream = np.random.default_rng(3)
    values = np.where(stream.random(500) < 0.3, stream.normal(0.001, 0.01, 500), 0.0)
    found = bayesian_sharpe(values, 1000, risk_free_rate=0.05, random_seed=1)
    predicted = found.predict(stream)
    assert found.flat_excess == pytest.approx(1.0 - 1.05 ** (1 / 252))
    share = np.mean(predicted == found.flat_excess)
    assert abs(share - np.mean(values == 0.0)) < 5 * np.sqrt(0.21 / 4000) + 0.01


def test_prob_greater_and_plot(returns):
    result = bayesian_sharpe(returns, 1000, random_seed=1)
    assert result.prob_greater(0.0) == result["prob_positive"]
    assert result.prob_greater(1e9) == 0.0 < result.prob_greater(-1e9) == 1.0
    [axes] = result.plot().axes
    assert "returns" in axes.get_title()
