"""A guide and a proposal that go to where the posterior is.

For posteriors that are far from any ellipsoid about their mode: how probable jumps are and how
large can be traded for each other. Where the guide's proposal is not good as it is, walkers start
from points chosen by weight, and take steps of random-walk Metropolis: with estimates of the
density in place of the density, which leaves the posterior as it is (Andrieu & Roberts 2009). A
mixture is fitted to where they go, and then, in a few rounds, to points that are proposed and
weighed, all rounds' pooled (Cornuet, Marin, Mira & Robert 2012, "Adaptive multiple importance
sampling"). Nothing that is learnt so is kept but the guide, with the approximation of the states at
the walkers' mean, and the proposal.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from puffin.arrays import Array
from puffin.inference.latent_ar1.approximation import with_slopes
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.guide import Guide, Target, evaluate
from puffin.inference.latent_ar1.pool import Pool
from puffin.inference.mode import Mode
from puffin.inference.proposal import Pilot, Proposal
from puffin.inference.split_t import SplitT
from puffin.inference.t_mixture import TMixture, fit_t_mixture

__all__ = ["adapt"]

_STATES, _FEWEST, _MOST = 1_000_000, 500, 2000
"""In the first round as many points as have so many states, but no fewer and no more than these."""
_ROUNDS, _MORE = 3, 3
"""After the walk; each with so many times as many points."""
_GOOD_EFFICIENCY = 0.5
_WALKERS, _LEGS, _STEPS = 256, 3, 12
"""After each leg of so many steps the guide is moved."""
_REACH, _RIDGE = 2.38, 1e-3
_WIDER, _WIDE_DEGREES = 2.0, 6.0
_COMPONENTS, _DEGREES = 4, 6.0
_FEWEST_EFFECTIVE = 200
_LEAST_POWER = 0.2


def adapt(
    target: Target, guide: Guide, stream: np.random.Generator
) -> tuple[Guide, Proposal, Pilot]:
    """Return the guide and the proposal of the round whose weights were most even, and its points.

    Parameters
    ----------
    guide : Guide
        Where to begin.
    """
    size = min(max(_STATES // target.n_times, _FEWEST), _MOST)
    points, values = _propose(target, guide, guide.proposal, stream, size)
    log_weights = values - guide.proposal.log_density(points)
    first = (guide, guide.proposal, Pilot.weighed(points, log_weights))
    if first[2].efficiency > _GOOD_EFFICIENCY:
        return first
    guide, walked = _walk(target, guide, _flattened(points, log_weights), stream)
    return max(
        [first, _improve(target, guide, walked, stream, _MORE * size)],
        key=lambda result: result[2].efficiency,
    )


def _improve(
    target: Target, guide: Guide, found: Pilot, stream: np.random.Generator, size: int
) -> tuple[Guide, Proposal, Pilot]:
    """Return the guide, the best proposal of a few rounds that begin with what was found."""
    defence = _widened(guide.proposal)
    pool = Pool(guide.mode.location.size)
    rounds: list[tuple[Guide, Proposal, Pilot]] = []
    for _ in range(_ROUNDS):
        proposal = fit_t_mixture(found, defence, stream, n_components=_COMPONENTS, degrees=_DEGREES)
        fresh, of_fresh = _propose(target, guide, proposal, stream, size)
        pilot = Pilot.weighed(fresh, of_fresh - proposal.log_density(fresh))
        rounds.append((guide, proposal, pilot))
        if pilot.efficiency > _GOOD_EFFICIENCY:
            break
        pool.add(proposal, fresh, of_fresh)
        found = _flattened(pool.points, pool.log_weights)
    return max(rounds, key=lambda result: result[2].efficiency)


def _walk(
    target: Target, guide: Guide, pilot: Pilot, stream: np.random.Generator
) -> tuple[Guide, Pilot]:
    """Return the guide where walkers from a pilot's points are in the end, and their places.

    Steps have the walkers' own covariance, as far as is best for a normal density (Roberts, Gelman
    & Gilks 1997).
    """
    weights = pilot.truncated / pilot.truncated.sum()
    points = pilot.points[stream.choice(weights.size, _WALKERS, p=weights)]
    for _ in range(_LEGS):
        values, places = _estimate(target, guide, points, stream), []
        for step in range(_STEPS):
            covariance = np.cov(points.T)
            factor = np.linalg.cholesky(covariance + _RIDGE * np.diag(np.diag(covariance)))
            normals = stream.standard_normal(points.shape)
            trials = points + _REACH / math.sqrt(points.shape[1]) * normals @ factor.T
            of_trials = _estimate(target, guide, trials, stream)
            taken = np.log(stream.random(_WALKERS)) + values < of_trials
            points = np.where(taken[:, None], trials, points)
            values = np.where(taken, of_trials, values)
            if 2 * step >= _STEPS:
                places.append(points)
        walked = np.concatenate(places)
        pilot = Pilot.weighed(walked, np.zeros(len(walked)))
        guide = _moved(target, guide, pilot)
    return guide, pilot


def _propose(
    target: Target, guide: Guide, proposal: Proposal, stream: np.random.Generator, size: int
) -> tuple[Array, Array]:
    """Return points of a proposal, and estimates of their log densities."""
    points = proposal.draw(stream, size)
    return points, _estimate(target, guide, points, stream)


def _estimate(target: Target, guide: Guide, points: Array, stream: np.random.Generator) -> Array:
    """Return the log of an unbiased estimate of each point's density, -inf where it overflows."""
    approximation = guide.approximation
    batch = Batch.of(target.n_times, stream, n_choices=approximation.n_choices)
    values = evaluate(target, batch, approximation, points, keep=0.0, fresh=1.0)
    return np.where(np.isfinite(values), values, -np.inf)


def _widened(split: SplitT) -> TMixture:
    """Return the guide's proposal mixed with one that goes twice as far."""
    wide = dataclasses.replace(
        split, up=_WIDER * split.up, down=_WIDER * split.down, degrees=_WIDE_DEGREES
    )
    return TMixture((split, wide), np.array([0.5, 0.5]))


def _flattened(points: Array, log_weights: Array) -> Pilot:
    """Return all points, their weights flattened until enough of them count."""
    power = 1.0
    finite = np.isfinite(log_weights)
    points, log_weights = points[finite], log_weights[finite]
    pilot = Pilot.weighed(points, log_weights)
    while pilot.efficiency * len(points) < _FEWEST_EFFECTIVE and power > _LEAST_POWER:
        power *= 0.8
        pilot = Pilot.weighed(points, power * log_weights)
    return pilot


def _moved(target: Target, guide: Guide, pilot: Pilot) -> Guide:
    """Return the guide with its approximation at the points' mean, if there is one there."""
    weights = pilot.truncated / pilot.truncated.sum()
    mean = weights @ pilot.points
    errors = pilot.points - mean
    where = Mode(mean, (weights[:, None] * errors).T @ errors, 0.0)
    before = guide.approximation
    moved = with_slopes(target.observations, target.coordinates, where, before.expansion)
    if not np.isfinite(moved.expansion.centre).all():
        return guide
    chosen = moved.with_choices(target.observations, target.coordinates)
    return dataclasses.replace(guide, approximation=chosen)
