"""Factors that residuals have in common, in panels with gaps."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.residual_factors import count_factors, fit_residual_factors


def panel(stream, *, n_assets=40, n_periods=120, k=2, late=0):
    X = np.column_stack([np.ones(n_periods), stream.normal(0.0, 1.0, n_periods)])
    theta = stream.normal(0.0, 0.3, (n_assets, 2))
    scores = stream.standard_normal((n_periods, k))
    exposures = stream.normal(0.3, 0.6, (n_assets, k))
    errors = stream.standard_normal((n_periods, n_assets))
    present = np.ones((n_periods, n_assets), bool)
    present[: n_periods // 2, :late] = False
    returns = X @ theta.T + scores @ exposures.T + errors
    return np.where(present, returns, 0.0), present, X, exposures


def residuals_of(returns, present, X):
    nothing = fit_residual_factors(returns, present, X, 0)
    left = np.where(present, returns - X @ nothing.coefficients.T, 0.0)
    return left / np.sqrt(np.sum(left**2, axis=0) / present.sum(axis=0))


@pytest.mark.parametrize("k", [0, 1, 3])
@pytest.mark.parametrize("late", [0, 15])
def test_factors_are_counted(k, late):
    returns, present, X, _ = panel(np.random.default_rng(10 + k), k=k, late=late)
    assert count_factors(residuals_of(returns, present, X), present) == k


def test_more_assets_than_periods():
    returns, present, X, _ = panel(np.random.default_rng(2), n_assets=300, n_periods=60)
    assert count_factors(residuals_of(returns, present, X), present) == 2


def test_without_gaps_given_coefficients_are_least_squares():
    """Scores are orthogonal to the given factors: they change no estimate, and no variance."""
    returns, present, X, _ = panel(np.random.default_rng(3))
    fit = fit_residual_factors(returns, present, X, 2)
    expected, squares = np.linalg.lstsq(X, returns, rcond=None)[:2]
    np.testing.assert_allclose(fit.coefficients[:, :2], expected.T, atol=1e-10)
    np.testing.assert_allclose(X.T @ fit.scores, 0.0, atol=1e-8)
    freedom = len(X) - X.shape[1]
    total = fit.squares / freedom + np.sum(fit.coefficients[:, 2:] ** 2, axis=1)
    np.testing.assert_allclose(total, squares / freedom, rtol=1e-6)


def test_covariance_of_residuals_is_recovered():
    """Exposures up to a rotation: their products, to the error of 400 periods."""
    returns, present, X, exposures = panel(np.random.default_rng(4), n_periods=400, late=10)
    fit = fit_residual_factors(returns, present, X, 2)
    found = fit.coefficients[:, 2:] @ fit.coefficients[:, 2:].T
    assert np.abs(found - exposures @ exposures.T).mean() < 0.08


def test_late_assets_profit_from_the_others():
    """What common factors did in an asset's own months is taken out of its estimate."""
    by_itself, with_others = [], []
    for seed in range(6):
        stream = np.random.default_rng([5, seed])
        n_periods, late = 120, 20
        X = np.ones((n_periods, 1))
        scores = stream.standard_normal((n_periods, 1))
        scores -= scores.mean(axis=0)  # no luck over the whole sample
        returns = scores @ np.full((1, 40), 1.0) + 0.5 * stream.standard_normal((n_periods, 40))
        present = np.ones(returns.shape, bool)
        present[:80, :late] = False
        returns = np.where(present, returns, 0.0)
        for count, found in ((0, by_itself), (1, with_others)):
            fit = fit_residual_factors(returns, present, X, count)
            found.append(fit.coefficients[:late, 0])
    assert np.std(with_others) < 0.75 * np.std(by_itself)


def test_two_alike_assets_have_one_factor():
    stream = np.random.default_rng(6)
    shared = stream.standard_normal((200, 1))
    returns = shared + 0.2 * stream.standard_normal((200, 2))
    present = np.ones(returns.shape, bool)
    assert count_factors(returns / returns.std(axis=0), present) == 1
    fit = fit_residual_factors(returns, present, np.ones((200, 1)), 1)
    assert np.isfinite(fit.coefficients).all()


def test_one_asset_has_none():
    returns = np.random.default_rng(7).standard_normal((100, 1))
    assert count_factors(returns, np.ones(returns.shape, bool)) == 0
