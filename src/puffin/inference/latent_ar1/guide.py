"""What guides the proposals: the mode, a Gaussian for the states, a multivariate t for the rest."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.failure import SamplingError
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import Coordinates
from puffin.inference.latent_ar1.observations import Observations
from puffin.inference.mode import Mode, find_mode
from puffin.inference.proposal import MultivariateT, Pilot, fit_proposal

__all__ = ["Guide", "Target", "find_guide"]

_ROUNDS = 8
_SETTLED = 0.2
_DEGREES = 8.0
_PILOT = 512
_REFITS = 3
_GOOD_EFFICIENCY = 0.4


@dataclass(frozen=True)
class Target:
    """A posterior: observations of a chain, the parameters' coordinates, and the chain's length."""

    observations: Observations
    coordinates: Coordinates
    n_times: int


@dataclass(frozen=True)
class Guide:
    """Where the posterior is: enough to propose from it.

    Attributes
    ----------
    mode : Mode
        Of the parameters' approximate posterior.
    mu : float
        Level of the chain there.
    approximation : tuple of ndarray
        Of the states, given the mode; the first is their mean.
    """

    mode: Mode
    mu: float
    approximation: tuple[Array, ...]


def evaluate(
    target: Target,
    approximation: tuple[Array, ...],
    batch: Batch,
    points: Array,
    *,
    keep: float,
    fresh: float,
) -> tuple[Array, Array]:
    """Return log p(y, h, mu, point) - log q(h, mu | point) at each point, and mu."""
    n = points.shape[0]
    padding = np.repeat(points[-1:], -n % batch.size, axis=0)
    natural = target.coordinates.natural(np.concatenate([points, padding]))
    log_weights, mu = np.empty(n), np.empty(n)
    for start in range(0, n, batch.size):
        columns = np.ascontiguousarray(natural[:, start : start + batch.size])
        target.observations.propose(batch, columns, approximation, keep, fresh)
        count = min(batch.size, n - start)
        log_weights[start : start + count] = batch.log_weights[:count]
        mu[start : start + count] = batch.mu[:count]
    return log_weights + target.coordinates.log_prior(points), mu


def find_guide(target: Target, start: Guide | None, initial_mu: float, batch: Batch) -> Guide:
    """Climb to the mode of the parameters' approximate posterior.

    The states' Gaussian is that of a point; with it, the weight of the proposal at its centre (all
    normals zero) is a Laplace approximation to the parameters' density, and smooth. Gaussian and
    mode are found in turn until the mode stays where it was.

    Parameters
    ----------
    start : Guide, optional
        Of the same target, or of one with fewer times.
    """
    if start is None:
        point, mu = target.coordinates.start, initial_mu
        states = np.full(target.n_times, mu)
    else:
        point, mu = start.mode.location, start.mu
        known = start.approximation[0]
        states = np.concatenate([known, np.full(target.n_times - known.size, known[-1])])
    batch.z[:] = 0.0
    for _ in range(_ROUNDS):
        natural = target.coordinates.natural(point[None])[:, 0]
        approximation = target.observations.approximate(natural, mu, states)
        at_centre = functools.partial(
            evaluate, target, approximation, batch, keep=1.0, fresh=0.0
        )
        mode = find_mode(lambda points, centre=at_centre: centre(points)[0], point)
        move = np.abs(mode.location - point) / np.sqrt(np.diag(mode.covariance))
        point, states = mode.location, approximation[0]
        mu = float(at_centre(point[None])[1][0])
        if move.max() < _SETTLED:
            break
    natural = target.coordinates.natural(point[None])[:, 0]
    approximation = target.observations.approximate(natural, mu, states)
    if not all(np.isfinite(values).all() for values in approximation):
        raise SamplingError("The Gaussian approximation of the states is not finite.")
    return Guide(mode, mu, approximation)


def find_proposal(
    target: Target, guide: Guide, batch: Batch, stream: np.random.Generator
) -> tuple[MultivariateT, Pilot]:
    """Return a proposal for the parameters, matched to a pilot run if it has to be."""

    def log_density(points: Array) -> Array:
        return evaluate(target, guide.approximation, batch, points, keep=0.0, fresh=1.0)[0]

    return fit_proposal(
        log_density,
        guide.mode,
        stream,
        degrees=_DEGREES,
        size=_PILOT,
        refits=_REFITS,
        good_efficiency=_GOOD_EFFICIENCY,
    )
