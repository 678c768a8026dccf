"""A multivariate t whose halves differ: proposals for skewed posteriors (Geweke 1989)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.mode import LogDensity, Mode

__all__ = ["SplitT", "fit_split_t"]

_LEAST_STRETCH, _MOST_STRETCH = 0.3, 4.0
_LEAST_DROP = 0.05


@dataclass(frozen=True)
class SplitT:
    """A t distribution with its own scale to either side of the centre, along each axis.

    Attributes
    ----------
    centre : ndarray of shape (n_dims,)
    axes : ndarray of shape (n_dims, n_dims)
        Columns.
    up, down : ndarray of shape (n_dims,)
        Scales along each axis and against it.
    degrees : float
    """

    centre: Array
    axes: Array
    up: Array
    down: Array
    degrees: float

    def draw(self, stream: np.random.Generator, size: int) -> Array:
        """Return draws of shape (size, n_dims)."""
        shape = (size, self.centre.size)
        mixing = np.sqrt(self.degrees / stream.chisquare(self.degrees, size))
        lengths = np.abs(stream.standard_normal(shape)) * mixing[:, None]
        upwards = stream.random(shape) < self.up / (self.up + self.down)
        steps = lengths * np.where(upwards, self.up, -self.down)
        return np.asarray(self.centre + np.einsum("ij,kj->ik", steps, self.axes))

    def log_density(self, points: Array) -> Array:
        """Return the log-density at each of `points`, shape (n_points, n_dims)."""
        steps = np.einsum("ij,kj->ik", points - self.centre, np.linalg.inv(self.axes))
        scaled = steps / np.where(steps > 0.0, self.up, self.down)
        squares = np.einsum("ij,ij->i", scaled, scaled)
        n, degrees = self.centre.size, self.degrees
        constant = (
            math.lgamma(0.5 * (degrees + n))
            - math.lgamma(0.5 * degrees)
            - 0.5 * n * math.log(degrees * math.pi)
            - float(np.log(0.5 * (self.up + self.down)).sum())
            - float(np.linalg.slogdet(self.axes)[1])
        )
        return np.asarray(constant - 0.5 * (degrees + n) * np.log1p(squares / degrees))


def fit_split_t(log_density: LogDensity, mode: Mode, *, degrees: float, distance: float) -> SplitT:
    """Return the split t that falls off as the density does.

    Along each principal axis of the mode's covariance, the two have the same ratio of the density
    at `distance` standard deviations, to either side, to that at the mode.
    """
    eigenvalues, vectors = np.linalg.eigh(mode.covariance)
    axes = vectors * np.sqrt(eigenvalues)
    n = mode.location.size
    steps = distance * axes.T
    values = log_density(
        np.concatenate([mode.location + steps, mode.location - steps, mode.location[None]])
    )
    drops = np.nan_to_num(values[-1] - values[:-1], nan=np.inf)
    drops = np.clip(drops, _LEAST_DROP, 100.0)
    scales = distance / np.sqrt(degrees * np.expm1(2.0 * drops / (degrees + n)))
    scales = np.clip(scales, _LEAST_STRETCH, _MOST_STRETCH)
    return SplitT(mode.location, axes, scales[:n], scales[n:], degrees)
