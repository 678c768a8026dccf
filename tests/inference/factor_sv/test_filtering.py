"""The filter of many assets against one of joint particles, with its factors integrated out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal, t

from puffin.inference.factor_sv.filtering import (
    FilterParameters,
    Sizes,
    filter_log_variances,
)
from puffin.inference.factor_sv.period import error_densities, propose_factors

MEAN, LOADINGS = np.array([0.1, -0.1, 0.0]), np.array([[1.0, 0.8, -0.5]])
MU, PHI = np.array([-0.5, -0.3, -0.2, 0.0]), np.array([0.9, 0.8, 0.95, 0.9])
SIGMA = np.array([0.5, 0.6, 0.3, 0.5])
RETURNS = np.array([[1.2, 0.4, np.nan], [-0.3, 0.8, 0.5], [2.5, 1.0, 0.2], [np.nan] * 3])


def parameters(count, few=0.0):
    rarity = np.array([few, few, few, 0.0])
    every = (MEAN, LOADINGS, MU, PHI, SIGMA, rarity)
    return FilterParameters(*(np.broadcast_to(one, (count, *one.shape)) for one in every))


def plain_filter(few, size, stream):
    """Return mean log-variances of each period, and their errors: all series weighed at once."""
    h = MU + SIGMA / np.sqrt(1 - PHI**2) * stream.standard_normal((size, 4))
    found = []
    for returned in RETURNS:
        there, v = ~np.isnan(returned), np.exp(h)
        if few:
            v[:, :3] *= (0.5 / few - 1.0) / stream.standard_gamma(0.5 / few, (size, 3))
        own, b, errors = v[:, :3][:, there], LOADINGS[0, there], (returned - MEAN)[there]
        inner = 1.0 / v[:, 3] + (b**2 / own).sum(axis=1)
        quadratic = (errors**2 / own).sum(axis=1) - (errors * b / own).sum(axis=1) ** 2 / inner
        log_weights = -0.5 * (quadratic + np.log(own).sum(axis=1) + np.log(v[:, 3] * inner))
        weights = np.exp(log_weights - log_weights.max())
        weights /= weights.sum()
        mean = weights @ h
        found.append((mean, np.sqrt(weights**2 @ (h - mean) ** 2)))
        h = h[stream.choice(size, size, p=weights)]
        h = MU + PHI * (h - MU) + SIGMA * stream.standard_normal((size, 4))
    return found


@pytest.mark.calibration
@pytest.mark.parametrize("few", [0.0, 0.2])
def test_means_are_those_of_a_joint_filter(few):
    """16 means, each within 4.9 Monte Carlo errors: a false alarm of 1e-4 over both laws.

    So many systems that what is left of their bias, less than 0.01, is far below the errors.
    """
    filters, kept = 24, 32
    draws = filter_log_variances(
        RETURNS, parameters(filters, few), Sizes(512, 8, kept), np.random.default_rng(5)
    )
    of_each = draws.reshape(filters, kept, 4, 4).mean(axis=1)
    error = of_each.std(axis=0) / math.sqrt(filters)
    for period, (mean, own) in enumerate(plain_filter(few, 100_000, np.random.default_rng(6))):
        gap = np.abs(of_each[:, period].mean(axis=0) - mean)
        assert np.all(gap < 4.9 * np.hypot(error[period], own))


def test_later_returns_change_nothing_before():
    for rows in (1, 2, 3):
        short, long = (
            filter_log_variances(some, parameters(2), Sizes(4, 8, 3), np.random.default_rng(1))
            for some in (RETURNS[:rows], RETURNS)
        )
        np.testing.assert_array_equal(short, long[:, :rows])


def test_densities_of_errors():
    errors, h = np.array([0.7, -1.5]), np.array([[0.2, -0.4], [0.1, 0.3]], np.float32)
    found = error_densities(errors, h, np.exp(-h), np.array([0.0, 0.2]))
    scale = np.exp(0.5 * h.astype(float))
    normal = -0.5 * (errors[0] / scale[0]) ** 2 - np.log(scale[0] * math.sqrt(2 * math.pi))
    student = t.logpdf(errors[1], 5.0, 0.0, scale[1] * math.sqrt(0.6))
    np.testing.assert_allclose(found, [normal, student], rtol=1e-5)


def test_weights_average_to_the_density():
    """Of 40,000 proposals: within 4 errors of the exact normal density (6e-5)."""
    count, returned = 40_000, np.array([1.2, 0.4, np.nan])
    h = np.broadcast_to(MU.astype(np.float32)[:, None], (count, 4, 1))
    centred = np.broadcast_to(returned - MEAN, (count, 3))
    found = propose_factors(
        centred, np.broadcast_to(LOADINGS, (count, 1, 3)), h, np.zeros((count, 4)),
        np.random.default_rng(3),
    )  # fmt: skip
    v = np.exp(MU)
    covariance = v[3] * LOADINGS.T @ LOADINGS + np.diag(v[:3])
    exact = multivariate_normal((MEAN)[:2], covariance[:2, :2]).pdf(returned[:2])
    weights = np.exp(found.log_weights)
    assert abs(weights.mean() - exact) < 4.0 * weights.std() / math.sqrt(count)
    np.testing.assert_allclose(found.errors[:, 3], found.values[:, 0])
    assert weights.std() < weights.mean()


def test_sizes_grow_with_the_assets():
    assert Sizes.of(3) == (64, 8, 16)
    assert Sizes.of(20, 4) == (25, 20, 4)
    assert Sizes.of(500) == (8, 64, 16)
