from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp

from puffin.inference.regimes.likelihood import filter_likelihood
from puffin.inference.regimes.parameters import RegimeParameters, RegimePrior, stationary
from puffin.inference.regimes.sampler import RegimePosterior, sample_regimes
from puffin.inference.settings import Settings
from tests.inference.regimes.problems import SHAPE, coordinates, simulate

SETTINGS = Settings(1000, 0, 2, 1, 1, False)


def evidence_by_brute_force(y, space, stream, n=100_000):
    """The mean likelihood over draws from the prior, and its standard error."""
    k, prior = space.n_regimes, space.prior
    counts = np.full((k, k), prior.switch) + (prior.stay - prior.switch) * np.eye(k)
    transition = np.stack([stream.dirichlet(row, n) for row in counts], axis=1)
    shape = {"nu": 2 + stream.exponential(10.0, (n, 1)) + np.zeros((n, k))}
    parameters = RegimeParameters(
        stream.normal(0, prior.mean_sd, (n, k)),
        np.exp(stream.normal(prior.log_median, prior.log_sd, (n, k))),
        transition, stationary(transition), shape if space.law.name == "student" else {},
    )  # fmt: skip
    logs = filter_likelihood(y, parameters, space.law).values
    weights = np.exp(logs - logs.max())
    return logsumexp(logs) - np.log(n), weights.std() / weights.mean() / np.sqrt(n)


@pytest.mark.parametrize(("k", "law"), [(1, "student"), (2, "student"), (3, "normal")])
def test_the_evidence_is_the_mean_likelihood_under_the_prior(k, law):
    """Five standard errors of both: false alarm 6e-7. Regimes of any order have the same one."""
    prior = RegimePrior(0.5, 0.0, 0.7, 5.0, 1.5, SHAPE)
    space = coordinates(k, law, prior=prior)
    y = np.array([0.3, -0.2, np.nan, 0.1, 2.5, -1.9, 0.4])
    if k == 1:  # of one regime a model is given ten returns at least
        y = np.append(y, [-0.1, 0.7, 0.2, -4.0, 0.6, -0.3])
    draws = sample_regimes(y, space, SETTINGS)
    truth, error = evidence_by_brute_force(y, space, np.random.default_rng(4))
    mine = draws.report["log_marginal_likelihood"]
    errors = np.hypot(error, draws.report["log_marginal_likelihood_se"])
    assert errors < 0.1
    assert abs(mine - truth) < 5 * errors


@pytest.mark.parametrize("law", ["normal", "student"])
def test_what_made_the_returns_is_found(law):
    y, _ = simulate(np.random.default_rng(6), 1500)
    draws = sample_regimes(y, coordinates(2, law), SETTINGS)
    assert draws.method == "independence Metropolis"
    assert draws.report["pareto_k_hat"] < 0.7
    for name, truth in (("mean", (0.1, -0.2)), ("sd", (0.6, 2.0))):
        found = draws.variables[name]
        z = (found.mean(axis=(0, 1)) - truth) / found.std(axis=(0, 1))
        assert np.abs(z).max() < 4.5
    staying = np.diagonal(draws.variables["transition"], axis1=2, axis2=3)
    np.testing.assert_allclose(staying.mean(axis=(0, 1)), [0.97, 0.93], atol=0.03)


def test_the_order_is_that_of_volatility_in_every_draw():
    y, _ = simulate(np.random.default_rng(7), 60, sd=(1.0, 1.05))
    sd = sample_regimes(y, coordinates(2), SETTINGS).variables["sd"]
    assert (np.diff(sd, axis=2) > 0.0).all()


def test_the_seed_gives_the_draws_on_any_number_of_cores():
    y, _ = simulate(np.random.default_rng(8), 200)
    one = sample_regimes(y, coordinates(2), SETTINGS).variables
    two = sample_regimes(y, coordinates(2), Settings(1000, 0, 2, 2, 1, False)).variables
    other = sample_regimes(y, coordinates(2), Settings(1000, 0, 2, 1, 2, False)).variables
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name])
        assert not np.array_equal(values, other[name])


def test_a_density_that_overflows_is_none():
    y, _ = simulate(np.random.default_rng(9), 50)
    space = coordinates(2)
    point = space.point(np.zeros(2), np.ones(2), np.array([[0.9, 0.1], [0.1, 0.9]]))
    point[2:4] = [-900.0, 900.0]
    assert RegimePosterior(y, space).ordered(point[None])[0] == -np.inf
