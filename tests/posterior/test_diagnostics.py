"""Diagnostics and intervals against ArviZ's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from arviz_stats.base import array_stats
from scipy import stats

from puffin.inference.pareto import pareto_k_hat
from puffin.posterior import (
    ConvergenceWarning,
    diagnose,
    highest_density_interval,
    warn_unless_converged,
)


def chain(kind, shape, seed=1):
    stream = np.random.default_rng(seed)
    noise = stream.standard_t(3, shape)
    if kind == "independent":
        return noise
    if kind == "ties":
        return np.round(noise)
    if kind == "apart":
        return noise + 3 * np.arange(shape[0])[:, None]
    rho = {"sticky": 0.95, "antithetic": -0.6}[kind]
    for t in range(1, shape[1]):
        noise[:, t] += rho * noise[:, t - 1]
    return noise


@pytest.mark.parametrize("kind", ["independent", "ties", "sticky", "antithetic", "apart"])
@pytest.mark.parametrize("shape", [(4, 1000), (2, 333), (4, 20), (3, 5)])
def test_diagnostics_are_those_of_arviz(kind, shape):
    draws = chain(kind, shape)
    ours = diagnose(draws)
    assert ours["ess_bulk"] == pytest.approx(array_stats.ess(draws), rel=1e-9)
    assert ours["ess_tail"] == pytest.approx(
        array_stats.ess(draws, method="tail", prob=0.1), rel=1e-9
    )
    assert ours["r_hat"] == pytest.approx(array_stats.rhat(draws), rel=1e-9)


def test_one_chain_is_split():
    assert diagnose(chain("independent", (1, 2000)))["r_hat"] < 1.01
    drifting = chain("independent", (1, 2000)) + np.linspace(0, 3, 2000)
    assert diagnose(drifting)["r_hat"] > 1.1


def test_degenerate_draws():
    assert diagnose(np.ones((4, 100))) == {"ess_bulk": 400, "ess_tail": 400, "r_hat": 1.0}
    assert diagnose(np.zeros((4, 3)))["r_hat"] == np.inf
    stuck = np.repeat(np.arange(4.0)[:, None], 50, axis=1)
    assert diagnose(stuck)["r_hat"] == np.inf


@pytest.mark.parametrize("prob", [0.03, 0.5, 0.94, 0.999])
@pytest.mark.parametrize("size", [2, 7, 1000])
def test_interval_is_that_of_arviz(prob, size):
    draws = np.random.default_rng(2).gamma(2.0, size=(3, size))
    lower, upper = highest_density_interval(draws, prob)
    theirs = array_stats.hdi(draws, prob, axis=-1)
    np.testing.assert_allclose(np.stack([lower, upper], -1), theirs)


def test_interval_of_a_skewed_density_is_not_that_of_percentiles():
    draws = np.random.default_rng(3).exponential(size=100_000)
    lower, upper = highest_density_interval(draws, 0.9)
    assert lower < 0.01
    assert upper == pytest.approx(-np.log(0.1), rel=0.03)


@pytest.mark.parametrize("tail", [0.2, 0.5, 1.2])
@pytest.mark.parametrize("size", [50, 400, 20_000])
def test_k_hat_is_that_of_arviz(tail, size):
    log_weights = np.log(stats.genpareto(tail).rvs(size, random_state=4))
    theirs = array_stats.psislw(-log_weights)[1]
    assert pareto_k_hat(log_weights) == pytest.approx(float(theirs), rel=1e-6)


def test_k_hat_of_equal_weights():
    assert pareto_k_hat(np.zeros(1000)) == -np.inf
    assert pareto_k_hat(np.zeros(10)) == np.inf


def test_convergence_warning_names_the_worst():
    good, bad = diagnose(chain("independent", (4, 500))), diagnose(chain("apart", (4, 500)))
    with pytest.warns(ConvergenceWarning, match=r"1 of 2 parameters.*the worst is b"):
        warn_unless_converged({"a": good, "b": bad}, 2000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_unless_converged({"a": good}, 2000)
    with pytest.warns(ConvergenceWarning, match="Only 40 draws"):
        warn_unless_converged({"a": good}, 40)
