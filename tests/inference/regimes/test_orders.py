from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp

from puffin.inference.mode import find_mode
from puffin.inference.proposal import MultivariateT
from puffin.inference.regimes.orders import in_each_order
from puffin.inference.regimes.sampler import RegimePosterior, sample_regimes
from puffin.inference.settings import Settings
from tests.inference.regimes.problems import coordinates, simulate

SETTINGS = Settings(1000, 0, 2, 1, 1, False)
MEAN, SD = np.array([1.2, -1.2, 0.0]), np.array([1.0, 1.0, 4.0])


def transition(k):
    return np.full((k, k), 0.03) + (1.0 - 0.03 * k) * np.eye(k)


def returns(seed, k):
    """Regimes that differ in their means; of three, the last is a wild one besides."""
    stream, regimes = np.random.default_rng(seed), [0]
    for _ in range(399):
        regimes.append(stream.choice(k, p=transition(k)[regimes[-1]]))
    return MEAN[regimes] + SD[regimes] * stream.standard_normal(400)


def mode_of(posterior, k):
    start = posterior.coordinates.point(MEAN[:k], SD[:k], transition(k))
    return find_mode(posterior.symmetric, start)


@pytest.mark.parametrize(
    ("k", "law", "own", "seed"),
    [(2, "normal", False, 3), (2, "student", True, 4), (3, "normal", False, 5)],
)
def test_both_sides_of_the_border_have_their_mass(k, law, own, seed):
    """Against importance sampling where regimes are named by their means: false alarm 2e-6.

    The symmetric posterior has the same mass for every way to name them. By this way (of three,
    the third is the wildest) the mode is far from the borders, and one t distribution has it all.
    """
    y, space = returns(seed, k), coordinates(k, law, own)
    posterior = RegimePosterior(y, space)
    mode = mode_of(posterior, k)
    proposal = MultivariateT(mode.location, np.linalg.cholesky(1.5 * mode.covariance), 5.0)
    points = proposal.draw(np.random.default_rng(1), 20_000)
    named = points[:, 0] > points[:, 1]
    if k == 3:
        named &= space.order(points)[:, 2] == 2
    logs = np.where(named, posterior.symmetric(points), -np.inf) - proposal.log_density(points)
    weights = np.exp(logs - logs.max())
    shares = weights / weights.sum()
    first = space.order(points)[:, 0] == 0
    truth = shares[first].sum()
    error = np.sqrt((shares**2 * (first - truth) ** 2).sum())
    evidence = logsumexp(logs) - np.log(len(points))
    of_evidence = weights.std() / weights.mean() / np.sqrt(len(points))

    draws = sample_regimes(y, space, SETTINGS)
    mean = draws.variables["mean"]
    found = float((mean[..., 0] > mean[..., 1]).mean())
    assert 0.1 < truth < 0.9
    assert error < 0.01
    accepted = 5 * np.hypot(error, np.sqrt(truth * (1 - truth) / 400))
    assert abs(found - truth) < accepted
    ours = draws.report["log_marginal_likelihood"]
    errors = np.hypot(of_evidence, draws.report["log_marginal_likelihood_se"])
    assert errors < 0.03
    assert abs(ours - evidence) < 5 * errors


def test_regimes_far_apart_have_one_order():
    y, _ = simulate(np.random.default_rng(6), 400)
    posterior = RegimePosterior(y, coordinates(2))
    start = posterior.coordinates.point(
        np.zeros(2), np.array([0.6, 2.0]), np.array([[0.97, 0.03], [0.07, 0.93]])
    )
    mode = find_mode(posterior.symmetric, start)
    [copy] = in_each_order(mode, posterior.coordinates, np.random.default_rng(1))
    np.testing.assert_array_equal(copy.location, mode.location)
    np.testing.assert_array_equal(copy.covariance, mode.covariance)


def test_copies_are_the_same_modes_and_share_the_mass():
    y = returns(3, 2)
    posterior = RegimePosterior(y, coordinates(2))
    mode = mode_of(posterior, 2)
    copies = in_each_order(mode, posterior.coordinates, np.random.default_rng(1))
    assert len(copies) == 2
    values = posterior.symmetric(np.array([copy.location for copy in copies]))
    np.testing.assert_allclose(values, mode.log_density, rtol=1e-9)
    shares = np.exp([copy.log_density - mode.log_density for copy in copies])
    assert shares.sum() == pytest.approx(1.0)
    again = find_mode(posterior.symmetric, copies[1].location)
    np.testing.assert_allclose(again.covariance, copies[1].covariance, rtol=0.1, atol=1e-3)
