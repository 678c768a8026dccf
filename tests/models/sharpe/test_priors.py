"""The priors of a Sharpe ratio: what they are, and that they hold."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.bayesian import SharpePriors, bayesian_sharpe


@pytest.mark.slow
def test_priors_matter_and_print_themselves(returns):
    few = returns[:10]
    tight = bayesian_sharpe(few, 500, priors=SharpePriors(mu_sd=0.01), random_seed=1)
    wide = bayesian_sharpe(few, 500, random_seed=1)
    assert tight["std"] < wide["std"] / 5
    assert "mu ~ Normal(0, 0.01)" in str(SharpePriors(mu_sd=0.01))


def test_scale_may_be_a_number(returns):
    """A prior scale close to the data's own changes the posterior only a little."""
    data = bayesian_sharpe(returns, random_seed=1)
    number = bayesian_sharpe(
        returns, priors=SharpePriors(scale=float(returns.std())), random_seed=1
    )
    assert data["mean"] == pytest.approx(number["mean"], rel=1e-9)


@pytest.mark.slow
def test_a_tight_prior_is_not_overruled(returns):
    """Neither by the sample nor by dependence: a prior of the mean near zero holds."""
    priors = SharpePriors(mu_sd=0.001)
    found = bayesian_sharpe(returns, 1000, priors=priors, periods_per_year=1, random_seed=1)
    assert found["std"] == pytest.approx(0.001, rel=0.1)
    assert found["sample_weight"] == 0.0


def test_impossible_priors_are_refused():
    with pytest.raises(ValueError, match="nu_least must be at least 2"):
        SharpePriors(nu_least=1.5)


@pytest.mark.parametrize("distribution", ["normal", "student", "asymmetric"])
def test_log_prior_is_that_of_the_priors(distribution):
    """But for a constant, it is the sum of the densities that `SharpePriors` prints."""
    priors = SharpePriors(scale=0.02)
    drawn = {
        "mu": np.array([[0.01, -0.03]]), "sd": np.array([[0.02, 0.05]]),
        "nu": np.array([[4.0, 9.0]]), "asymmetry": np.array([[0.1, -0.4]]),
        "nu_left": np.array([[3.0, 8.0]]), "nu_right": np.array([[5.0, 30.0]]),
    }  # fmt: skip
    shapes = {
        "normal": [], "student": ["nu"], "asymmetric": ["asymmetry", "nu_left", "nu_right"]
    }  # fmt: skip
    names = ["mu", "sd", *shapes[distribution]]
    unit = {"mu": 0.04, "sd": 0.04, "asymmetry": 0.5}
    expected = sum(
        np.log(drawn[name] - 2.5) - (drawn[name] - 2.5) / 5.0
        if name.startswith("nu")
        else -0.5 * (drawn[name] / unit[name]) ** 2
        for name in names
    )
    found = priors.log_density({name: drawn[name] for name in names}, 0.02)
    assert np.diff(found) == pytest.approx(np.diff(expected))
