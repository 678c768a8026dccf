"""Averages of covariance matrices against those of matrices that are kept."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.multivariate.moments import (
    covariance_moments,
    mean_covariances,
    portfolio_variances,
)


@pytest.fixture
def draws():
    stream = np.random.default_rng(2)
    loadings = stream.standard_normal((30, 2, 4))
    h = stream.standard_normal((30, 3, 6)).astype(np.float32)
    v = np.exp(h.astype(np.float64))
    matrices = np.einsum("dki,dtk,dkj->dtij", loadings, v[..., 4:], loadings)
    matrices[..., range(4), range(4)] += v[..., :4]
    sd = np.sqrt(np.einsum("dtii->dti", matrices))
    return loadings, h, matrices, matrices / (sd[..., None] * sd[..., None, :])


def test_moments_at_one_date(draws):
    loadings, h, matrices, correlations = draws
    found = covariance_moments(loadings, np.exp(h[:, 1].astype(np.float64)))
    expected = (
        matrices[:, 1].mean(axis=0), matrices[:, 1].std(axis=0),
        correlations[:, 1].mean(axis=0), correlations[:, 1].std(axis=0),
    )  # fmt: skip
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-7)


def test_means_at_every_date(draws):
    loadings, h, matrices, correlations = draws
    for of, expected in ((False, matrices), (True, correlations)):
        found = mean_covariances(loadings, h, correlations=of)
        np.testing.assert_allclose(found, expected.mean(axis=0), rtol=1e-10, atol=1e-12)


def test_variances_of_portfolios(draws):
    loadings, h, matrices, _ = draws
    v, weights = np.exp(h[:, 0].astype(np.float64)), np.array([[0.5, -1.0, 2.0, 0.1], [1, 0, 0, 0]])
    expected = np.einsum("pi,dij,pj->dp", weights, matrices[:, 0], weights)
    found = portfolio_variances(loadings, v, weights.T)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    np.testing.assert_allclose(
        portfolio_variances(loadings, v, weights[0]), expected[:, 0], rtol=1e-10
    )
    none = portfolio_variances(np.empty((30, 0, 4)), v[:, :4], weights[0])
    np.testing.assert_allclose(none, v[:, :4] @ weights[0] ** 2, rtol=1e-10)
