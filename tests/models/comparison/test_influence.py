"""Influences of observations, correlations through them, and draws put into a coupled order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.settings import Settings
from puffin.models.comparison.coupling import coupled_order, in_coupled_order
from puffin.models.comparison.influence import influence_correlation, sharpe_influence

MU, SIGMA, NU, SHARE = 0.3, 1.7, 4.5, 0.6


def settings(seed=1):
    return Settings(draws=2000, tune=0, chains=2, cores=1, seed=seed, progressbar=False)


def draws_where_one_moves(which):
    """Return draws of the parameters in which the Sharpe ratio is the one of number `which`."""
    steps = 1e-4 * np.array([[-1.0, 1.0]])
    values = [np.full((1, 2), one) for one in (MU, np.log(SIGMA), np.log(NU))]
    values.append(np.full((1, 2), np.log(SHARE / (1 - SHARE))))
    values[which] = values[which] + steps
    mu, log_sigma, log_nu, logit = values
    share = 1 / (1 + np.exp(-logit))
    return {
        "mu": mu, "sigma": np.exp(log_sigma), "nu": np.exp(log_nu), "prob_active": share,
        "sharpe": values[which],
    }  # fmt: skip


@pytest.mark.parametrize("which", range(3))
def test_influence_is_the_score(which):
    x = np.random.default_rng(1).standard_t(4, 50)
    active = np.ones(60, np.bool_)
    active[::6] = False

    def log_density(step):
        mu, log_sigma, log_nu = np.array([MU, np.log(SIGMA), np.log(NU)]) + step
        return stats.t.logpdf(x, np.exp(log_nu), mu, np.exp(log_sigma))

    step = 1e-5 * np.eye(3)[which]
    score = (log_density(step) - log_density(-step)) / 2e-5
    expected = np.zeros(60)
    expected[active] = 1e-8 * (score - score.mean())
    found = sharpe_influence(draws_where_one_moves(which), x, active)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-14)


def test_influence_of_being_active():
    active = np.array([True, True, False, True, False])
    found = sharpe_influence(draws_where_one_moves(3), np.array([0.1, 0.2, -0.3]), active)
    np.testing.assert_allclose(found, 1e-8 * (active - 0.6), rtol=1e-5)


def test_only_shared_periods_correlate():
    """By hand: 2 * 1 of the sizes sqrt(1 + 4) and sqrt(1 + 4 + 4)."""
    influences = [np.array([1.0, 2.0]), np.array([1.0, 2.0, -2.0]), np.array([3.0])]
    labels = [np.array([1, 2]), np.array([2, 3, 4]), np.array([9])]
    found = influence_correlation(influences, labels)
    rho = 2.0 / np.sqrt(45.0)
    np.testing.assert_allclose(found, [[1, rho, 0], [rho, 1, 0], [0, 0, 1]])


def test_order_keeps_draws_and_gives_the_correlation():
    """Normal draws: the correlation within 6 standard errors of 4,000 draws; below 1e-8."""
    draws = np.random.default_rng(2).normal(size=(2, 2000, 3))
    target = np.array([[1.0, 0.9, -0.3], [0.9, 1.0, 0.0], [-0.3, 0.0, 1.0]])
    order = coupled_order(draws, target, np.zeros(3, np.bool_), settings())
    moved = in_coupled_order({"x": draws, "tau": draws[..., 0]}, ("x",), order)
    np.testing.assert_array_equal(np.sort(moved["x"], axis=1), np.sort(draws, axis=1))
    np.testing.assert_array_equal(moved["tau"], draws[..., 0])
    found = np.corrcoef(moved["x"].reshape(-1, 3).T)
    assert np.all(np.abs(found - target) <= 6 * (1 - target**2) / np.sqrt(4000) + 1e-12)


def test_fixed_columns_stay_and_the_others_follow_them():
    stream = np.random.default_rng(3)
    draws = stream.normal(size=(2, 2000, 3))
    draws[..., 1] = 0.8 * draws[..., 0] + 0.6 * draws[..., 1]
    target = np.array([[1.0, 0.8, 0.7], [0.8, 1.0, 0.56], [0.7, 0.56, 1.0]])
    order = coupled_order(draws, target, np.array([True, True, False]), settings())
    moved = np.take_along_axis(draws, order, axis=1)
    np.testing.assert_array_equal(moved[..., :2], draws[..., :2])
    found = np.corrcoef(moved.reshape(-1, 3).T)
    assert np.all(np.abs(found - target) <= 6 * (1 - target**2) / np.sqrt(4000) + 1e-12)


def test_equal_strategies_are_put_into_the_same_order():
    draws = np.repeat(np.random.default_rng(4).normal(size=(2, 2000, 1)), 2, axis=-1)
    moved = np.take_along_axis(
        draws, coupled_order(draws, np.ones((2, 2)), np.zeros(2, np.bool_), settings()), axis=1
    )
    np.testing.assert_allclose(moved[..., 0], moved[..., 1], atol=0.05)
