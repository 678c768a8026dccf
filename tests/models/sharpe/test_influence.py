"""What each observation does to the posterior mean of a Sharpe ratio."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.models.sharpe.influence import sharpe_influence

MU, SIGMA, NU, SHARE = 0.3, 1.7, 4.5, 0.6


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
