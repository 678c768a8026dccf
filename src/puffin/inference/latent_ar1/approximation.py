"""A Gaussian for the states that follows the parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.latent_ar1.coordinates import Coordinates
from puffin.inference.latent_ar1.gaussian import Moments
from puffin.inference.mode import Mode

__all__ = ["Approximation", "approximate", "with_slopes"]

MarginalFit = Callable[[Array, Moments], Moments]
"""Maps natural parameters, and moments to begin from, to moments of the states."""

_STEP = 1.0


@dataclass(frozen=True)
class Approximation:
    """Moments of the states under which the observations' derivatives are expected.

    Attributes
    ----------
    origin : ndarray of shape (n_dims,)
        The point at which they were found.
    mean, variance : ndarray of shape (n_times,)
    mean_slopes, variance_slopes : ndarray of shape (n_times, 5)
        Their derivatives in the coordinates; zero in those of absent parameters.
    """

    origin: Array
    mean: Array
    variance: Array
    mean_slopes: Array
    variance_slopes: Array

    @property
    def moments(self) -> Moments:
        """Means and variances."""
        return self.mean, self.variance


def approximate(
    fit: MarginalFit, coordinates: Coordinates, point: Array, start: Moments
) -> Approximation:
    """Return the approximation at a point, without slopes."""
    mean, variance = fit(coordinates.natural(point[None])[:, 0], start)
    none = np.zeros((mean.size, coordinates.n_natural))
    return Approximation(point, mean, variance, none, none)


def with_slopes(
    fit: MarginalFit, coordinates: Coordinates, mode: Mode, start: Moments
) -> Approximation:
    """Return the approximation at the mode, with slopes from fits a step to either side."""
    centre = approximate(fit, coordinates, mode.location, start)
    mean_slopes, variance_slopes = (
        np.zeros_like(centre.mean_slopes),
        np.zeros_like(centre.mean_slopes),
    )
    steps = _STEP / np.sqrt(np.diag(np.linalg.inv(mode.covariance)))
    for column, name in enumerate(coordinates.names):
        step = np.zeros(mode.location.size)
        step[column] = steps[column]
        up, down = (
            approximate(fit, coordinates, mode.location + sign * step, centre.moments)
            for sign in (1.0, -1.0)
        )
        row = coordinates.row(name)
        mean_slopes[:, row] = (up.mean - down.mean) / (2.0 * steps[column])
        variance_slopes[:, row] = (up.variance - down.variance) / (2.0 * steps[column])
    return Approximation(centre.origin, centre.mean, centre.variance, mean_slopes, variance_slopes)
