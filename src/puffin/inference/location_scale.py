r"""Mean, standard deviation and shape of returns, independent or autoregressive.

.. math::

    x_t - \mu = \rho (x_{t-1} - \mu) + sd \sqrt{1 - \rho^2} \, \epsilon_t

with :math:`\epsilon` of a law with mean 0 and variance 1, so that mu and sd are the mean and the
standard deviation of x whatever the law; :math:`\rho = 0` for independent observations, otherwise
conditional on :math:`x_1`. Priors: :math:`\mu \sim N(0, m^2)`, :math:`sd \sim` HalfNormal(s),
asymmetry :math:`\sim N(0, a^2)`, :math:`\nu - \nu_0 \sim` Gamma(shape 2, mean k) for each tail,
:math:`\rho \sim N(0, r^2)` within (-1, 1).

The asymmetric Student-t is drawn in the coordinates (mode less the median of x, in units of the
scales' geometric mean; log left scale, log right scale; cube roots of both :math:`\nu - \nu_0`;
atanh rho), in which the posteriors of real returns are close to normal. Mean and standard deviation
depend on everything, mode and scales hardly on the tails; the mode of two or three observations is
as uncertain as the scale is large; and the cube root suits a :math:`\nu - \nu_0` that is large and
skewed as well as one that is cut off at 0. The map to (mu, log sd, asymmetry) has that mean of the
scales for a Jacobian. The Student-t is the same with its sides tied.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.independence import sample_independence
from puffin.inference.settings import Settings
from puffin.inference.side_likelihood import autoregressive_kernels, independent_kernels
from puffin.inference.threads import go_on
from puffin.laws.asymmetric_t import Sides, find_sides

__all__ = [
    "LEAST_NU",
    "SEPARATE",
    "TAIL_SHAPE",
    "TIED",
    "LocationScalePosterior",
    "LocationScalePrior",
    "sample_asymmetric_t",
    "sample_student_t",
]

Places = tuple[int, ...]

SEPARATE: Places = (0, 1, 2, 3, 4)
TIED: Places = (0, 1, 1, 2, 2)
"""Which coordinate mode, left and right scale, left and right tail are."""

TAIL_SHAPE = 2.0
"""Shape of the gamma prior of nu - nu_0: its density is zero at the least nu."""

_EVALUATIONS = 2**24
"""Errors that are weighed in one piece, which takes about a tenth of a second."""

LEAST_NU = 2.0 + 1e-14
"""nu is no closer to 2 than a float can tell apart, so that the variance is finite."""


@dataclass(frozen=True)
class LocationScalePrior:
    """The prior's m, s, a, k, nu_0 and r, in the order of the formula above."""

    mean_sd: float
    sd_sd: float
    asymmetry_sd: float
    tail_mean: float
    least_nu: float
    autocorrelation_sd: float


def sample_asymmetric_t(
    x: Array, prior: LocationScalePrior, settings: Settings, *, autoregressive: bool
) -> Draws:
    """Draw mu, sd, asymmetry, nu_left, nu_right (and rho), given x of shape (n_observations,)."""
    return _sample(x, prior, settings, SEPARATE, autoregressive)


def sample_student_t(
    x: Array, prior: LocationScalePrior, settings: Settings, *, autoregressive: bool
) -> Draws:
    """Draw mu, sd, nu (and rho), given x of shape (n_observations,)."""
    draws = _sample(x, prior, settings, TIED, autoregressive)
    variables = {"nu" if name == "nu_left" else name: one for name, one in draws.variables.items()}
    del variables["asymmetry"], variables["nu_right"]
    return dataclasses.replace(draws, variables=variables)


def _sample(
    x: Array,
    prior: LocationScalePrior,
    settings: Settings,
    places: Places,
    autoregressive: bool,
) -> Draws:
    posterior = LocationScalePosterior(x if autoregressive else np.sort(x), prior, places)
    distance = math.sqrt(np.mean((x - posterior.median) ** 2))
    log_scale, root = math.log(0.7 * distance), 4.0 ** (1.0 / 3.0)
    values = [0.0, log_scale, log_scale, root, root]
    start = [values[places.index(place)] for place in sorted(set(places))]
    sample = sample_independence(
        posterior.log_density, np.array([*start, 0.0] if autoregressive else start), settings
    )
    return Draws(
        posterior.variables(sample.values),
        sample.method,
        {"accepted": sample.accepted},
        sample.report,
    )


class _Errors(NamedTuple):
    """What the coordinates say of the errors: their mode, their size, and their shape."""

    mode: Array
    """Of x, or with rho the level that x reverts to when errors are at their mode."""
    sd: Array
    shape: dict[str, Array]
    sides: Sides
    """Of the error of variance 1."""
    rho: Array | None

    def variables(self) -> dict[str, Array]:
        """Return mu, sd, the shape, and rho if there is one."""
        step = self.sd * self.sides.mode
        if self.rho is None:
            return {"mu": self.mode - step, "sd": self.sd, **self.shape}
        mean = self.mode - step / (1.0 - self.rho)
        return {"mu": mean, "sd": self.sd / np.sqrt(1.0 - self.rho**2), **self.shape,
                "rho": self.rho}  # fmt: skip


@dataclass(frozen=True)
class LocationScalePosterior:
    """The posterior in its coordinates: points of shape (..., n_dims), the last atanh rho if any.

    Attributes
    ----------
    x : ndarray of shape (n_observations,)
        In ascending order, where there is no rho.
    prior : LocationScalePrior
    places : tuple of int
        Which coordinate each of mode, scales and tails is: `SEPARATE` or `TIED`.
    """

    x: Array
    prior: LocationScalePrior
    places: Places

    @functools.cached_property
    def median(self) -> float:
        """Of x: where modes are counted from."""
        return float(np.median(self.x))

    def variables(self, points: Array) -> dict[str, Array]:
        """Return what the coordinates mean: mu, sd, the shape, and rho if there is one."""
        return self._errors(points).variables()

    def log_density(self, points: Array) -> Array:
        """Return the log-density at each of `points`, (n_points, n_dims), up to a constant.

        In pieces, between which an interrupt is noticed.
        """
        at_once, pieces = max(_EVALUATIONS // self.x.size, 1), []
        for first in range(0, len(points), at_once):
            go_on()
            pieces.append(self._log_density(points[first : first + at_once]))
        return np.concatenate(pieces)

    def _log_density(self, points: Array) -> Array:
        prior, places = self.prior, self.places
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            errors = self._errors(points)
            found = errors.variables()
            values = self._log_likelihood(errors) + (
                0.5 * (points[:, places[1]] + points[:, places[2]])
                - 0.5 * (found["mu"] / prior.mean_sd) ** 2
                - 0.5 * (found["sd"] / prior.sd_sd) ** 2
                + np.log(found["sd"])
                - 0.5 * (found["asymmetry"] / prior.asymmetry_sd) ** 2
            )
            for place in set(places[3:]):
                root = points[:, place]
                power = 3.0 * TAIL_SHAPE - 1.0
                values += power * np.log(root) - TAIL_SHAPE * root**3 / prior.tail_mean
            if errors.rho is not None:
                rho = errors.rho
                values += -0.5 * (rho / prior.autocorrelation_sd) ** 2 + np.log1p(-(rho**2))
        return np.where(np.isnan(values), -np.inf, values)

    def _errors(self, points: Array) -> _Errors:
        steps, log_left, log_right, *roots = (points[..., place] for place in self.places)
        nus = [np.maximum(self.prior.least_nu + one**3, LEAST_NU) for one in roots]
        shape = {"asymmetry": log_left - log_right, "nu_left": nus[0], "nu_right": nus[1]}
        sides = find_sides(shape)
        mode = self.median + np.exp(0.5 * (log_left + log_right)) * steps
        autoregressive = points.shape[-1] > len(set(self.places))
        rho = np.tanh(points[..., -1]) if autoregressive else None
        return _Errors(mode, np.exp(log_left) / sides.left.scale, shape, sides, rho)

    def _log_likelihood(self, errors: _Errors) -> Array:
        sides = errors.sides
        at_the_mode = np.log(sides.left.peak / errors.sd)
        factors = [1.0 / (side.nu * (errors.sd * side.scale) ** 2) for side in sides[1:]]
        powers = [0.5 * (side.nu + 1.0) for side in sides[1:]]
        if errors.rho is None:
            kernels = independent_kernels(self.x, errors.mode, *factors, *powers)
            return np.asarray(self.x.size * at_the_mode - kernels)
        modes = (1.0 - errors.rho) * errors.mode
        kernels = autoregressive_kernels(self.x, errors.rho, modes, *factors, *powers)
        return np.asarray((self.x.size - 1) * at_the_mode - kernels)
