r"""How alike the returns of two settings are, before one of them is run.

Each period is a draw of returns as a function of the settings x. Standardised, they are taken for
Gaussian with the correlation

.. math::

    R(x, x') = c + (1 - c) \, \big[ (1 - n) \, k_\nu(r) + n \, 1\{x = x'\} \big],
    \qquad r^2 = \sum_h (x_h - x'_h)^2 / \ell_h^2

with k Matern's function of smoothness 1/2, 3/2 or 5/2 (Rasmussen & Williams 2006, "Gaussian
Processes for Machine Learning", 4.2.1), c what all settings share, n what a setting has by itself,
and :math:`\ell_h` how far setting h has to be changed to make another strategy. Hundreds of periods
say much more of these than the few ratios of a search do: per period, with C the sample's
correlation, the log-likelihood is :math:`-\tfrac12 (\log|R| + \mathrm{tr}\, R^{-1} C)`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from puffin.arrays import Array
from puffin.tuning.cube import Cube

__all__ = ["Likeness"]

_SMOOTHNESS = (0.5, 1.5, 2.5)
_LENGTH, _LENGTHS, _LOG_LENGTH_SD = 0.5, (0.01, 30.0), 1.5
_OWN, _OWNS, _LOG_OWN_SD = 0.01, (1e-6, 0.5), 3.0
_SHARED, _LOGIT_SHARED_SD = 5.0, 2.0
_ROUNDS = 40
_NEAR = 1e-9


@dataclass(frozen=True)
class Likeness:
    """The correlation of what differs between settings: R without c.

    Attributes
    ----------
    cube : Cube
    lengths : ndarray of shape (n_settings,)
    own : float
        n above.
    smoothness : float
        Of Matern's function.
    """

    cube: Cube
    lengths: Array
    own: float
    smoothness: float

    @classmethod
    def of(cls, cube: Cube, places: Array, z: Array) -> Likeness:
        """Return the most probable one, given standardised returns.

        Its priors are wide: they decide only while there are few settings.

        Parameters
        ----------
        places : ndarray of shape (n_trials, n_settings)
        z : ndarray of shape (n_periods, n_trials)
        """
        coordinates, owner = cube.coordinates(places)
        squares = np.zeros((places.shape[1], len(places), len(places)))
        for column, whose in zip(coordinates.T, owner, strict=True):
            squares[whose] += (column[:, None] - column) ** 2
        fits = [_Fit(squares, z.T @ z / len(z), len(z), nu).best() for nu in _SMOOTHNESS]
        _, found, nu = min(fits, key=lambda one: one[0])
        settings = places.shape[1]
        return cls(cube, np.exp(found[:settings]), float(np.exp(found[settings])), nu)

    def between(self, some: Array, others: Array) -> Array:
        """Return the correlations of settings at some places with those at others."""
        (a, owner), (b, _) = self.cube.coordinates(some), self.cube.coordinates(others)
        lengths = self.lengths[owner]
        return (1.0 - self.own) * _matern(cdist(a / lengths, b / lengths), self.smoothness)

    def among(self, places: Array) -> Array:
        """Return the correlations of settings with each other: 1 of each with itself."""
        found = self.between(places, places)
        np.fill_diagonal(found, 1.0 + _NEAR)
        return found


@dataclass(frozen=True)
class _Fit:
    """What is minimised: -2/T times the log posterior, and its gradient.

    Parameters are the logs of the lengths, log n and logit c.
    """

    squares: Array
    correlation: Array
    periods: int
    smoothness: float

    def best(self) -> tuple[float, Array, float]:
        settings = len(self.squares)
        start = np.append(np.full(settings, np.log(_LENGTH)), [np.log(_OWN), 0.0])
        bounds = [tuple(np.log(_LENGTHS))] * settings + [tuple(np.log(_OWNS)), (-_SHARED, _SHARED)]
        found = minimize(
            self, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _ROUNDS}
        )
        return float(found.fun), found.x, self.smoothness

    def __call__(self, parameters: Array) -> tuple[float, Array]:
        log_lengths, (log_own, logit) = parameters[:-2], parameters[-2:]
        own, shared = np.exp(log_own), 1.0 / (1.0 + np.exp(-logit))
        inverse = np.exp(-2.0 * log_lengths)
        distance = np.sqrt(np.tensordot(inverse, self.squares, 1))
        matern = _matern(distance, self.smoothness)
        modelled = shared + (1.0 - shared) * (1.0 - own) * matern
        np.fill_diagonal(modelled, 1.0 + _NEAR)
        factor = cho_factor(modelled, lower=True)
        precision = cho_solve(factor, np.eye(len(modelled)))
        value = 2.0 * np.log(np.diag(factor[0])).sum() + (precision * self.correlation).sum()
        slope = precision - precision @ self.correlation @ precision
        np.fill_diagonal(slope, 0.0)
        by_square = (1.0 - shared) * (1.0 - own) * slope * _slope(distance, self.smoothness)
        gradient = np.append(
            -inverse * np.tensordot(self.squares, by_square, 2),
            [
                -own * (1.0 - shared) * (slope * matern).sum(),
                shared * (1.0 - shared) * (slope * (1.0 - (1.0 - own) * matern)).sum(),
            ],
        )
        centre = np.append(np.full(log_lengths.size, np.log(_LENGTH)), [np.log(_OWN), 0.0])
        sd = np.append(np.full(log_lengths.size, _LOG_LENGTH_SD), [_LOG_OWN_SD, _LOGIT_SHARED_SD])
        off = (parameters - centre) / sd
        return value + off @ off / self.periods, gradient + 2.0 * off / sd / self.periods


def _matern(distance: Array, smoothness: float) -> Array:
    scaled = np.sqrt(2.0 * smoothness) * distance
    rest = {0.5: 1.0, 1.5: 1.0 + scaled, 2.5: 1.0 + scaled + scaled**2 / 3.0}
    return np.asarray(rest[smoothness] * np.exp(-scaled))


def _slope(distance: Array, smoothness: float) -> Array:
    """Return the derivative of Matern's function, over the distance."""
    scaled = np.sqrt(2.0 * smoothness) * distance
    rest = {0.5: -1.0 / np.maximum(distance, _NEAR), 1.5: -3.0, 2.5: -5.0 / 3.0 * (1.0 + scaled)}
    return np.asarray(rest[smoothness] * np.exp(-scaled))
