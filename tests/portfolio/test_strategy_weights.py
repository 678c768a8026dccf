"""Weights of strategies from their joint posterior."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from puffin.models.bayesian import strategy_comparison
from puffin.portfolio import (
    Constraints,
    JointReturns,
    expected_utility_weights,
    mean_variance_weights,
    probability_weights,
    thompson_weights,
)
from puffin.portfolio.expected_utility import power_utility
from puffin.portfolio.mean_variance import best_mean_variance
from tests.portfolio.crafted import crafted
from tests.portfolio.limits import assert_within, constraint_sets

EYE = np.eye(3)


def sharpes(*rows):
    """A comparison whose draws of the Sharpe ratio are these."""
    return crafted(rows, EYE, 1e9)


class TestProbability:
    def test_by_hand(self):
        four = sharpes([2, 1, 0], [2, 1, 0], [0, 3, 1], [-2, -1, -3])
        for constraints, expected in (
            (None, [0.5, 0.5, 0.0]),
            (Constraints(max_weights=0.45), [0.45, 0.45, 0.1]),
            (Constraints(max_weights={"a": 0.3}), [0.3, 0.7, 0.0]),
            (Constraints(min_weights={"c": 0.2}), [0.4, 0.4, 0.2]),
            (Constraints(total=0.5), [0.25, 0.25, 0.0]),
            (Constraints(total=None), [0.5, 0.25, 0.0]),
            (Constraints(total=None, gross_exposure=0.6), [0.4, 0.2, 0.0]),
        ):
            weights = probability_weights(four, constraints)
            np.testing.assert_allclose(weights, expected, atol=1e-10)
            assert list(weights.index) == ["a", "b", "c"]

    def test_what_no_draw_found_best_shares_the_rest(self):
        weights = probability_weights(sharpes([1, 0, 0]), Constraints(max_weights=0.4))
        np.testing.assert_allclose(weights, [0.4, 0.3, 0.3])

    def test_is_the_column_of_the_table(self, equity_returns):
        comparison = strategy_comparison(
            equity_returns[["KO", "XOM", "AAPL"]].iloc[-500:], 500, random_seed=1
        )
        best = comparison.table.set_index("strategy")["prob_best"]
        pd.testing.assert_series_equal(
            probability_weights(comparison).sort_index(),
            best.sort_index(),
            check_names=False,
            rtol=1e-9,
        )

    def test_a_negative_total_is_refused(self):
        with pytest.raises(ValueError, match=r"total is -0\.5, but weights in proportion"):
            probability_weights(sharpes([1, 0, 0]), Constraints(min_weights=-1, total=-0.5))


class TestThompson:
    def test_one_draw_backs_the_best_up_to_its_bound(self):
        weights = thompson_weights(sharpes([3, 1, 2]), random_seed=1)
        np.testing.assert_allclose(weights, [1, 0, 0])
        weights = thompson_weights(sharpes([3, 1, 2]), Constraints(max_weights=0.6), random_seed=1)
        np.testing.assert_allclose(weights, [0.6, 0, 0.4])

    def test_many_draws_match_the_probabilities(self):
        """Within five standard errors of 400 draws: false-alarm rate below 1e-5."""
        many = sharpes(*np.random.default_rng(1).normal([0.5, 0.0, 0.2], 1.0, (4000, 3)))
        drawn = thompson_weights(many, draws=400, random_seed=2)
        expected = probability_weights(many)
        assert (abs(drawn - expected) < 5 * np.sqrt(expected * (1 - expected) / 400)).all()

    def test_same_seed_same_weights(self):
        many = sharpes(*np.random.default_rng(1).normal(size=(100, 3)))
        picks = [thompson_weights(many, random_seed=seed).idxmax() for seed in range(30)]
        assert picks == [thompson_weights(many, random_seed=seed).idxmax() for seed in range(30)]
        assert set(picks) == {"a", "b", "c"}

    def test_cash_and_short(self):
        bad = sharpes([-1, -2, -3])
        assert thompson_weights(bad, Constraints(total=None), random_seed=1).sum() == 0.0
        short = Constraints(min_weights=-1, total=None, gross_exposure=1)
        np.testing.assert_allclose(thompson_weights(bad, short, random_seed=1), [0, 0, -1])


class TestMeanVariance:
    def test_interior_optimum_by_hand(self):
        """C = diag(0.04, 0.01) * 2 + Var(mu), m = (0.01, 0.02): w = C^-1 m / gamma."""
        covariance = 2.0 * np.diag([0.04, 0.01]) + np.diag([0.0001, 0.0])
        expected = np.array([0.01 / (0.08 + 0.0001), 0.02 / 0.02]) / 5.0
        limits = Constraints(total=None).on(("a", "b"))
        weights = best_mean_variance(np.array([0.01, 0.02]), covariance, 5.0, limits)
        np.testing.assert_allclose(weights, expected, rtol=1e-4)

    def test_fully_invested_by_hand(self):
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

    def test_moments_are_those_of_the_joint_returns(self):
        comparison = crafted(
            0.01 * np.random.default_rng(3).normal(size=(50, 2)), np.diag([0.04, 0.01]), 4.0
        )
        joint = JointReturns.of(comparison)
        limits = Constraints().on(joint.names)
        expected = best_mean_variance(joint.mean, joint.covariance, 5.0, limits)
        np.testing.assert_array_equal(
            mean_variance_weights(comparison, risk_aversion=5.0), expected
        )

    def test_uncertain_means_count_as_risk(self):
        sure = [[0.01, 0.01]] * 2
        unsure = [[-0.19, 0.01], [0.21, 0.01]]
        scale = 0.01 * np.eye(2)
        assert mean_variance_weights(crafted(sure, scale, 50.0))["a"] == pytest.approx(0.5)
        assert mean_variance_weights(crafted(unsure, scale, 50.0))["a"] < 0.2

    def test_units_of_returns_do_not_matter_but_to_risk_aversion(self, equity_returns):
        returns = equity_returns[["KO", "XOM", "AAPL"]].iloc[-500:]
        one, tenth = (
            strategy_comparison(returns * factor, 500, random_seed=1) for factor in (1.0, 0.1)
        )
        pd.testing.assert_series_equal(
            mean_variance_weights(one, risk_aversion=2.0),
            mean_variance_weights(tenth, risk_aversion=20.0),
            atol=1e-4,
        )


class TestExpectedUtility:
    def test_power_utility_by_hand(self):
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
    def test_one_strategy_and_cash_against_quadrature(self, aversion):
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

    def test_is_mean_variance_where_returns_are_small(self):
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

    def test_what_could_ruin_is_refused(self):
        with pytest.raises(ValueError, match="gross exposure of 2, with which a loss of largest"):
            expected_utility_weights(
                sharpes([0, 0, 0]), Constraints(total=None, gross_exposure=2.0)
            )


WAYS = {
    "probability": probability_weights,
    "thompson": lambda c, k: thompson_weights(c, k, draws=3, random_seed=1),
    "mean-variance": mean_variance_weights,
    "utility": lambda c, k: expected_utility_weights(
        c, k, draws=500, largest_return=0.1, random_seed=1
    ),
}


@pytest.mark.parametrize("way", list(WAYS))
@given(
    constraints=constraint_sets(),
    seed=st.integers(0, 1000),
    size=st.sampled_from([1e-6, 0.01, 0.3]),
    nu=st.floats(2.0001, 100.0),
)
@settings(max_examples=60)
def test_any_comparison_gives_weights_within_the_constraints(way, constraints, seed, size, nu):
    stream = np.random.default_rng(seed)
    root = stream.normal(size=(3, 3)) + np.eye(3)
    comparison = crafted(size * stream.normal(size=(20, 3)), size**2 * root @ root.T, nu)
    try:
        weights = WAYS[way](comparison, constraints)
    except ValueError as error:
        assert len(str(error)) > 20
        return
    assert list(weights.index) == ["a", "b", "c"]
    assert_within(weights, constraints.on(comparison.strategies))


@pytest.mark.parametrize("way", list(WAYS))
def test_a_table_is_refused(way):
    with pytest.raises(TypeError, match="strategy_comparison returns; found DataFrame"):
        WAYS[way](sharpes([1, 2, 3]).table, None)


@pytest.mark.parametrize("way", ["probability", "mean-variance"])
def test_order_of_strategies_changes_nothing(way):
    comparison = crafted(
        np.random.default_rng(3).normal(size=(50, 3)), np.diag([1.0, 2.0, 3.0]), 8.0
    )
    variables = comparison.posterior.variables
    turned = dataclasses.replace(
        comparison,
        posterior=dataclasses.replace(
            comparison.posterior,
            variables={name: values[..., ::-1] for name, values in variables.items()},
        ),
        alone=dict(reversed(comparison.alone.items())),
    )
    assert turned.strategies == ("c", "b", "a")
    np.testing.assert_allclose(
        WAYS[way](comparison, None), WAYS[way](turned, None)[["a", "b", "c"]], atol=1e-5
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
