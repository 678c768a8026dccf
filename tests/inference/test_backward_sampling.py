"""Paths of coefficients against the dense Gaussian."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.dynamic_regression import (
    sample_coefficient_paths,
)
from tests.inference.plain_dynamic_regression import dense_moments
from tests.inference.walking_coefficients import one_point, run, series


@pytest.mark.slow
def test_paths_are_those_of_the_dense_gaussian():
    """Mean and covariance of all states, within 5.5 standard errors: below 1e-5 over 230 numbers.

    Given sigma the path is Gaussian, so (path - mean) / sigma has the dense covariance.
    """
    q, T = (0.02, 0.005), 10
    prior, (Z, y, _) = one_point(*q), series(T)
    paths, sigma = sample_coefficient_paths(Z, y, prior, run(20_000))
    mean, covariance, freedom, squares, _ = dense_moments(Z, y, q, prior)
    n = sigma.size
    scaled = ((paths - mean) / sigma[..., None, None]).reshape(n, -1)
    sd = np.sqrt(np.diag(covariance))
    assert np.max(np.abs(scaled.mean(axis=0)) / sd) < 5.5 / np.sqrt(n)
    products = scaled.T @ scaled / n
    error = np.sqrt((covariance**2 + np.outer(sd, sd) ** 2) / n)
    assert np.max(np.abs(products - covariance) / error) < 5.5
    drawn = stats.kstest(sigma.ravel() ** -2.0, stats.gamma(freedom / 2, scale=2 / squares).cdf)
    assert drawn.pvalue > 1e-6
    # Independent draws: neither states nor sigma know the draw before.
    for values in (sigma[0], paths[0, :, 0, 1], paths[0, :, -1, 0]):
        lagged = np.corrcoef(values[1:], values[:-1])[0, 1]
        assert abs(lagged) < stats.norm.isf(1e-7) / np.sqrt(values.size)


@pytest.mark.parametrize("q", [(1e-12, 1e-12, 1e-12), (1e-9, 10.0, 1e-3)])
def test_paths_where_steps_are_tiny(q):
    """Backward sampling where C + Q is all but C."""
    Z, y, _ = series(60, 2)
    prior = one_point(*q)
    paths, sigma = sample_coefficient_paths(Z, y, prior, run(2_000, chains=1))
    mean, covariance, _, _, _ = dense_moments(Z, y, q, prior)
    sd = np.sqrt(np.diag(covariance)).reshape(mean.shape)
    scaled = (paths[0] - mean) / sigma[0][:, None, None]
    # A step of 1e-6 is below what the dense matrices resolve: they are checked to their rounding.
    assert np.max(np.abs(scaled.mean(axis=0)) / sd) < 5.5 / np.sqrt(2_000) + 1e-3
    assert np.max(np.abs(scaled.std(axis=0) / sd - 1)) < 5.5 / np.sqrt(4_000) + 1e-3
    steps = np.diff(scaled, axis=1).std(axis=(0, 1)) / np.sqrt(q)
    assert np.all(steps < 1.1)
