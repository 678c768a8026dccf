"""The predictive distribution of several strategies' returns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.models.bayesian import ComparisonPriors, bayesian_sharpe, strategy_comparison
from puffin.portfolio import JointReturns
from tests.portfolio.crafted import crafted

SCALE = np.array([[4.0, 1.0], [1.0, 1.0]])


def test_moments_by_hand():
    """Two draws: nu / (nu - 2) is 2 and 1.5, the means differ by (2, 0)."""
    joint = JointReturns.of(crafted([[0.0, 1.0], [2.0, 1.0]], [SCALE, 2 * SCALE], [4.0, 6.0]))
    np.testing.assert_allclose(joint.covariances(), [2 * SCALE, 3 * SCALE])
    np.testing.assert_allclose(joint.covariances_at_median_tails(), [1.75 * SCALE, 3.5 * SCALE])
    np.testing.assert_allclose(joint.mean, [1.0, 1.0])
    np.testing.assert_allclose(joint.covariance, 2.5 * SCALE + [[1.0, 0.0], [0.0, 0.0]])


@pytest.mark.filterwarnings("ignore:The comparison has a, b independent")
def test_often_flat_by_hand():
    """Active in a quarter of periods, with mean 2 and variance 2 * 3; else -1.

    Mean 0.25 * 2 - 0.75 = -0.25; variance 0.25 * (6 + 4) + 0.75 - 0.0625 = 3.1875.
    """
    joint = JointReturns.of(crafted([[0.5, 2.0]], np.diag([1.0, 3.0]), 4.0, active=0.25, flat=-1.0))
    np.testing.assert_allclose(joint.means, [[0.5, -0.25]])
    np.testing.assert_allclose(joint.covariance, np.diag([2.0, 3.1875]))
    drawn = joint.draw(40_000, np.random.default_rng(1))
    shift = drawn[:, 1].min() if drawn[:, 1].min() > -1 else np.median(drawn[:, 1])
    flat = np.isclose(drawn[:, 1], shift)
    # Pairs are flat together: 20,000 of them. Five standard errors: false-alarm rate below 1e-6.
    assert abs(flat.mean() - 0.75) < 5 * np.sqrt(0.75 * 0.25 / 20_000)


def test_draws_are_of_the_predictive_distribution():
    """Marginals and a combination, against exact Student-t mixtures; false-alarm rate 3e-6.

    Half of each sample is independent: the other half mirrors it.
    """
    mu, nu = np.array([[0.0, 1.0], [0.5, 1.5]]), np.array([5.0, 20.0])
    joint = JointReturns.of(crafted(mu, [SCALE, 0.5 * SCALE], nu))
    drawn = joint.draw(20_000, np.random.default_rng(2))
    np.testing.assert_allclose(drawn.mean(axis=0), joint.mean, atol=1e-12)
    for direction in ([1.0, 0.0], [0.0, 1.0], [0.7, -1.2]):
        sizes = [np.sqrt(direction @ S @ direction) for S in (SCALE, 0.5 * SCALE)]
        centres = mu @ direction

        def exact(x, sizes=sizes, centres=centres):
            return np.mean(
                [stats.t.cdf((x - c) / s, v) for c, s, v in zip(centres, sizes, nu, strict=True)],
                axis=0,
            )

        half = (drawn @ direction)[:10_000]
        # Moved by the difference of means, which is of the order of the standard error.
        assert stats.kstest(half, exact).pvalue > 1e-6


def test_same_seed_same_draws_and_odd_counts():
    joint = JointReturns.of(crafted(np.zeros((3, 2)), SCALE, 5.0))
    first, second = (joint.draw(7, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.shape == (7, 2)
    np.testing.assert_allclose(first.mean(axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize("tails", [1.0, 2.1, 30.0])
def test_predictive_covariance_is_finite_however_heavy_the_tails(tails):
    """Cauchy returns too; and it stays within what another seed says."""
    values = 0.01 * np.random.default_rng(4).standard_t(tails, (120, 3))
    found = [
        JointReturns.of(
            strategy_comparison(
                dict(zip("abc", values.T, strict=True)), 1000, pool=pool, random_seed=seed
            )
        )
        for pool in (False, True)
        for seed in (1, 2)
    ]
    for joint in found:
        assert np.isfinite(joint.covariance).all()
        assert np.linalg.eigvalsh(joint.covariance)[0] > 0.0
        assert np.isfinite(joint.draw(1000, np.random.default_rng(1))).all()
    if tails > 2.5:
        for one, other in (found[:2], found[2:]):
            ratio = np.diag(one.covariance) / np.diag(other.covariance)
            np.testing.assert_allclose(ratio, 1.0, atol=0.05)


def test_recovers_the_covariance_that_data_were_made_with():
    """5,000 days of a joint Student-t, nu = 6: known to about 3%; alarm beyond five times that."""
    stream = np.random.default_rng(5)
    weights = stream.chisquare(6.0, 5000) / 6.0
    values = stream.multivariate_normal([0, 0], SCALE, 5000) / np.sqrt(weights)[:, None]
    joint = JointReturns.of(
        strategy_comparison({"a": values[:, 0], "b": values[:, 1]}, 1000, random_seed=1)
    )
    np.testing.assert_allclose(joint.covariance, 1.5 * SCALE, rtol=0.15)


def test_strategies_modelled_apart_are_pointed_out():
    with pytest.warns(UserWarning, match="has a, b independent of all others"):
        JointReturns.of(crafted(np.zeros((2, 2)), SCALE, 5.0, active=0.5))


def test_prior_without_a_variance_is_refused():
    with pytest.raises(ValueError, match=r"priors.nu_shape is 1: .* infinite"):
        JointReturns.of(
            crafted(np.zeros((2, 2)), SCALE, 5.0, priors=ComparisonPriors(nu_shape=1.0))
        )


def test_a_table_is_refused():
    with pytest.raises(TypeError, match="strategy_comparison returns; found dict"):
        JointReturns.of({"a": 1.0})


def test_without_a_joint_model_returns_move_together_as_they_did():
    """A strategy and a changing exposure to it: sds of their own, the data's correlation."""
    stream = np.random.default_rng(11)
    base = 0.01 * stream.standard_t(8, 1_500)
    exposure = np.where(np.arange(1_500) // 250 % 2 == 0, 0.3, 1.5)
    returns = {"base": base, "scaled": exposure * base}
    comparison = strategy_comparison(returns, 1_000, random_seed=1, periods_per_year=252)
    assert comparison.dependence == "coupled"
    assert comparison.scatter is None
    joint = JointReturns.of(comparison)
    sds = np.sqrt(np.diag(joint.covariance))
    known = np.corrcoef(*returns.values())[0, 1]
    assert joint.covariance[0, 1] / sds.prod() == pytest.approx(known, abs=0.02)
    single = {
        name: bayesian_sharpe(values, 1_000, random_seed=1, periods_per_year=252).posterior
        for name, values in returns.items()
    }
    for sd, one in zip(sds, single.values(), strict=True):
        nu = np.median(one.flat("nu"))
        assert sd == pytest.approx(one.flat("sigma").mean() * np.sqrt(nu / (nu - 2.0)), rel=0.05)
    assert joint.draw(200, stream).shape == (200, 2)
