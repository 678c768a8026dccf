"""Weights of the highest expected utility."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from puffin.portfolio import Constraints, expected_utility_weights, mean_variance_weights
from puffin.portfolio.expected_utility import power_utility
from tests.portfolio.crafted import crafted, sharpes


def test_power_utility_by_hand():
    returns = np.array([-0.5, 0.0, 1.0])
    for aversion, utility, marginal in (
        (1.0, np.log([0.5, 1.0, 2.0]), [2.0, 1.0, 0.5]),
        (2.0, [-1.0, 0.0, 0.5], [4.0, 1.0, 0.25]),
        (3.0, [-1.5, 0.0, 0.375], [8.0, 1.0, 0.125]),
        (0.5, 2 * (np.sqrt([0.5, 1.0, 2.0]) - 1), [2**0.5, 1.0, 2**-0.5]),
    ):
        found = power_utility(returns, aversion)
        np.testing.assert_allclose(found[0], utility)
        np.testing.assert_allclose(found[1], marginal)
    near = power_utility(returns, 1.0 + 1e-9)[0]
    np.testing.assert_allclose(near, np.log1p(returns), rtol=1e-8)


@pytest.mark.parametrize("aversion", [1.0, 4.0])
def test_one_strategy_and_cash_against_quadrature(aversion):
    """Within five standard errors of the Monte Carlo optimum: false-alarm rate below 1e-5."""
    mu, sigma, nu, bound = 0.02, 0.1, 5.0, 0.5
    found = expected_utility_weights(
        crafted([[mu]], [[sigma**2]], nu),
        Constraints(max_weights=3.0, total=None, gross_exposure=1.9),
        risk_aversion=aversion, largest_return=bound, draws=40_000, random_seed=1,
    )["a"]  # fmt: skip

    def expectation(of):
        inner = integrate.quad(
            lambda r: of(r) * stats.t.pdf(r, nu, mu, sigma), -bound, bound, limit=200
        )[0]
        tails = stats.t.cdf([-bound, -bound + 2 * mu], nu, mu, sigma)
        return inner + of(-bound) * tails[0] + of(bound) * tails[1]

    def score(weight):
        return expectation(lambda r: r * (1 + weight * r) ** -aversion)

    exact = optimize.brentq(score, 0.0, 1.9) if score(1.9) < 0 else 1.9
    spread = np.sqrt(expectation(lambda r: (r * (1 + exact * r) ** -aversion) ** 2))
    curvature = expectation(lambda r: aversion * r**2 * (1 + exact * r) ** (-aversion - 1))
    assert exact < 1.9
    assert abs(found - exact) < 5 * spread / curvature / np.sqrt(40_000)


@pytest.mark.slow
def test_is_mean_variance_where_returns_are_small():
    mu = 1e-4 * np.array([[1.0, 2.0, 1.5]])
    scale = 1e-4 * (0.5 + 0.5 * np.eye(3))
    comparison = crafted(mu, scale, 30.0)
    limits = Constraints(max_weights=0.8)
    by_utility = expected_utility_weights(
        comparison, limits, risk_aversion=3.0, draws=100_000, random_seed=1
    )
    by_moments = mean_variance_weights(comparison, limits, risk_aversion=3.0)
    # The covariance of so many draws is off by a hundredth.
    np.testing.assert_allclose(by_utility, by_moments, atol=0.03)


def test_what_could_ruin_is_refused():
    with pytest.raises(ValueError, match="gross exposure of 2, with which a loss of largest"):
        expected_utility_weights(sharpes([0, 0, 0]), Constraints(total=None, gross_exposure=2.0))
