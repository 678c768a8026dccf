"""The predictive distribution of several strategies' returns."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.models.bayesian import bayesian_sharpe, strategy_comparison
from puffin.portfolio import JointReturns
from tests.portfolio.crafted import crafted

SCALE = np.array([[4.0, 1.0], [1.0, 1.0]])


def test_moments_by_hand():
    """Two draws: standard deviations (2, 1) and (4, 1), correlations 0.5 and 0; means differ."""
    joint = dataclasses.replace(
        JointReturns.of(crafted([[0.0, 1.0], [2.0, 1.0]], SCALE, 5.0)),
        sds=np.array([[2.0, 1.0], [4.0, 1.0]]),
        correlations=np.array([[[1.0, 0.5], [0.5, 1.0]], np.eye(2)]),
    )
    np.testing.assert_allclose(joint.covariances(), [[[4, 1], [1, 1]], [[16, 0], [0, 1]]])
    np.testing.assert_allclose(joint.mean, [1.0, 1.0])
    np.testing.assert_allclose(joint.covariance, [[10.0 + 1.0, 0.5], [0.5, 1.0]])


def test_moments_are_those_of_the_comparison():
    """nu / (nu - 2) is 2 and 1.5; the correlation is that of the returns, 0.5 give or take."""
    joint = JointReturns.of(crafted([[0.0, 1.0], [2.0, 1.0]], [SCALE, 2 * SCALE], [4.0, 6.0]))
    np.testing.assert_allclose(joint.sds, np.sqrt([[8.0, 2.0], [12.0, 3.0]]))
    np.testing.assert_allclose(joint.means, [[0.0, 1.0], [2.0, 1.0]])
    assert np.all(np.abs(joint.correlations[:, 0, 1] - 0.5) < 6 * 0.75 / np.sqrt(2000))


def test_often_flat_by_hand():
    """Active in a quarter of periods, with mean 2 and variance 2 * 3; else -1.

    Mean 0.25 * 2 - 0.75 = -0.25; variance 0.25 * (6 + 4) + 0.75 - 0.0625 = 3.1875.
    """
    joint = JointReturns.of(crafted([[0.5, 2.0]], np.diag([1.0, 3.0]), 4.0, active=0.25, flat=-1.0))
    np.testing.assert_allclose(joint.means, [[0.5, -0.25]])
    np.testing.assert_allclose(np.diag(joint.covariance), [2.0, 3.1875])


@pytest.mark.slow
def test_flat_returns_are_drawn_as_often_as_they_come():
    """Five standard errors of 40,000 draws: false-alarm rate below 1e-6."""
    mu = np.full((40_000, 2), [0.5, 2.0])
    comparison = crafted(mu, np.diag([1.0, 3.0]), 4.0, active=0.25, flat=-1.0)
    drawn = JointReturns.of(comparison).draw(40_000, np.random.default_rng(1))
    flat = np.isclose(drawn[:, 1], np.median(drawn[:, 1]))
    assert abs(flat.mean() - 0.75) < 5 * np.sqrt(0.75 * 0.25 / 40_000)


def test_draws_are_of_the_predictive_distribution():
    """Each strategy's against its exact Student-t mixture, moved by the sample's luck in the mean.

    Kolmogorov's distance at a false-alarm rate of 1e-6, and what a move by two standard errors of
    the mean does to it.
    """
    stream = np.random.default_rng(7)
    mu = np.array([0.0, 1.0]) + 0.3 * stream.normal(size=(5000, 2))
    nu = stream.choice([5.0, 20.0], 5000)
    joint = JointReturns.of(crafted(mu, SCALE, nu))
    drawn = joint.draw(20_000, np.random.default_rng(2))
    np.testing.assert_allclose(drawn.mean(axis=0), joint.mean, atol=1e-12)
    for k, sigma in enumerate((2.0, 1.0)):
        at = np.quantile(drawn[:, k], np.linspace(0.001, 0.999, 199))
        exact = stats.t.cdf((at - mu[:, [k]]) / sigma, nu[:, None]).mean(axis=0)
        distance = np.abs(exact - np.linspace(0.001, 0.999, 199)).max()
        assert distance < stats.kstwo.isf(1e-6, 5000) + 0.4 * 2 / np.sqrt(5000)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(0.5, abs=0.05)


def test_draws_of_a_pooled_comparison_have_the_pooled_means():
    """Three assets with shrunk means: those of the draws; their spread that of the returns."""
    stream = np.random.default_rng(8)
    returns = {name: 0.001 + 0.01 * stream.standard_t(6, 500) for name in "abc"}
    joint = JointReturns.of(strategy_comparison(returns, 500, pool=True, random_seed=1))
    drawn = joint.draw(5000, stream)
    np.testing.assert_allclose(drawn.mean(axis=0), joint.mean, atol=1e-15)
    np.testing.assert_allclose(drawn.std(axis=0), np.sqrt(np.diag(joint.covariance)), rtol=0.1)


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


def test_strategies_without_a_shared_period_are_pointed_out():
    stream = np.random.default_rng(6)
    returns = {
        "early": pd.Series(stream.normal(size=80), pd.bdate_range("2020-01-01", periods=80)),
        "late": pd.Series(stream.normal(size=80), pd.bdate_range("2022-01-03", periods=80)),
    }
    comparison = strategy_comparison(returns, 200, random_seed=1)
    with pytest.warns(UserWarning, match="early and late share no periods"):
        joint = JointReturns.of(comparison)
    np.testing.assert_array_equal(joint.correlations[:, 0, 1], 0.0)


def test_a_table_is_refused():
    with pytest.raises(TypeError, match="strategy_comparison returns; found dict"):
        JointReturns.of({"a": 1.0})


def test_returns_move_together_as_they_did():
    """A strategy and a changing exposure to it: sds of their own, the data's correlation."""
    stream = np.random.default_rng(11)
    base = 0.01 * stream.standard_t(8, 1_500)
    exposure = np.where(np.arange(1_500) // 250 % 2 == 0, 0.3, 1.5)
    returns = {"base": base, "scaled": exposure * base}
    comparison = strategy_comparison(returns, 1_000, random_seed=1, periods_per_year=252)
    joint = JointReturns.of(comparison)
    sds = np.sqrt(np.diag(joint.covariance))
    known = np.corrcoef(*returns.values())[0, 1]
    assert joint.covariance[0, 1] / sds.prod() == pytest.approx(known, abs=0.02)
    single = {
        name: bayesian_sharpe(values, 1_000, random_seed=1, periods_per_year=252).posterior
        for name, values in returns.items()
    }
    for sd, one in zip(sds, single.values(), strict=True):
        assert sd == pytest.approx(one.flat("sd").mean(), rel=0.05)
    assert joint.draw(200, stream).shape == (200, 2)
