"""The filters against the recursion of the textbook and the dense Gaussian."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffin.inference.dynamic_regression import (
    DynamicPrior,
    filter_coefficients,
)
from tests.inference.plain_dynamic_regression import by_recursion, dense_moments
from tests.inference.walking_coefficients import GRID, one_point, series


def assert_filters_agree(Z, y, prior, tolerance=1e-9, after=0):
    found, expected = filter_coefficients(Z, y, prior)[0], by_recursion(Z, y, prior)
    for kind in ("predicted", "filtered"):
        covariance = expected[f"{kind}_covariance"][after:]
        sd = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)).astype(float)
        off = getattr(found, f"{kind}_mean")[after:] - expected[f"{kind}_mean"][after:]
        assert np.max(np.abs(off) / sd) < tolerance
        off = getattr(found, f"{kind}_covariance")[after:] - covariance
        assert np.max(np.abs(off) / (sd[:, :, None] * sd[:, None, :])) < tolerance
    forecast_sd = np.sqrt(expected["forecast_variance"][after:]).astype(float)
    off = found.forecast_mean[after:] - expected["forecast_mean"][after:]
    assert np.max(np.abs(off) / forecast_sd) < tolerance
    off = found.forecast_variance[after:] / forecast_sd**2 - 1
    assert np.max(np.abs(off)) < tolerance
    off = (found.log_evidence - expected["log_evidence"])[after:]
    assert np.max(np.abs(off)) < max(tolerance, 1e-9)


@pytest.mark.parametrize("hedges", [1, 2, 5])
def test_filter_is_the_textbook_s(hedges):
    Z, y, _ = series(150, hedges)
    assert_filters_agree(Z, y, GRID.dynamic(hedges))


def hard_case(name):
    stream = np.random.default_rng(3)
    x = np.cumsum(stream.normal(size=600))
    noise = stream.normal(size=600)
    if name == "x hardly moves in the warm-up":
        x[:60] *= 1e-4
        return x[:, None], 0.9 * x + noise
    if name == "a price a hundred times the first":
        x = np.exp(0.02 * np.cumsum(noise) + 0.008 * np.arange(600))
        return x[:, None], 0.9 * x * (1 + 0.01 * stream.normal(size=600))
    if name == "hedges nearly the same":
        return x[:, None] + 1e-5 * stream.normal(size=(600, 2)), x + noise
    if name == "an exact fit, then a jump":
        return x[:, None], 3.0 + 2.0 * x + 1e4 * (np.arange(600) > 300)
    return 1e5 + x[:, None], 5.0 + 0.9 * x + noise


@pytest.mark.parametrize(
    "name",
    [
        "x hardly moves in the warm-up",
        "a price a hundred times the first",
        "hedges nearly the same",
        "an exact fit, then a jump",
        "prices of 100,000",
    ],
)
def test_filter_keeps_its_precision(name):
    """Against extended precision and the form that does not cancel."""
    X, y = hard_case(name)
    Z = np.column_stack([np.ones(600), (X - X[:60].mean(axis=0)) / X[:60].std(axis=0)])
    target = (y - y[:60].mean()) / y[:60].std()
    assert_filters_agree(Z, target, GRID.dynamic(X.shape[1]), 1e-6, after=60)


def test_filter_at_the_ends_of_the_grid():
    Z, y, _ = series(300)
    for q in ((1e-12, 1e-12), (1e6, 1e6), (1e-12, 1e4)):
        assert_filters_agree(Z, y, one_point(*q), 1e-7)


def test_filter_is_the_dense_gaussian_s():
    """At one grid point: filtered and predicted moments, and the density of all of y."""
    q = (0.02, 0.005)
    prior, (Z, y, _) = one_point(*q), series(30)
    found, grid = filter_coefficients(Z, y, prior)
    for t in (1, 2, 17, 30):
        mean, covariance, freedom, squares, log_density = dense_moments(Z[:t], y[:t], q, prior)
        variance = squares / (freedom - 2)
        np.testing.assert_allclose(found.filtered_mean[t - 1], mean[-1], rtol=1e-9)
        last = covariance[-2:, -2:]
        np.testing.assert_allclose(found.filtered_covariance[t - 1], last * variance, rtol=1e-9)
        np.testing.assert_allclose(
            found.predicted_covariance[t], (last + np.diag(q)) * variance, rtol=1e-9
        )
        assert found.log_evidence[:t].sum() == pytest.approx(log_density, rel=1e-9)
    assert grid.freedom == freedom
    assert grid.sum_of_squares[0] == pytest.approx(squares)


def test_the_first_row_has_taken_a_step():
    """Before any data the first state's variance is that of the start and one step.

    By hand: E sigma^2 = 0.27 / (3 - 2), times 4 + q.
    """
    Z, y, _ = series(5)
    found, _ = filter_coefficients(Z, y, one_point(0.5, 0.25))
    np.testing.assert_allclose(found.predicted_covariance[0], 0.27 * np.diag([4.5, 4.25]))
    np.testing.assert_array_equal(found.predicted_mean[0], 0.0)


def test_weights_of_the_grid_are_bayes_s():
    Z, y, _ = series(25)
    prior = DynamicPrior(4.0, 3.0, 0.27, np.array([[0.01, 0.01], [1.0, 0.01], [0.01, 0.3]]))
    found, grid = filter_coefficients(Z, y, prior)
    logs = np.array([dense_moments(Z, y, q, prior)[-1] for q in prior.walk_variances])
    expected = np.exp(logs - logs.max()) / np.exp(logs - logs.max()).sum()
    np.testing.assert_allclose(np.exp(grid.log_weight), expected, rtol=1e-8)
    assert found.log_evidence.sum() == pytest.approx(np.log(np.mean(np.exp(logs))), rel=1e-9)


@given(st.integers(1, 119), st.integers(1, 3))
@settings(max_examples=25)
def test_prefixes_are_the_same_bit_for_bit(T, hedges):
    Z, y, _ = series(120, hedges)
    prior = GRID.dynamic(hedges)
    whole, part = filter_coefficients(Z, y, prior)[0], filter_coefficients(Z[:T], y[:T], prior)[0]
    for name in part._fields:
        known = getattr(part, name)
        np.testing.assert_array_equal(known, getattr(whole, name)[: len(known)])
