"""Means of returns, whatever moves their volatility."""

from __future__ import annotations

import numpy as np

from puffin.inference.settings import Settings
from puffin.models.multivariate.means import bootstrap_means
from tests.models.multivariate.worlds import fit, quick, simulated

SETTINGS = Settings(1000, 0, 2, 1, 7, progressbar=False)


def leveraged(n_times=1000):
    """Return returns of mean 0.0002 whose log-variance falls with them: correlation -0.9."""
    stream = np.random.default_rng(11)
    shocks, own = stream.standard_normal((2, n_times, 3))
    h, returns = np.zeros((n_times + 1, 3)), np.zeros((n_times, 3))
    for t in range(n_times):
        returns[t] = 0.0002 + 0.012 * np.exp(0.5 * h[t]) * shocks[t]
        h[t + 1] = 0.95 * h[t] + 0.3 * (-0.9 * shocks[t] + np.sqrt(0.19) * own[t])
    return returns


def test_leverage_does_not_raise_means():
    """Means are those of the sample, where the model's own are above them, and so is Kelly."""
    returns = leveraged()
    options = {"samples": 50, "tune": 50, "factors": 0}
    sample, own = quick(returns, **options), quick(returns, **options, mean="constant")
    np.testing.assert_allclose(sample.forecast(5)["mean"], 5 * returns.mean(axis=0), rtol=1e-9)
    errors = returns.std(axis=0) / np.sqrt(len(returns))
    assert np.all(own.forecast()["mean"] > returns.mean(axis=0) + 0.5 * errors)
    np.testing.assert_array_equal(sample.correlation("smoothed"), own.correlation("smoothed"))
    np.testing.assert_array_equal(sample.fitted.draws.h_last, own.fitted.draws.h_last)
    held = sample.portfolio([1 / 3] * 3).predictive()
    np.testing.assert_allclose(held.average(held.location), returns.mean(), rtol=1e-9)


def test_bootstrap_has_the_sample_covariance():
    """2000 draws of means: 6 second moments within 5 standard errors (alarms 4e-6 in all)."""
    returns = simulated(80)[0].to_numpy()[:, :3]
    errors = bootstrap_means(returns, SETTINGS).reshape(-1, 3) - returns.mean(axis=0)
    np.testing.assert_allclose(errors.mean(axis=0), 0.0, atol=1e-15)
    expected = np.cov(returns, rowvar=False, ddof=0) / (len(returns) + 1)
    for i, j in zip(*np.triu_indices(3), strict=True):
        product = errors[:, i] * errors[:, j]
        assert abs(product.mean() - expected[i, j]) < 5 * product.std() / np.sqrt(len(product))


def test_means_are_of_the_returns_that_there_are():
    """An asset that starts late has a mean of its own, known less."""
    returns = simulated(80)[0].to_numpy(copy=True)
    returns[:60, 0] = np.nan
    means = bootstrap_means(returns, SETTINGS)
    np.testing.assert_allclose(means.mean(axis=(0, 1)), np.nanmean(returns, axis=0), rtol=1e-9)
    expected = np.nanstd(returns, axis=0) / np.sqrt(np.isfinite(returns).sum(axis=0) + 1)
    np.testing.assert_allclose(means.std(axis=(0, 1)), expected, rtol=0.15)
    again = bootstrap_means(returns, SETTINGS)
    np.testing.assert_array_equal(again, means)
    assert fit().summary().loc["mean[A]", "r_hat"] < 1.05
