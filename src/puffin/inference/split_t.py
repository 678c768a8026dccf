"""A multivariate t whose halves differ: proposals for skewed posteriors (Geweke 1989)."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from puffin.arrays import Array
from puffin.inference.mode import LogDensity, Mode
from puffin.inference.proposal import log_t_density

__all__ = ["SplitT", "fit_split_t"]

_LEAST_STRETCH, _MOST_STRETCH = 0.3, 4.0
_LEAST_DROP = 0.05
_LEAST_SHARE = 1e-300


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
        return self.draw_pairs(stream, size)[::2]

    def draw_pairs(self, stream: np.random.Generator, pairs: int) -> Array:
        """Return draws of shape (2 pairs, n_dims), each followed by its antithetic.

        Where one of a pair is at some quantile along an axis, given the t's mixing variable, the
        other is as far from the other end.
        """
        mixing = np.sqrt(self.degrees / stream.chisquare(self.degrees, pairs))
        uniforms = stream.random((pairs, self.centre.size))
        steps = np.stack([self._quantiles(uniforms), self._quantiles(1.0 - uniforms)], axis=1)
        steps = (mixing[:, None, None] * steps).reshape(-1, self.centre.size)
        return np.asarray(self.centre + np.einsum("ij,kj->ik", steps, self.axes))

    def _quantiles(self, uniforms: Array) -> Array:
        """Return quantiles of a normal distribution with these scales to either side of zero."""
        below = self.down / (self.up + self.down)
        upwards = uniforms > below
        shares = np.where(upwards, (1.0 - uniforms) / (1.0 - below), uniforms / below)
        lengths = -ndtri(np.maximum(0.5 * shares, _LEAST_SHARE))
        return np.asarray(lengths * np.where(upwards, self.up, -self.down))

    def log_density(self, points: Array) -> Array:
        """Return the log-density at each of `points`, shape (n_points, n_dims)."""
        steps = np.einsum("ij,kj->ik", points - self.centre, self._inverse)
        scaled = steps / np.where(steps > 0.0, self.up, self.down)
        squares = np.einsum("ij,ij->i", scaled, scaled)
        return log_t_density(squares, self.centre.size, self.degrees, self._log_determinant)

    @functools.cached_property
    def _inverse(self) -> Array:
        return np.linalg.inv(self.axes)

    @functools.cached_property
    def _log_determinant(self) -> float:
        stretch = float(np.log(0.5 * (self.up + self.down)).sum())
        return stretch + float(np.linalg.slogdet(self.axes)[1])


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
