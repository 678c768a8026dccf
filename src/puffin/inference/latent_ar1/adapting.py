"""A guide and a proposal that adapt to their own weights, round by round.

For posteriors that are far from any ellipsoid about their mode: how probable jumps are and how
large can be traded for each other. In each round points are proposed and weighed, all rounds' are
pooled (Cornuet, Marin, Mira & Robert 2012, "Adaptive multiple importance sampling"), a mixture is
fitted to them, and the approximation of the states is made again at their mean. Nothing that is
learnt so is kept but the proposal.
"""

from __future__ import annotations

import dataclasses

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

_ROUNDS, _PATIENT_ROUNDS = 6, 3
_STATES, _FEWEST, _MOST = 1_000_000, 500, 2000
"""In the first round as many points as have so many states, but no fewer and no more than these."""
_MORE, _MOST_MORE = 2, 16
_GOOD_EFFICIENCY, _ENOUGH = 0.5, 0.25
"""In the first rounds, and after them."""
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
    least = size = min(max(_STATES // target.n_times, _FEWEST), _MOST)
    proposal: Proposal = guide.proposal
    defence = _widened(guide.proposal)
    best: list[tuple[Guide, Proposal, Pilot]] = []
    pool = Pool(guide.mode.location.size)
    for number in range(_ROUNDS):
        batch = Batch.of(target.n_times, stream, n_choices=guide.approximation.n_choices)
        fresh = proposal.draw(stream, size)
        found = evaluate(target, batch, guide.approximation, fresh, keep=0.0, fresh=1.0)
        newest = Pilot.weighed(fresh, found - proposal.log_density(fresh))
        if not best or newest.efficiency > best[0][2].efficiency:
            best = [(guide, proposal, newest)]
        if newest.efficiency > (_GOOD_EFFICIENCY if number < _PATIENT_ROUNDS else _ENOUGH):
            break
        pool.add(proposal, fresh, found)
        pooled = _flattened(pool.points, pool.log_weights)
        guide = _moved(target, guide, pooled)
        proposal = fit_t_mixture(
            pooled, defence, stream, n_components=_COMPONENTS, degrees=_DEGREES
        )
        size = min(size * _MORE, _MOST_MORE * least)
    return best[0]


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
