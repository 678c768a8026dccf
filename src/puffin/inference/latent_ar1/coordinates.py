"""Coordinates in which the parameters of a volatility model are any real numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln

from puffin.arrays import Array
from puffin.inference.latent_ar1.prior import VolatilityPrior

__all__ = ["MEAN", "NU", "OFFSET", "PHI", "RHO", "SIGMA", "Coordinates"]

MEAN, PHI, SIGMA, NU, RHO = range(5)
"""Rows of the natural parameters."""

OFFSET = 5
"""The row of a parameter's offset in its coordinate, less that of the parameter itself."""

_NAMES = ("mean", "phi", "sigma", "nu", "rho")
_ABSENT = (0.0, 0.0, 0.0, math.inf, 0.0)
_STARTS = (
    (0.0, math.asin(0.97), math.sqrt(0.2), 8.0**0.4, math.atanh(-0.2)),
    (0.0, math.asin(0.6), math.sqrt(0.8), 20.0**0.4, 0.0),
    (0.0, math.asin(0.9), math.sqrt(0.2), 1.5**0.4, 0.0),
)
_WIDTHS = (1.0, 0.1, 0.1, 0.3, 0.2)
_MOST_PHI = 0.5 * math.pi - 1e-6
_BOUNDS = {
    "phi": (-_MOST_PHI, _MOST_PHI), "sigma": (1e-4, 12.0), "nu": (1e-3, 1000.0), "rho": (-8.0, 8.0)
}  # fmt: skip
"""Beyond these the priors that are allowed have next to no mass."""


@dataclass(frozen=True)
class Coordinates:
    """Which parameters a model has besides mu: points of shape (n_points, n_dims).

    A point is (mean, arcsin phi, sqrt sigma, (nu - 2)^(2/5), atanh rho), as far as the model has
    them. The powers make the posteriors nearly normal, be they cut off at 0, as that of sigma is
    where volatility may be constant, or far from it; a logarithm has a long tail to the left there.
    So has atanh phi towards 1; arcsin phi ends there, as a square root does.
    """

    names: tuple[str, ...]
    prior: VolatilityPrior

    @property
    def starts(self) -> Array:
        """Points from which to look for the mode: smooth, rough, and heavy-tailed; mean zero."""
        rows = [_NAMES.index(name) for name in self.names]
        return np.array(_STARTS)[:, rows]

    @property
    def widths(self) -> Array:
        """Rough posterior standard deviations, that of the mean one."""
        return np.array([_WIDTHS[_NAMES.index(name)] for name in self.names])

    @property
    def n_natural(self) -> int:
        """The number of rows of natural parameters."""
        return len(_NAMES)

    @staticmethod
    def row(name: str) -> int:
        """Return the row of a natural parameter."""
        return _NAMES.index(name)

    def natural(self, points: Array) -> Array:
        """Return mean, phi, sigma, nu and rho: shape (5, n_points)."""
        values = np.empty((len(_NAMES), points.shape[0]))
        for row, name in enumerate(_NAMES):
            if name not in self.names:
                values[row] = _ABSENT[row]
                continue
            x = points[:, self.names.index(name)]
            if name in _BOUNDS:
                x = np.clip(x, *_BOUNDS[name])
            values[row] = _natural(name, x)
        return values

    def rows(self, points: Array, origin: Array, reach: Array) -> Array:
        """Return the natural parameters and their offsets from `origin`: shape (10, n_points).

        Offsets level off at `reach`, shape (n_dims,), so that no line is followed further.
        """
        values = np.zeros((2 * OFFSET, points.shape[0]))
        values[:OFFSET] = self.natural(points)
        for column, name in enumerate(self.names):
            offset = (points[:, column] - origin[column]) / reach[column]
            values[OFFSET + _NAMES.index(name)] = reach[column] * np.tanh(offset)
        return values

    def log_prior(self, points: Array) -> Array:
        """Return the log prior density of each point, its constant included."""
        total = np.zeros(points.shape[0])
        for column, name in enumerate(self.names):
            x = points[:, column]
            if name in _BOUNDS:
                low, high = _BOUNDS[name]
                outside = (x <= low) | (x >= high)
                x = np.where(outside, 1.0, x)
                total[outside] = -np.inf
            total += self._log_density(name, x)
        return total

    def _log_density(self, name: str, x: Array) -> Array:
        prior = self.prior
        if name == "mean":
            return np.asarray(
                -0.5 * (x / prior.mean_sd) ** 2 - math.log(prior.mean_sd * math.sqrt(2.0 * math.pi))
            )
        if name == "sigma":
            constant = 0.5 * math.log(2.0 / math.pi) - math.log(prior.sigma_sd)
            return np.asarray(constant - 0.5 * (x * x / prior.sigma_sd) ** 2 + np.log(2.0 * x))
        if name == "nu":
            excess = x * x * np.sqrt(x)
            return np.asarray(
                1.5 * np.log(x) - excess / prior.nu_mean + math.log(2.5 / prior.nu_mean)
            )
        if name == "phi":
            a, b, half = prior.phi_a, prior.phi_b, 0.25 * math.pi + 0.5 * x
            powers = (2.0 * a - 1.0) * np.log(np.sin(half)) + (2.0 * b - 1.0) * np.log(np.cos(half))
            return np.asarray(powers - betaln(a, b))
        a, b = prior.rho_a, prior.rho_b
        constant = math.log(2.0) - betaln(a, b)
        return np.asarray(
            constant - a * np.logaddexp(0.0, -2.0 * x) - b * np.logaddexp(0.0, 2.0 * x)
        )


def _natural(name: str, x: Array) -> Array:
    if name == "mean":
        return x
    if name == "sigma":
        return np.asarray(x * x)
    if name == "nu":
        return np.asarray(2.0 + x * x * np.sqrt(x))
    if name == "phi":
        return np.asarray(np.sin(x))
    return np.asarray(np.tanh(x))
