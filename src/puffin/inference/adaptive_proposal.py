"""A proposal for a posterior that may have several modes, or none that an ellipsoid fits.

It begins as a mixture of multivariate t distributions at the modes that are known, in shares by
Laplace's approximation. Where importance weights are uneven, a mixture is fitted to weighted draws
in a few rounds, all rounds' pooled (Cornuet, Marin, Mira & Robert 2012); where they stay so,
walkers that start from points chosen by weight take random-walk Metropolis steps first, and find
what the modes' ellipsoids have missed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.failure import SamplingError
from puffin.inference.latent_ar1.pool import Pool
from puffin.inference.mode import LogDensity, Mode
from puffin.inference.proposal import MultivariateT, Pilot, Proposal
from puffin.inference.t_mixture import TMixture, fit_t_mixture

__all__ = ["AdaptedProposal", "adapt_proposal"]

_DEGREES = 5.0
_PILOT, _MORE = 2000, 4000
_GOOD_EFFICIENCY, _FAIR_EFFICIENCY = 0.5, 0.25
_ROUNDS = 3
_COMPONENTS, _MANY_COMPONENTS = 4, 8
_LEAST_SHARE = 0.03
_WALKERS, _STEPS = 256, 30
_REACH, _RIDGE = 2.38, 1e-3
_FEWEST_EFFECTIVE, _LEAST_POWER = 200.0, 0.2


@dataclass(frozen=True)
class AdaptedProposal:
    """A proposal, draws from it with their weights, and a factor of the posterior's covariance."""

    proposal: Proposal
    pilot: Pilot

    @property
    def factor(self) -> Array:
        """A triangular factor of the covariance of the weighted draws."""
        weights = self.pilot.truncated / self.pilot.truncated.sum()
        errors = self.pilot.points - weights @ self.pilot.points
        return _factor((weights[:, None] * errors).T @ errors)


def adapt_proposal(
    log_density: LogDensity, modes: Sequence[Mode], stream: np.random.Generator
) -> AdaptedProposal:
    """Return the proposal whose weights were the most even.

    Parameters
    ----------
    log_density : callable
        Of points of shape (n_points, n_dims), whatever its constant; -inf where there is no mass.
    modes : sequence of Mode
        Where to begin; of what they say of mass, the shares follow. One whose log density is -inf
        is a place that may count too.

    Raises
    ------
    SamplingError
        If the curvature at all modes is lost to rounding, or nothing has a finite density.
    """
    first = _at_modes(modes)
    points = first.draw(stream, _PILOT)
    values = log_density(points)
    log_weights = values - first.log_density(points)
    best = AdaptedProposal(first, Pilot.weighed(points, log_weights))
    if best.pilot.efficiency > _GOOD_EFFICIENCY:
        return best
    pool = Pool(points.shape[1])
    pool.add(first, points, values)
    found = _flattened(points, log_weights)
    best = _improve(log_density, found, pool, first, stream, _COMPONENTS, best)
    if best.pilot.efficiency > _FAIR_EFFICIENCY:
        return best
    found = _walk(log_density, _flattened(pool.points, pool.log_weights), stream)
    return _improve(log_density, found, pool, first, stream, _MANY_COMPONENTS, best)


def _at_modes(modes: Sequence[Mode]) -> TMixture:
    """Return a mixture at the modes, none of them with a share of next to nothing."""
    components, masses = [], []
    for mode in modes:
        try:
            factor = np.linalg.cholesky(mode.covariance)
        except np.linalg.LinAlgError:
            continue
        components.append(MultivariateT(mode.location, factor, _DEGREES))
        masses.append(mode.log_density + float(np.log(np.diag(factor)).sum()))
    if not components:
        raise SamplingError(
            "The log-density has no curvature at its mode: the data may be an exact fit."
        )
    shares = np.maximum(np.exp(np.array(masses) - max(masses)), _LEAST_SHARE)
    return TMixture(tuple(components), shares / shares.sum())


def _improve(
    log_density: LogDensity,
    found: Pilot,
    pool: Pool,
    defence: Proposal,
    stream: np.random.Generator,
    n_components: int,
    best: AdaptedProposal,
) -> AdaptedProposal:
    """Return the best of a few rounds that begin with what was found, which go to the pool too."""
    for _ in range(_ROUNDS):
        try:
            proposal = fit_t_mixture(
                found, defence, stream, n_components=n_components, degrees=_DEGREES
            )
        except np.linalg.LinAlgError:
            break
        points = proposal.draw(stream, _MORE)
        values = log_density(points)
        pilot = Pilot.weighed(points, values - proposal.log_density(points))
        if pilot.efficiency > best.pilot.efficiency:
            best = AdaptedProposal(proposal, pilot)
        if pilot.efficiency > _GOOD_EFFICIENCY:
            break
        pool.add(proposal, points, values)
        found = _flattened(pool.points, pool.log_weights)
    return best


def _walk(log_density: LogDensity, pilot: Pilot, stream: np.random.Generator) -> Pilot:
    """Return the places of walkers that start from a pilot's points, in the second half of it."""
    weights = pilot.truncated / pilot.truncated.sum()
    points = pilot.points[stream.choice(weights.size, _WALKERS, p=weights)]
    values, places = log_density(points), []
    for step in range(_STEPS):
        factor = _factor(np.cov(points.T))
        normals = stream.standard_normal(points.shape)
        trials = points + _REACH / math.sqrt(points.shape[1]) * normals @ factor.T
        of_trials = log_density(trials)
        taken = np.log(stream.random(_WALKERS)) + values < of_trials
        points = np.where(taken[:, None], trials, points)
        values = np.where(taken, of_trials, values)
        if 2 * step >= _STEPS:
            places.append(points)
    walked = np.concatenate(places)
    return Pilot.weighed(walked, np.zeros(len(walked)))


def _factor(covariance: Array) -> Array:
    return np.linalg.cholesky(covariance + _RIDGE * np.diag(np.diag(covariance)))


def _flattened(points: Array, log_weights: Array) -> Pilot:
    """Return the points that count at all, their weights flattened until enough of them do."""
    finite = np.isfinite(log_weights)
    points, log_weights, power = points[finite], log_weights[finite], 1.0
    pilot = Pilot.weighed(points, log_weights)
    while pilot.efficiency * len(points) < _FEWEST_EFFECTIVE and power > _LEAST_POWER:
        power *= 0.8
        pilot = Pilot.weighed(points, power * log_weights)
    return pilot
