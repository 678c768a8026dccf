"""Linear regression against quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.linear_regression import (
    RegressionPrior,
    log_marginal_likelihood,
    sample_linear_regression,
    with_intercept,
)
from puffin.inference.settings import Settings

PRIOR = RegressionPrior(1.0, 1.0, 1.0, 1e-6, 10.0)


def settings(draws=20_000, chains=4, seed=1):
    return Settings(draws, 0, chains, None, seed, False)


def data(observations, features, noise=0.5):
    stream = np.random.default_rng([observations, features])
    X = stream.normal(size=(observations, features))
    return X, X @ stream.normal(size=features) + noise * stream.normal(size=observations)


@pytest.mark.parametrize(("observations", "features"), [(30, 2), (5, 5), (4, 9), (1, 1)])
def test_marginal_likelihood_is_that_of_the_gaussian(observations, features):
    X, y = data(observations, features)
    prior = RegressionPrior(0.7, 1.3, 1.0, 1e-6, 10.0)
    Z = with_intercept(X) * prior.coefficient_sds(features)
    sigma = np.array([0.05, 0.3, 2.0])
    twin = [
        stats.multivariate_normal(
            np.zeros(observations), s**2 * np.eye(observations) + Z @ Z.T
        ).logpdf(y)
        for s in sigma
    ]
    np.testing.assert_allclose(log_marginal_likelihood(X, y, prior, sigma), twin, rtol=1e-9)


@pytest.mark.parametrize(("observations", "features"), [(40, 3), (6, 12)])
def test_draws_match_quadrature(observations, features):
    """Means and covariance of the coefficients by quadrature over sigma."""
    X, y = data(observations, features)
    Z = with_intercept(X)
    sigma = np.geomspace(1e-4, 10, 4000)
    log_weights = log_marginal_likelihood(X, y, PRIOR, sigma) - 0.5 * sigma**2 + np.log(sigma)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    kept = weights > 1e-12
    covariances = [np.linalg.inv(np.eye(features + 1) + Z.T @ Z / s**2) for s in sigma[kept]]
    means = [C @ Z.T @ y / s**2 for C, s in zip(covariances, sigma[kept], strict=True)]
    mean = weights[kept] @ np.array(means)
    second = sum(
        w * (C + np.outer(m, m)) for w, C, m in zip(weights[kept], covariances, means, strict=True)
    )
    sd = np.sqrt(np.diag(second) - mean**2)

    draws = sample_linear_regression(X, y, PRIOR, settings()).variables
    coefficients = np.concatenate([draws["alpha"][..., None], draws["beta"]], axis=-1)
    flat = coefficients.reshape(-1, features + 1)
    # Independent draws: 5.5 standard errors over some 30 numbers, below 1e-5 in all.
    n = len(flat)
    kurtosis = stats.kurtosis(flat, axis=0) + 2
    assert np.all(np.abs(flat.mean(axis=0) - mean) < 5.5 * sd / np.sqrt(n))
    assert np.all(np.abs(flat.std(axis=0) / sd - 1) < 5.5 * np.sqrt(kurtosis / (4 * n)))
    sigma_mean = weights @ sigma
    assert abs(draws["sigma"].mean() - sigma_mean) < 5.5 * draws["sigma"].std() / np.sqrt(n)


def test_draws_are_independent():
    X, y = data(50, 2)
    draws = sample_linear_regression(X, y, PRIOR, settings(50_000, chains=1)).variables["sigma"][0]
    lagged = np.corrcoef(draws[1:], draws[:-1])[0, 1]
    assert abs(lagged) < stats.norm.isf(1e-6) / np.sqrt(draws.size)


def test_conjugate_limit_with_known_noise():
    """Where the prior pins sigma down to 0.5, the posterior is the textbook Gaussian."""
    X, y = data(60, 1)
    pinned = RegressionPrior(1.0, 1.0, 0.001, 0.5, 10.0)
    draws = sample_linear_regression(X, y, pinned, settings()).variables
    Z = with_intercept(X)
    covariance = np.linalg.inv(np.eye(2) + Z.T @ Z / 0.25)
    mean, flat = covariance @ Z.T @ y / 0.25, draws["beta"].ravel()
    assert draws["sigma"].max() < 0.501
    assert abs(flat.mean() - mean[1]) < 5 * np.sqrt(covariance[1, 1] / flat.size)
    assert stats.kstest(flat, stats.norm(mean[1], covariance[1, 1] ** 0.5).cdf).pvalue > 1e-6


def test_exact_fit_stays_above_the_floor():
    X, _ = data(20, 2)
    draws = sample_linear_regression(X, X[:, 0], PRIOR, settings(500)).variables
    assert draws["sigma"].min() >= 1e-6
    np.testing.assert_allclose(draws["beta"].mean(axis=(0, 1)), [1.0, 0.0], atol=1e-4)


def test_collinear_features_share_their_effect():
    X, y = data(100, 1)
    draws = sample_linear_regression(np.column_stack([X, X]), y, PRIOR, settings()).variables[
        "beta"
    ]
    total = draws.sum(axis=-1)
    assert abs(draws[..., 0].mean() - draws[..., 1].mean()) < 6 * draws.std() / np.sqrt(80_000) * 2
    assert total.std() < 0.1 < draws[..., 0].std()
