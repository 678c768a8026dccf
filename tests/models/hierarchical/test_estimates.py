"""Estimates of each asset by itself, and whether their errors are as large as is said."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.hierarchical.estimates import estimate_assets
from tests.models.hierarchical.funds import PERIODS, simulated


def ordinary(returns, factors):
    """Least squares with its own covariance."""
    X = np.column_stack([np.ones(len(factors)), factors])
    coefficients, squares = np.linalg.lstsq(X, returns, rcond=None)[:2]
    return coefficients, squares / (len(X) - X.shape[1]) * np.linalg.inv(X.T @ X)


def test_one_asset_is_least_squares():
    """The variance is that of least squares, weighed by its own volatility."""
    stream = np.random.default_rng(1)
    factors = stream.normal(0.0, 0.04, (600, 2))
    returns = 0.001 + factors @ [1.0, 0.5] + stream.normal(0.0, 0.02, 600)
    found = estimate_assets(returns[:, None], factors, residual_factors=None, counted=False)
    coefficients, covariance = ordinary(returns, factors)
    np.testing.assert_allclose(found.values[0], coefficients, rtol=1e-10)
    assert found.own[0, 0, 0] == pytest.approx(covariance[0, 0], rel=0.03)
    np.testing.assert_allclose(np.diag(found.own[0]), np.diag(covariance), rtol=0.3)
    assert found.exposures.shape == (1, 0)


def test_without_factors_the_variance_of_the_mean_is_exact():
    returns = np.random.default_rng(2).normal(0.01, 0.05, (50, 1))
    nothing = np.zeros((50, 0))
    found = estimate_assets(returns, nothing, residual_factors=0, counted=False)
    expected = returns.var(ddof=1) / 50
    assert found.own[0, 0, 0] == pytest.approx(expected, rel=1e-10)


def test_total_variance_does_not_depend_on_how_errors_are_split():
    """With all months common and own parts add up to the variance of least squares."""
    funds = simulated(3)
    returns, factors = funds.returns.to_numpy(), funds.factors.to_numpy()
    split, whole = (
        estimate_assets(returns, factors, residual_factors=count, counted=False) for count in (2, 0)
    )
    np.testing.assert_allclose(split.values, whole.values, atol=1e-9)
    np.testing.assert_allclose(split.covariances[:, 0, 0], whole.covariances[:, 0, 0], rtol=0.15)


def test_smoothed_returns_make_alpha_less_certain():
    stream = np.random.default_rng(4)
    shocks = stream.normal(0.0, 0.02, (241, 20))
    smoothed = 0.6 * shocks[1:] + 0.4 * shocks[:-1]
    nothing = np.zeros((240, 0))
    counted, ignored = (
        np.sqrt(estimate_assets(smoothed, nothing, residual_factors=0, counted=counted).own)
        for counted in (True, False)
    )
    true = 0.02 / np.sqrt(240)
    assert np.mean(counted) == pytest.approx(true, rel=0.12)
    assert np.mean(ignored) < 0.8 * true


def test_volatility_of_all_is_weighed_in():
    """Where all errors are large when the factor is, betas are known less well (White)."""
    stream = np.random.default_rng(5)
    factor = stream.standard_t(4, 400)
    errors = stream.standard_normal((400, 30)) * (0.3 + np.abs(factor))[:, None]
    found = estimate_assets(errors, factor[:, None], residual_factors=0, counted=False)
    spread = np.std(found.values[:, 1])
    said = np.sqrt(found.own[:, 1, 1].mean())
    assert said == pytest.approx(spread, rel=0.4)
    _, covariance = ordinary(errors[:, 0], factor[:, None])
    assert said > 1.3 * np.sqrt(covariance[1, 1])


def in_industries(stream, rho, *, n=200, n_months=120):
    """Errors of 20 industries, too many and too diffuse to be found as factors."""
    industries = stream.standard_normal((n_months, 20))[:, np.arange(n) // (n // 20)]
    own = stream.standard_normal((n_months, n))
    return 0.07 * (np.sqrt(1.0 - rho) * own + np.sqrt(rho) * industries)


def said_of_the_mean(found):
    """The variance of the mean of all alphas' errors."""
    k, exposure = found.exposures.shape[1], found.exposures.mean(axis=0)
    own = found.own[:, 0, 0].sum() / len(found.own) ** 2
    return own + exposure @ found.common[:k, :k] @ exposure


@pytest.mark.parametrize("rho", [0.2, 0.5])
def test_diffuse_errors_in_common_count_in_the_mean(rho):
    """Means over four panels of ratios whose standard errors are 0.13 each."""
    ratios = []
    for seed in range(4):
        returns = in_industries(np.random.default_rng([7, seed]), rho)
        nothing = np.zeros((120, 0))
        found = estimate_assets(returns, nothing, residual_factors=None, counted=False)
        true = 0.07**2 * ((1.0 - rho) / 200 + rho / 20) / 120
        ratios.append(said_of_the_mean(found) / true)
        whole = estimate_assets(returns, nothing, residual_factors=0, counted=False)
        np.testing.assert_allclose(
            found.covariances[:, 0, 0], whole.covariances[:, 0, 0], rtol=0.15
        )
    assert np.mean(ratios) == pytest.approx(1.0, abs=4.5 * 0.13 / 2.0)
    assert said_of_the_mean(whole) / true < 0.5


def test_independent_errors_have_nothing_in_common():
    returns = np.random.default_rng(8).normal(0.0, 0.07, (120, 200))
    nothing = np.zeros((120, 0))
    found = estimate_assets(returns, nothing, residual_factors=None, counted=False)
    assert found.exposures.shape == (200, 0)


@pytest.mark.calibration
@pytest.mark.slow
@pytest.mark.parametrize("late", [0, 20])
def test_errors_are_as_large_as_said(late):
    """Heavy tails, two common factors, half of the months for some: 60 panels of 30.

    The spread of z-scores of alphas is about one (measured: 0.97 and 1.00).
    """
    scores, means = [], []
    for seed in range(60):
        funds = simulated([6, seed], n=30, late=late)
        found = estimate_assets(
            funds.returns.to_numpy(), funds.factors.to_numpy(), residual_factors=None, counted=True
        )
        errors = found.values[:, 0] - funds.alphas.to_numpy() / PERIODS
        scores.append(errors / np.sqrt(found.covariances[:, 0, 0]))
        k = found.exposures.shape[1]
        exposure = found.exposures.mean(axis=0)
        variance = found.own[:, 0, 0].sum() / 30**2 + exposure @ found.common[:k, :k] @ exposure
        means.append(errors.mean() / np.sqrt(variance))
    assert 0.8 < np.std(scores) < 1.08
    assert 0.6 < np.std(means) < 1.4


def test_periods_that_nobody_has_are_none():
    """As where an asset with the only return of a month cannot be fitted."""
    returns = np.random.default_rng(3).normal(0.01, 0.05, (50, 2))
    factors = np.random.default_rng(4).normal(0.0, 0.04, (50, 1))
    gaps = np.insert(returns, [7, 30, 30], np.nan, axis=0)
    beside = np.insert(factors, [7, 30, 30], 0.5, axis=0)
    found, expected = (
        estimate_assets(one, other, residual_factors=None, counted=True)
        for one, other in ((gaps, beside), (returns, factors))
    )
    np.testing.assert_array_equal(found.own, expected.own)
    np.testing.assert_array_equal(found.values, expected.values)
