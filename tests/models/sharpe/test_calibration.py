"""Sharpe ratios are calibrated: see `tests/calibration.py`."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.laws import LAWS
from puffin.models.bayesian import SharpePriors, bayesian_sharpe
from tests.calibration import SCALE, assert_uniform, ranks

pytestmark = [
    pytest.mark.calibration,
    pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::puffin.reading.OddReturnsWarning"),
]


def sharpe_truth(stream, distribution, priors=SharpePriors()):
    """Draw mean, standard deviation and shape from their priors."""
    truth = {
        "mu": stream.normal(0, priors.mu_sd) * SCALE,
        "sd": abs(stream.normal(0, priors.sd_sd)) * SCALE,
    }
    for name in LAWS[distribution].shape_names:
        truth[name] = (
            stream.normal(0, priors.asymmetry_sd)
            if name == "asymmetry"
            else priors.nu_least + stream.gamma(2, priors.nu_mean / 2)
        )
    return truth


def sharpe_errors(stream, distribution, truth, size):
    shape = {name: np.array(truth[name]) for name in LAWS[distribution].shape_names}
    return LAWS[distribution].draw(stream, size, shape)


def sharpe_draws(returns, seed, names, samples=200, **options):
    posterior = bayesian_sharpe(
        returns, samples, priors=SharpePriors(scale=SCALE), chains=2, cores=1, random_seed=seed,
        **options,
    ).posterior  # fmt: skip
    return {name: posterior.variables[name] for name in names}


@pytest.mark.parametrize("distribution", LAWS)
def test_sharpe(distribution):
    def simulate(stream):
        truth = sharpe_truth(stream, distribution)
        returns = truth["mu"] + truth["sd"] * sharpe_errors(stream, distribution, truth, 12)
        return truth | {"sharpe": truth["mu"] / truth["sd"] * np.sqrt(252)}, returns

    def sample(returns, seed):
        names = ["mu", "sd", *LAWS[distribution].shape_names, "sharpe"]
        return sharpe_draws(
            returns, seed, names, distribution=distribution, autocorrelation="ignore"
        )

    assert_uniform(ranks(simulate, sample, replicates=600, seed=1))


@pytest.mark.parametrize("distribution", LAWS)
def test_sharpe_ar1(distribution):
    def simulate(stream):
        truth, rho = sharpe_truth(stream, distribution), 9.0
        while abs(rho) >= 1:
            rho = stream.normal(0, 0.3)
        errors = sharpe_errors(stream, distribution, truth, 40)
        errors = truth["sd"] * np.sqrt(1 - rho**2) * errors
        returns = np.empty(40)
        returns[0] = truth["mu"] + truth["sd"] * stream.normal()
        for t in range(1, 40):
            returns[t] = truth["mu"] + rho * (returns[t - 1] - truth["mu"]) + errors[t]
        return truth | {"rho": rho}, returns

    def sample(returns, seed):
        names = ["mu", "sd", *LAWS[distribution].shape_names, "rho"]
        return sharpe_draws(
            returns, seed, names, 300, distribution=distribution, autocorrelation="ar1"
        )

    assert_uniform(ranks(simulate, sample, replicates=500, seed=2))


def test_sharpe_hurdle():
    """The hurdle is used where most periods are flat: calibrated given that they are."""

    def simulate(stream):
        truth = sharpe_truth(stream, "asymmetric")
        while True:
            share = stream.beta(1, 1)
            active = stream.random(60) < share
            if 2 <= active.sum() < 30:
                break
        errors = sharpe_errors(stream, "asymmetric", truth, 60)
        returns = np.where(active, truth["mu"] + truth["sd"] * errors, 0.0)
        return truth | {"prob_active": share}, returns

    def sample(returns, seed):
        names = ["mu", "sd", *LAWS["asymmetric"].shape_names, "prob_active"]
        return sharpe_draws(returns, seed, names, autocorrelation="ignore")
