"""How much a posterior leans on its prior, against posteriors that are known exactly."""

from __future__ import annotations

import arviz_stats
import numpy as np
import pytest

import puffin as pf
from puffin.posterior import PowerScaling

ERROR = 0.05
"""Five standard errors of a mean by 20,000 draws, their weights' efficiency above a half."""


def conjugate(prior_sd, observed, error, alpha=1.0):
    """Return mean and standard deviation of a normal mean, the prior raised to a power."""
    precision = alpha / prior_sd**2 + 1.0 / error**2
    return observed / error**2 / precision, precision**-0.5


def scaled(prior_sd, observed=2.0, error=1.0, seed=1):
    mean, sd = conjugate(prior_sd, observed, error)
    draws = mean + sd * np.random.default_rng(seed).standard_normal((4, 5000))
    return PowerScaling.of(-0.5 * (draws / prior_sd) ** 2).sensitivity(draws)


@pytest.mark.parametrize("prior_sd", [1.5, 3.0, 10.0])
def test_is_what_a_refit_would_say(prior_sd):
    found = scaled(prior_sd)
    for alpha, value in ((0.5, found.halved), (2.0, found.doubled)):
        assert value == pytest.approx(conjugate(prior_sd, 2.0, 1.0, alpha)[0], abs=ERROR)
    assert found.is_known
    assert found.move < 0.0


def test_says_what_to_make_of_it():
    assert scaled(10.0).verdict == "nothing to worry about"
    assert scaled(10.0).is_small
    assert scaled(1.5).verdict == "the prior decides part of it"
    assert not scaled(1.5).is_small


def test_does_not_claim_what_the_draws_do_not_reach():
    heavy = np.random.default_rng(2).standard_t(1, (4, 1000))
    found = PowerScaling.of(np.abs(heavy)).sensitivity(heavy)
    assert not found.is_known
    assert "farther than these draws reach" in found.verdict


def test_a_flat_prior_moves_nothing():
    draws = np.random.default_rng(3).standard_normal((4, 100))
    found = PowerScaling.of(np.zeros((4, 100))).sensitivity(draws)
    assert found.halved == pytest.approx(found.mean, abs=1e-12)
    assert found.doubled == pytest.approx(found.mean, abs=1e-12)


def test_arviz_finds_the_prior_in_the_container():
    returns = np.random.default_rng(4).normal(0.001, 0.01, 300)
    sharpe = pf.bayesian_sharpe(returns, 500, random_seed=1)
    found = arviz_stats.psense(sharpe.idata, var_names=["sharpe"], group="prior")
    assert 0.0 <= float(found["sharpe"]) < 0.05
    assert sharpe.prior_sensitivity().is_small
