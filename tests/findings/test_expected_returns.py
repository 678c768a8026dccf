"""The returns that a Sharpe ratio's model expects."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from puffin import bayesian_sharpe
from puffin.findings.expected_returns import expected_returns


def test_density_is_one_and_follows_the_data(findings):
    expected = expected_returns(findings.sharpes["market"], 1)
    mass, _ = integrate.quad(lambda x: expected.density(np.array([x]))[0], -0.3, 0.3, limit=200)
    assert mass == pytest.approx(1.0, abs=0.01)
    fitted = stats.t(*stats.t.fit(expected.observed))
    middle = fitted.ppf(np.linspace(0.1, 0.9, 9))
    assert expected.density(middle) == pytest.approx(fitted.pdf(middle), rel=0.15)


def test_risk_free_rate_is_given_back(returns):
    plain, excess = (
        expected_returns(bayesian_sharpe(returns["market"], 500, rate, random_seed=1), 1)
        for rate in (0.0, 0.5)
    )
    assert excess.observed == pytest.approx(returns["market"].to_numpy())
    assert excess.centre.mean() == pytest.approx(plain.centre.mean(), abs=1e-4)


def test_active_periods_only(findings, returns):
    expected = expected_returns(findings.sharpes["often flat"], 1)
    active = returns["often flat"][returns["often flat"] != 0.0]
    assert expected.observed == pytest.approx(active.to_numpy())
    assert expected.share_active == 0.2


def test_active_periods_only_where_few_are_flat():
    """Flat on a tenth of days: zero is not the median, and is left out all the same."""
    values = 0.004 + 0.01 * np.random.default_rng(7).standard_t(5, 500)
    values[::10] = 0.0
    for rate in (0.0, 0.03):
        sharpe = bayesian_sharpe(values, 250, rate, random_seed=1)
        expected = expected_returns(sharpe, 1)
        np.testing.assert_allclose(expected.observed, values[values != 0.0], atol=1e-15)
        assert expected.share_active == 0.9


def test_autocorrelation_widens_it():
    random, series = np.random.default_rng(6), np.zeros(2000)
    for i in range(1, series.size):
        series[i] = 0.7 * series[i - 1] + 0.01 * random.normal()
    sharpe = bayesian_sharpe(series, 500, autocorrelation="ar1", random_seed=1)
    expected = expected_returns(sharpe, 1)
    variance = np.var(expected.centre) + np.mean(expected.deviation**2)
    assert np.sqrt(variance) == pytest.approx(series.std(), rel=0.1)


def test_counts_hold_as_often_as_they_say():
    random = np.random.default_rng(8)
    inside = []
    for seed in range(20):
        data = 0.01 * random.standard_t(4, 300)
        expected = expected_returns(bayesian_sharpe(data, 250, random_seed=seed), seed)
        edges = np.quantile(data, [0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.0])
        edges = np.linspace(-0.03, 0.03, 9)
        low, high = expected.counts(edges, 0.9, seed)
        counts, _ = np.histogram(data, edges)
        inside.append((counts >= low) & (counts <= high))
    # The data were seen by the fit, so that it is more often than not in the interval.
    assert 0.87 < np.mean(inside) <= 1.0
