"""The posterior of all trials: against plain linear algebra, and against known truths."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.selection_worlds import World, greedy_search
from scipy import stats

from puffin.models.selection import hierarchy as module
from puffin.models.selection.estimates import TrialEstimates
from puffin.models.selection.hierarchy import Hierarchy
from puffin.models.selection.priors import SelectionPriors
from tests.models.selection import plain_hierarchy as plain

PRIORS = SelectionPriors(level_sd=0.5, spread_sd=0.4, own_sd=0.2)


@pytest.fixture(scope="module")
def estimates():
    stream = np.random.default_rng(3)
    world = World.draw(stream, days=600, edge=0.7, level=0.3)
    return TrialEstimates.of(world.returns(stream.random((12, 3))), 252.0)


@pytest.fixture
def at_a_point(monkeypatch):
    """Give the posterior on a grid of a single point."""

    def of(estimates, spread, own):
        monkeypatch.setattr(module, "_SPREADS", np.array([spread / PRIORS.spread_sd]))
        monkeypatch.setattr(module, "_OWN", np.array([own / PRIORS.own_sd]))
        return Hierarchy.of(estimates, PRIORS)

    return of


def test_mean_and_covariance_at_a_point(estimates, at_a_point):
    found = at_a_point(estimates, 0.6, 0.1)
    mean, covariance = plain.posterior(estimates, 0.6, 0.1, PRIORS.level_sd)
    assert found.mean() == pytest.approx(mean, abs=1e-10)
    draws = found.draw(40_000, np.random.default_rng(1))
    errors = np.sqrt(np.diag(covariance) / len(draws))
    assert (np.abs(draws.mean(axis=0) - mean) < 5 * errors).all()
    assert np.cov(draws.T) == pytest.approx(covariance, abs=0.03 * covariance.max())


def test_weights_of_the_grid_are_evidence_times_prior(estimates, monkeypatch):
    spreads, own = np.array([0.5, 1.0, 2.0]), np.array([0.3, 1.2])
    monkeypatch.setattr(module, "_SPREADS", spreads)
    monkeypatch.setattr(module, "_OWN", own)
    found = [one.weight for one in Hierarchy.of(estimates, PRIORS).points]
    expected = np.array([
        plain.log_evidence(estimates, a * PRIORS.spread_sd, b * PRIORS.own_sd, PRIORS.level_sd)
        + stats.halfnorm.logpdf(a) + stats.halfnorm.logpdf(b) + np.log(a * b)
        for a in spreads for b in own
    ])  # fmt: skip
    expected = np.exp(expected - expected.max())
    assert found == pytest.approx(expected / expected.sum(), rel=1e-6)


@pytest.mark.parametrize("trial", [0, 5, 11])
def test_expected_gain_is_that_of_a_trial_not_run_yet(estimates, at_a_point, trial):
    found = at_a_point(estimates, 0.6, 0.1).expected_gain(np.array([trial]))
    expected = plain.expected_gain(estimates, 0.6, 0.1, PRIORS.level_sd, trial)
    assert found == pytest.approx(expected, rel=0.05, abs=1e-4)


def test_copies_gain_next_to_nothing():
    stream = np.random.default_rng(1)
    edges, noise = 0.08 * stream.standard_normal(15), stream.standard_normal((600, 15))
    copies = 0.06 + noise[:, :1] + 1e-4 * noise
    alike = Hierarchy.of(TrialEstimates.of(copies, 252.0), PRIORS).expected_gain(np.arange(15))
    own = Hierarchy.of(TrialEstimates.of(edges + noise, 252.0), PRIORS).expected_gain(np.arange(15))
    assert 0.0 < 10.0 * alike < own


def searched(seed, **world):
    """Return truth, draws and apparent ratio of what a greedy search of 60 trials chooses."""
    stream = np.random.default_rng([7, seed])
    drawn = World.draw(stream, **world)
    settings, returns = greedy_search(drawn, 60, stream)
    estimates = TrialEstimates.of(returns, 252.0)
    found = Hierarchy.of(estimates, SelectionPriors())
    best = int(found.mean().argmax())
    draws = found.draw(400, stream)[:, best]
    return drawn.truth(settings)[best], draws, estimates.sharpe[best]


@pytest.mark.calibration
def test_the_chosen_ones_ratio_is_calibrated_after_a_greedy_search():
    """80 searches with edges as the prior has them; Kolmogorov's test errs one time in 10,000."""
    ranks = []
    for seed in range(80):
        stream = np.random.default_rng([8, seed])
        edge, level = np.abs(stream.normal(0, 0.5)), 0.5 * np.sqrt(0.4)
        truth, draws, _ = searched(seed, days=800, edge=edge, level=level, factors=100)
        ranks.append((draws < truth).mean())
    assert stats.kstest(ranks, "uniform").pvalue > 1e-4


@pytest.mark.calibration
def test_without_an_edge_hardly_a_winner_is_declared():
    """Of 80 searches: 13 declared would be one in 10,000 if it were one in twenty."""
    found = [searched(seed, days=800, factors=100) for seed in range(80)]
    declared = sum((draws > 0).mean() > 0.95 for _, draws, _ in found)
    assert declared < 13
    assert np.mean([apparent for *_, apparent in found]) > 0.4
    assert abs(np.mean([draws.mean() for _, draws, _ in found])) < 0.15
