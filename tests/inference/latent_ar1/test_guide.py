"""Proposals that are fitted to what a run has learnt."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from puffin.inference.latent_ar1.guide import refit_proposal
from puffin.inference.proposal import MultivariateT, Pilot

NARROW = MultivariateT(np.array([-0.5, 0.0]), np.diag([0.7, 0.7]), 15.0)
WIDE = MultivariateT(np.array([0.5, 0.3]), np.diag([1.5, 1.2]), 5.0)
GUIDE = SimpleNamespace(proposal=NARROW)


def log_posterior(points):
    """Two dimensions, the first with a long right tail."""
    first, second = points.T
    return stats.gumbel_r.logpdf(first, -0.5, 0.8) + stats.norm.logpdf(second, 0.5 * first, 0.8)


def weigh(points, proposal, noise, seed):
    """Return log weights, of paths whose weights vary with the first parameter, mean one."""
    sd = noise * np.maximum(points[:, 0], 0.0)
    paths = sd * np.random.default_rng(seed).standard_normal(len(points)) - 0.5 * sd**2
    return log_posterior(points) - proposal.log_density(points) + paths


def second_run(proposal, noise):
    points = proposal.draw(np.random.default_rng(8), 40_000)
    return Pilot.weighed(points, weigh(points, proposal, noise, 9))


def refitted(noise, first=NARROW):
    points = first.draw(np.random.default_rng(5), 8000)
    weights = weigh(points, first, noise, 6)
    return refit_proposal(GUIDE, points, weights, np.random.default_rng(7))


@pytest.mark.parametrize("noise", [0.0, 0.6])
def test_a_second_run_has_more_effective_draws_and_smaller_weights(noise):
    first, second = second_run(NARROW, noise), second_run(refitted(noise), noise)
    assert second.efficiency > 1.3 * first.efficiency
    assert second.weights.max() < 0.5 * first.weights.max()


def test_where_paths_are_uneven_there_are_more_proposals():
    even, uneven = (
        refitted(noise, WIDE).draw(np.random.default_rng(8), 40_000)[:, 0] for noise in (0.0, 0.6)
    )
    assert np.mean(uneven > 1.5) > 1.2 * np.mean(even > 1.5)


def test_few_large_weights_are_not_taken_at_their_word():
    """Four hundred effective draws are left to fit to, however uneven the weights."""
    points = NARROW.draw(np.random.default_rng(5), 8000)
    weights = np.where(np.arange(8000) < 3, 50.0, 0.0)
    second = refit_proposal(GUIDE, points, weights, np.random.default_rng(7))
    fresh = second.draw(np.random.default_rng(8), 40_000)
    assert (np.abs(fresh.std(axis=0) / points.std(axis=0) - 1.0) < 0.25).all()


@pytest.mark.parametrize("finite", [0, 100])
def test_too_few_points_teach_nothing(finite):
    points = NARROW.draw(np.random.default_rng(5), 8000)
    weights = np.where(np.arange(8000) < finite, 0.0, -np.inf)
    assert refit_proposal(GUIDE, points, weights, np.random.default_rng(7)) is NARROW
