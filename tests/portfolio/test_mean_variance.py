"""Mean-variance weights from the joint predictive distribution."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.bayesian import strategy_comparison
from puffin.portfolio import Constraints, JointReturns, mean_variance_weights
from puffin.portfolio.mean_variance import best_mean_variance
from tests.portfolio.crafted import crafted


def test_interior_optimum_by_hand():
    """C = diag(0.04, 0.01) * 2 + Var(mu), m = (0.01, 0.02): w = C^-1 m / gamma."""
    covariance = 2.0 * np.diag([0.04, 0.01]) + np.diag([0.0001, 0.0])
    expected = np.array([0.01 / (0.08 + 0.0001), 0.02 / 0.02]) / 5.0
    limits = Constraints(total=None).on(("a", "b"))
    weights = best_mean_variance(np.array([0.01, 0.02]), covariance, 5.0, limits)
    np.testing.assert_allclose(weights, expected, rtol=1e-4)


def test_fully_invested_by_hand():
    """Equal means: minimum variance, w = C^-1 1 / 1'C^-1 1 = (3, -1) / 2 of [[1, 2], [2, 5]]..

    (C^-1 = [[5, -2], [-2, 1]], rows add up to 3 and -1); long only it is (1, 0).
    """
    covariance, mean = np.array([[1.0, 2.0], [2.0, 5.0]]), np.array([0.01, 0.01])
    for constraints, expected in (
        (Constraints(min_weights=-1, max_weights=2, gross_exposure=None), [1.5, -0.5]),
        (Constraints(), [1.0, 0.0]),
        (Constraints(min_weights=-1, max_weights=2, gross_exposure=1.5), [1.25, -0.25]),
    ):
        limits = constraints.on(("a", "b"))
        weights = best_mean_variance(mean, covariance, 3.0, limits)
        np.testing.assert_allclose(weights, expected, atol=1e-5)


def test_moments_are_those_of_the_joint_returns():
    comparison = crafted(
        0.01 * np.random.default_rng(3).normal(size=(50, 2)), np.diag([0.04, 0.01]), 4.0
    )
    joint = JointReturns.of(comparison)
    limits = Constraints().on(joint.names)
    expected = best_mean_variance(joint.mean, joint.covariance, 5.0, limits)
    np.testing.assert_array_equal(mean_variance_weights(comparison, risk_aversion=5.0), expected)


def test_uncertain_means_count_as_risk():
    sure = [[0.01, 0.01]] * 2
    unsure = [[-0.19, 0.01], [0.21, 0.01]]
    scale = 0.01 * np.eye(2)
    assert mean_variance_weights(crafted(sure, scale, 50.0))["a"] == pytest.approx(0.5)
    assert mean_variance_weights(crafted(unsure, scale, 50.0))["a"] < 0.2


def test_units_of_returns_do_not_matter_but_to_risk_aversion(equity_returns):
    returns = equity_returns[["KO", "XOM", "AAPL"]].iloc[-500:]
    one, tenth = (
        strategy_comparison(returns * factor, 500, random_seed=1) for factor in (1.0, 0.1)
    )
    pd.testing.assert_series_equal(
        mean_variance_weights(one, risk_aversion=2.0),
        mean_variance_weights(tenth, risk_aversion=20.0),
        atol=1e-4,
    )


def test_often_flat_strategies_take_part():
    """Interior, so w = m / (gamma v): means (1, 1, 0.2) per mille, variances 4/3 per myriad and
    0.2 * 4/3 e-4 + 0.2 * 0.8 e-6. The mean of 2,000 correlations about 0 is known to 0.0005.
    """
    comparison = crafted(
        np.full((2000, 3), 0.001), 1e-4 * np.eye(3), 8.0, active=np.full(2000, 0.2), flat=0.0
    )
    weights = mean_variance_weights(
        comparison, Constraints(total=None, gross_exposure=None), risk_aversion=20.0
    )
    variances = np.array([4e-4 / 3, 4e-4 / 3, 0.8e-4 / 3 + 0.16e-6])
    expected = np.array([1e-3, 1e-3, 2e-4]) / (20.0 * variances)
    np.testing.assert_allclose(weights, expected, rtol=5e-3)
