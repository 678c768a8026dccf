"""What guides the proposals: the mode, a Gaussian for the states, a multivariate t for the rest."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.compiling.lanes import LANES
from puffin.inference.failure import SamplingError
from puffin.inference.latent_ar1.approximation import Approximation, approximate, with_slopes
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import Coordinates
from puffin.inference.latent_ar1.expansion import Expansion
from puffin.inference.latent_ar1.observations import Observations
from puffin.inference.mode import Mode, find_mode
from puffin.inference.proposal import Pilot, Proposal, run_pilot
from puffin.inference.split_t import SplitT, fit_split_t
from puffin.inference.t_mixture import fit_t_mixture

__all__ = [
    "Guide",
    "Start",
    "Target",
    "evaluate",
    "find_guide",
    "find_proposal",
    "refit_proposal",
]

_ROUNDS = 8
_SETTLED = 0.2
_NEAR = 1.0
_TOLERANCE = 1e-2
_LEAST_DEGREES, _DEGREES_A_DIMENSION, _FEW_DIMENSIONS = 15.0, 5.0, 5
_DISTANCE = 2.0
_LEAST_PILOT, _MOST_PILOT = 256, 4096
_PILOT_STATES = 400_000
_GOOD_EFFICIENCY = 0.5
_MIXTURES = 3
_MIXTURE_DEGREES = 6.0
_COMPONENTS = 4
_POWER, _FEWEST_EFFECTIVE = 1.5, 400


@dataclass(frozen=True)
class Target:
    """A posterior: observations of a chain, and the parameters' coordinates.

    Attributes
    ----------
    n_times : int
        Length of the chain.
    located : mapping of str to float
        Where to look for those parameters of which the data tell at a glance.
    locations : tuple of str
        The parameters, those of them that there are, that are added to observations as they are.
    """

    observations: Observations
    coordinates: Coordinates
    n_times: int
    located: Mapping[str, float]
    locations: tuple[str, ...] = ("mean",)

    @property
    def starts(self) -> Array:
        """Points from which to look for the mode, shape (n_points, n_dims)."""
        points = self.coordinates.starts
        for column, parameter in enumerate(self.coordinates.parameters):
            if parameter.name in self.located:
                value = np.array(self.located[parameter.name])
                points[:, column] = parameter.transform.coordinate(value)
        return points

    def widths(self, states: Array) -> Array:
        """Return rough posterior standard deviations; those of locations are as if h were known."""
        located = np.isin(self.coordinates.names, self.locations)
        known = 1.0 / np.sqrt(np.exp(-states).sum())
        return np.where(located, known, self.coordinates.widths)


@dataclass(frozen=True)
class Start:
    """Where to look for the posterior: a point, and states, as far as they are known.

    Attributes
    ----------
    covariance : ndarray of shape (n_dims, n_dims), optional
        Of the parameters there, if the posterior was there before.
    """

    point: Array
    states: Array
    covariance: Array | None = None


@dataclass(frozen=True)
class Guide:
    """Where the posterior is: enough to propose from it.

    Attributes
    ----------
    mode : Mode
        Of the parameters' approximate posterior.
    approximation : Approximation
        Of the states, near the mode and around.
    proposal : SplitT
        For the parameters.
    """

    mode: Mode
    approximation: Approximation
    proposal: SplitT

    def with_choices(self, target: Target) -> Guide:
        """Return a guide by which choices are drawn: see `Observations.with_choices`."""
        drawn = self.approximation.with_choices(target.observations, target.coordinates)
        return dataclasses.replace(self, approximation=drawn)

    @property
    def start(self) -> Start:
        """Where to begin for a series that goes on from this one."""
        states = self.approximation.expansion.centre
        return Start(self.mode.location, states, self.mode.covariance)


def evaluate(
    target: Target,
    batch: Batch,
    approximation: Approximation,
    points: Array,
    *,
    keep: float,
    fresh: float,
) -> Array:
    """Return log p(y, h, mu, point) - log q(h, mu | point) at each point."""
    n = points.shape[0]
    padding = np.repeat(points[-1:], -n % batch.size, axis=0)
    rows = target.coordinates.rows(
        np.concatenate([points, padding]), approximation.origin, approximation.reach
    )
    log_weights = np.empty(n)
    for start in range(0, n, batch.size):
        columns = np.ascontiguousarray(rows[..., start : start + batch.size])
        target.observations.propose(batch, columns, approximation.tables, keep, fresh)
        count = min(batch.size, n - start)
        log_weights[start : start + count] = batch.log_weights[:count]
    return log_weights + target.coordinates.log_prior(points)


def find_guide(
    target: Target, start: Start | None, batch: Batch, stream: np.random.Generator
) -> Guide:
    """Climb to the mode of the parameters' posterior.

    The states' Gaussian is that of a point, and told to the parameters by slopes from the mode of
    their Laplace approximation, or from where they were before; the average of the weights over a
    few normals is nearly their density, and smooth. Gaussian and mode are found in turn until the
    mode stays near where it was.

    Parameters
    ----------
    start : Start, optional
        Its states may be fewer than the target's. Where nothing is found from it, the search begins
        as without.
    """
    try:
        return _climb(target, start, batch, stream)
    except SamplingError:
        if start is None:
            raise
        return _climb(target, None, batch, stream)


def _climb(target: Target, start: Start | None, batch: Batch, stream: np.random.Generator) -> Guide:
    mode, expansion = _first_mode(target, start, batch)
    pairs = stream.standard_normal((target.n_times + 1, LANES // 2))
    batch.z[:] = np.concatenate([pairs, -pairs], axis=1)
    for _ in range(_ROUNDS):
        approximation = with_slopes(target.observations, target.coordinates, mode, expansion)
        expansion, widths = approximation.expansion, np.sqrt(np.diag(mode.covariance))
        average = functools.partial(average_density, target, batch, approximation)
        mode = find_mode(average, mode.location, spread=widths, tolerance=_TOLERANCE)
        if _moved(mode, approximation.origin) < _NEAR:
            break
    if not np.isfinite(approximation.expansion.centre).all():
        raise SamplingError("The Gaussian approximation of the states is not finite.")
    proposal = fit_split_t(average, mode, degrees=_degrees(mode.location.size), distance=_DISTANCE)
    return Guide(mode, approximation, proposal)


def _first_mode(target: Target, start: Start | None, batch: Batch) -> tuple[Mode, Expansion]:
    """Return where the parameters were before, or the mode of their Laplace approximation."""
    if start is None:
        return _laplace_mode(target, _best_start(target, batch), batch)
    known = start.states
    states = np.concatenate([known, np.full(target.n_times - known.size, known[-1])])
    expansion = Expansion.at(states)
    if start.covariance is not None:
        return Mode(start.point, start.covariance, np.nan), expansion
    there = approximate(target.observations, target.coordinates, start.point, expansion)
    return _laplace_mode(target, there, batch)


def _laplace_mode(
    target: Target, approximation: Approximation, batch: Batch
) -> tuple[Mode, Expansion]:
    """Climb to the mode of the Laplace approximation of the parameters' posterior.

    With the states' Gaussian at a point, the weight of the proposal at its centre (all normals
    zero) is a Laplace approximation to the parameters' density, and smooth. Gaussian and mode are
    found in turn until the mode stays where it was.
    """
    batch.z[:] = 0.0
    found, widths = [], target.widths(approximation.expansion.centre)
    for _ in range(_ROUNDS):
        at_centre = functools.partial(evaluate, target, batch, approximation, keep=1.0, fresh=0.0)
        mode = find_mode(at_centre, approximation.origin, spread=widths, tolerance=_TOLERANCE)
        widths = np.sqrt(np.diag(mode.covariance))
        found.append(mode)
        if _moved(mode, approximation.origin) < _SETTLED:
            return mode, approximation.expansion
        approximation = approximate(
            target.observations, target.coordinates, mode.location, approximation.expansion
        )
    return max(found, key=lambda one: one.log_density), approximation.expansion


def _degrees(n_dims: int) -> float:
    """Return degrees of freedom that rise with the dimension.

    The radius of a t varies more than that of a nearly normal posterior, the more so the more
    dimensions there are: with 15 degrees of freedom in 12 dimensions importance weights have an
    efficiency of 0.45 where 50 leave 0.8.
    """
    return _LEAST_DEGREES + _DEGREES_A_DIMENSION * max(n_dims - _FEW_DIMENSIONS, 0)


def _best_start(target: Target, batch: Batch) -> Approximation:
    """Return the approximation of the start where the posterior is highest."""
    best, highest = None, -np.inf
    for point in target.starts:
        approximation = approximate(target.observations, target.coordinates, point)
        [value] = evaluate(target, batch, approximation, point[None], keep=1.0, fresh=0.0)
        if value > highest:
            best, highest = approximation, value
    if best is None:
        raise SamplingError("The log-density is not finite wherever the search could start.")
    return best


def _moved(mode: Mode, origin: Array) -> float:
    """Return how many standard deviations the mode is from `origin`."""
    return float(np.max(np.abs(mode.location - origin) / np.sqrt(np.diag(mode.covariance))))


def average_density(
    target: Target, batch: Batch, approximation: Approximation, points: Array
) -> Array:
    """Return the log of the parameters' posterior density, up to a constant, nearly.

    Of the weights with the batch's eight normals, the same for every point, so that the result is
    smooth: the mean of their logarithms plus half their variance, as long as that is small.
    """
    repeated = np.repeat(points, LANES, axis=0)
    log_weights = evaluate(target, batch, approximation, repeated, keep=1.0, fresh=0.0)
    by_point = log_weights.reshape(-1, LANES)
    with np.errstate(invalid="ignore"):
        half_variance = 0.5 * by_point.var(axis=1)
        return np.asarray(by_point.mean(axis=1) + half_variance / (1.0 + half_variance))


def find_proposal(
    target: Target, guide: Guide, batch: Batch, stream: np.random.Generator
) -> tuple[Proposal, Pilot]:
    """Return a proposal for the parameters, and a pilot run of it.

    The guide's, unless its weights are uneven; then mixtures are fitted to pilot runs, and the best
    one is taken.
    """

    def log_density(points: Array) -> Array:
        return evaluate(target, batch, guide.approximation, points, keep=0.0, fresh=1.0)

    proposal: Proposal = guide.proposal
    size = min(max(_PILOT_STATES // target.n_times, _LEAST_PILOT), _MOST_PILOT)
    pilot = run_pilot(log_density, proposal, stream, size)
    best = (proposal, pilot)
    for _ in range(_MIXTURES):
        if best[1].efficiency > _GOOD_EFFICIENCY:
            break
        proposal = fit_t_mixture(
            pilot, guide.proposal, stream, n_components=_COMPONENTS, degrees=_MIXTURE_DEGREES
        )
        pilot = run_pilot(log_density, proposal, stream, 2 * size)
        if pilot.efficiency > best[1].efficiency:
            best = (proposal, pilot)
    return best


def refit_proposal(
    guide: Guide, points: Array, log_weights: Array, stream: np.random.Generator
) -> Proposal:
    r"""Return a mixture fitted to what was proposed for the parameters, and its weights.

    A run fails by few large weights: where the old proposal q was too thin, or where the states'
    Gaussian is poor, so that the weights of paths vary. The mixture is fitted to the points with
    weights :math:`w^{3/2}`, that is to

    .. math:: p(\theta \mid y) \sqrt{p(\theta \mid y) / q(\theta)} E[\tilde w^{3/2} \mid \theta]

    with :math:`\tilde w` the weight of a path given the parameters: it goes beyond the posterior
    there. (The error of a mean is least with :math:`p \sqrt{E[\tilde w^2 \mid \theta]}`.) The power
    is lower where fewer effective points would be left than can be fitted to.

    Parameters
    ----------
    points : ndarray of shape (n_proposals, n_dims)
    log_weights : ndarray of shape (n_proposals,)

    Returns
    -------
    Proposal
        The guide's own, where there are too few points to learn from.
    """
    finite = np.isfinite(log_weights)
    if finite.sum() < 2 * _FEWEST_EFFECTIVE:
        return guide.proposal
    points, log_weights = points[finite], log_weights[finite]
    pilot, power = Pilot.weighed(points, _POWER * log_weights), _POWER
    while pilot.efficiency * len(points) < _FEWEST_EFFECTIVE:
        power *= 0.8
        pilot = Pilot.weighed(points, power * log_weights)
    return fit_t_mixture(
        pilot, guide.proposal, stream, n_components=_COMPONENTS, degrees=_MIXTURE_DEGREES
    )
