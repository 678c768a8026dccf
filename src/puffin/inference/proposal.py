"""Multivariate t proposals, fitted to a posterior by importance weights.

The proposal's tails are heavier than the posterior's; a pilot run corrects its mean and covariance
with truncated importance weights (Ionides 2008). The weights also say whether it worked.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from puffin.arrays import Array
from puffin.inference.failure import SamplingError
from puffin.inference.mode import LogDensity, Mode
from puffin.inference.pareto import pareto_k_hat
from puffin.inference.student_t_density import log_constant

__all__ = [
    "MultivariateT",
    "Pilot",
    "Proposal",
    "fit_proposal",
    "log_t_density",
    "run_pilot",
    "trustworthy",
    "weight_report",
]

_WORST_K_HAT = 0.7
_LEAST_EFFICIENCY = 0.05
_LEAST_ACCEPTANCE = 0.15
_LARGEST_WEIGHT = 0.02


class Proposal(Protocol):
    """A distribution that can be drawn from and evaluated."""

    def draw(self, stream: np.random.Generator, size: int) -> Array:
        """Return draws of shape (size, n_dims)."""

    def draw_pairs(self, stream: np.random.Generator, pairs: int) -> Array:
        """Return draws of shape (2 pairs, n_dims), each followed by its antithetic.

        Each of a pair is by itself distributed like any other draw, and the map from one to the
        other is its own inverse.
        """

    def log_density(self, points: Array) -> Array:
        """Return the log-density at each of `points`, shape (n_points, n_dims)."""


@dataclass(frozen=True)
class MultivariateT:
    """Multivariate t with location `centre` and scale matrix `factor @ factor.T`."""

    centre: Array
    factor: Array
    degrees: float

    def draw(self, stream: np.random.Generator, size: int) -> Array:
        """Return draws of shape (size, n_dims)."""
        return self.centre + self._steps(stream, size)

    def draw_pairs(self, stream: np.random.Generator, pairs: int) -> Array:
        """Return draws of shape (2 pairs, n_dims), each followed by its mirror image."""
        steps = self._steps(stream, pairs)
        return self.centre + np.stack([steps, -steps], axis=1).reshape(-1, self.centre.size)

    def _steps(self, stream: np.random.Generator, size: int) -> Array:
        normals = stream.standard_normal((size, self.centre.size))
        mixing = np.sqrt(self.degrees / stream.chisquare(self.degrees, size))
        return np.asarray(mixing[:, None] * np.einsum("ij,kj->ik", normals, self.factor))

    def log_density(self, points: Array) -> Array:
        """Return the log-density at each of `points`, shape (n_points, n_dims)."""
        return self.log_density_at(self.squares(points))

    def squares(self, points: Array) -> Array:
        """Return the squared distance of each point from the centre, in units of the scales."""
        errors = np.subtract(points.T, self.centre[:, None], order="C")
        # Not by BLAS, whose threads would wait for each other here longer than they work.
        whitened = np.einsum("jk,ki->ji", self._inverse, errors)
        return np.asarray(np.einsum("ji,ji->i", whitened, whitened))

    def log_density_at(self, squares: Array) -> Array:
        """Return the log-density where the squared distances are these."""
        return log_t_density(squares, self.centre.size, self.degrees, self._log_determinant)

    @functools.cached_property
    def _inverse(self) -> Array:
        return np.linalg.inv(self.factor)

    @functools.cached_property
    def _log_determinant(self) -> float:
        return float(np.log(np.diag(self.factor)).sum())


def log_t_density(squares: Array, n: int, degrees: float, log_determinant: float) -> Array:
    """Return the log-density of a multivariate t in n dimensions.

    Parameters
    ----------
    squares : ndarray of shape (n_points,)
        Of the distances from the centre, in units of the scales.
    log_determinant : float
        Of the map from those units.
    """
    constant = log_constant(degrees, n) - log_determinant
    return np.asarray(constant - 0.5 * (degrees + n) * np.log1p(squares / degrees))


@dataclass(frozen=True)
class Pilot:
    """Draws from a proposal, shape (n_draws, n_dims), with their normalised weights."""

    points: Array
    weights: Array

    @classmethod
    def weighed(cls, points: Array, log_weights: Array) -> Pilot:
        """Return a pilot with these weights, whatever their constant."""
        return cls(points, _normalised(log_weights))

    @property
    def efficiency(self) -> float:
        """Effective sample size of the weights, a draw (Kong 1992)."""
        return _efficiency(self.weights)

    @property
    def truncated(self) -> Array:
        """The weights, none of them above 1 / sqrt(n_draws) (Ionides 2008)."""
        return np.minimum(self.weights, 1.0 / math.sqrt(self.weights.size))


def fit_proposal(
    log_density: LogDensity,
    mode: Mode,
    stream: np.random.Generator,
    *,
    degrees: float,
    size: int,
    refits: int,
    good_efficiency: float,
) -> tuple[MultivariateT, Pilot]:
    """Return a proposal and draws from it with their weights.

    Parameters
    ----------
    log_density : callable
        Of points of shape (n_points, n_dims), whatever its constant; or an unbiased estimate.
    size : int
        Draws of a pilot run.
    refits : int
        How often the moments are matched again, unless the efficiency is good before, or the
        draws that have a weight are too few to have a covariance.

    Raises
    ------
    SamplingError
        If the density is so narrow at its mode that its curvature is lost to rounding.
    """
    try:
        proposal = MultivariateT(mode.location, np.linalg.cholesky(mode.covariance), degrees)
    except np.linalg.LinAlgError:
        raise SamplingError(
            "The log-density has no curvature at its mode: the data may be an exact fit."
        ) from None
    for refit in range(refits + 1):
        pilot = run_pilot(log_density, proposal, stream, size)
        if refit == refits or pilot.efficiency > good_efficiency:
            break
        try:
            proposal = _moment_matched(pilot, degrees)
        except np.linalg.LinAlgError:
            break
    return proposal, pilot


def run_pilot(
    log_density: LogDensity, proposal: Proposal, stream: np.random.Generator, size: int
) -> Pilot:
    """Draw from the proposal, and weigh the draws."""
    points = proposal.draw(stream, size)
    return Pilot.weighed(points, log_density(points) - proposal.log_density(points))


def _moment_matched(pilot: Pilot, degrees: float) -> MultivariateT:
    truncated = pilot.truncated / pilot.truncated.sum()
    centre = np.einsum("i,ij->j", truncated, pilot.points)
    errors = pilot.points - centre
    covariance = np.einsum("i,ij,ik->jk", truncated, errors, errors)
    scale = (degrees - 2.0) / degrees * covariance
    return MultivariateT(centre, np.linalg.cholesky(scale), degrees)


def _normalised(log_weights: Array) -> Array:
    if not np.isfinite(log_weights).any():
        raise SamplingError("No proposal has a finite density.")
    weights = np.exp(log_weights - np.nanmax(log_weights))
    weights = np.nan_to_num(weights, nan=0.0)
    return np.asarray(weights / weights.sum())


def _efficiency(weights: Array) -> float:
    return float(1.0 / (weights.size * np.sum(weights * weights)))


def weight_report(log_weights: Array) -> dict[str, float]:
    """Return what the importance weights say of the proposal."""
    weights = _normalised(log_weights)
    return {
        "pareto_k_hat": pareto_k_hat(np.log(np.maximum(weights, 1e-300))),
        "efficiency": _efficiency(weights),
        "largest_weight": float(weights.max()),
    }


def trustworthy(report: dict[str, float], count: int) -> bool:
    """Return whether an independence sampler with `count` such weights can be relied on."""
    return (
        report["pareto_k_hat"] < _WORST_K_HAT
        and report["efficiency"] > _LEAST_EFFICIENCY
        and report["acceptance"] > _LEAST_ACCEPTANCE
        and report["largest_weight"] < max(_LARGEST_WEIGHT, 20.0 / count)
    )
