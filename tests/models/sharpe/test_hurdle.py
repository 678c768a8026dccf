"""Strategies that are often flat: a hurdle, and a law for the active days."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.bayesian import bayesian_sharpe
from puffin.models.sharpe.hurdle import hurdle_sharpe


def test_often_flat_strategy_gets_the_hurdle():
    stream = np.random.default_rng(4)
    active = stream.random(5000) < 0.2
    returns = np.where(active, stream.normal(0.002, 0.01, 5000), 0.0)
    result = bayesian_sharpe(returns, random_seed=1)
    assert (
        result["model"]
        == f"hurdle asymmetric Student-t (flat on {np.mean(~active):.0%} of periods)"
    )
    assert abs(result["mean"] - result["sample_sharpe"]) < result["std"]
    assert abs(result.posterior.flat("prob_active").mean() - active.mean()) < 0.001


def test_hurdle_formula_is_that_of_the_design():
    p, mu, sd = 0.3, 0.02, 0.05
    design = p * mu / np.sqrt(p * (sd**2 + mu**2) - p**2 * mu**2)
    assert hurdle_sharpe(np.array(p), np.array(mu), np.array(sd), 0.0) == pytest.approx(design)
    flat = -0.001
    mixture = np.where(np.arange(1000) < 300, 0.0, flat)
    mean = p * mu + mixture.mean()
    variance = p * (sd**2 + mu**2) + 0.7 * flat**2 - mean**2
    ours = hurdle_sharpe(np.array(p), np.array(mu), np.array(sd), flat)
    assert ours == pytest.approx(mean / np.sqrt(variance))


def test_active_always_is_the_plain_model():
    assert hurdle_sharpe(np.array(1.0), np.array(0.1), np.array(2.0), 0.0) == pytest.approx(0.05)


def test_a_third_of_flat_days_does_not_move_the_sharpe_ratio():
    """The posterior mean is within a posterior deviation of the sample's, as it is without them."""
    stream = np.random.default_rng(6)
    returns = np.where(stream.random(2_000) < 0.3, 0.0, stream.normal(0.001, 0.01, 2_000))
    sharpe = bayesian_sharpe(returns, 1_000, periods_per_year=252, random_seed=1)
    assert sharpe["model"].startswith("hurdle")
    assert abs(sharpe["mean"] - sharpe["sample_sharpe"]) < 0.5 * sharpe["std"]


def test_hurdle_and_ar1_do_not_mix():
    returns = np.zeros(50)
    returns[::5] = np.random.default_rng(1).normal(size=10)
    with pytest.raises(ValueError, match="use autocorrelation='counted'"):
        bayesian_sharpe(returns, autocorrelation="ar1")


def test_constant_active_days_are_refused():
    returns = np.zeros(50)
    returns[::5] = 0.01
    with pytest.raises(ValueError, match="active days with different returns"):
        bayesian_sharpe(returns)
