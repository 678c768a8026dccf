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
hang on everything, mode and scales hardly on the tails; the mode of two or three observations is as
uncertain as the scale is large; and the cube root suits a :math:`\nu - \nu_0` that is large and
skewed as well as one that is cut off at 0. The map to (mu, log sd, asymmetry) has that mean of the
scales for a Jacobian. The Student-t is the same with its sides tied.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.independence import sample_independence
from puffin.inference.settings import Settings
from puffin.inference.side_likelihood import autoregressive_kernels, independent_kernels
from puffin.laws.asymmetric_t import find_sides

__all__ = [
    "LEAST_NU",
    "SEPARATE",
    "TAIL_SHAPE",
    "TIED",
    "LocationScalePrior",
    "log_density",
    "sample_asymmetric_t",
    "sample_student_t",
]

Sides = tuple[int, ...]

SEPARATE: Sides = (0, 1, 2, 3, 4)
TIED: Sides = (0, 1, 1, 2, 2)
"""Which coordinate mode, left and right scale, left and right tail are."""

TAIL_SHAPE = 2.0
"""Shape of the gamma prior of nu - nu_0: its density is zero at the least nu."""

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
    sides: Sides,
    autoregressive: bool,
) -> Draws:
    data = x if autoregressive else np.sort(x)
    median = float(np.median(x))
    log_scale, root = math.log(0.7 * math.sqrt(np.mean((x - median) ** 2))), 4.0 ** (1.0 / 3.0)
    values = [0.0, log_scale, log_scale, root, root]
    start = [values[sides.index(place)] for place in sorted(set(sides))]
    sample = sample_independence(
        lambda points: log_density(points, data, prior, sides),
        np.array([*start, 0.0] if autoregressive else start),
        settings,
    )
    return Draws(
        _parameters(sample.values, median, prior, sides),
        sample.method,
        {"accepted": sample.accepted},
        sample.report,
    )


def log_density(points: Array, x: Array, prior: LocationScalePrior, sides: Sides) -> Array:
    """Return the log-density of each of `points`, up to a constant.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_dims)
        The coordinates; the last is atanh rho, where it is one more than `sides` names.
    x : ndarray of shape (n_observations,)
        In ascending order, where there is no rho.
    sides : tuple of int
        Which coordinate each of mode, scales and tails is: `SEPARATE` or `TIED`.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        median = float(np.median(x))
        found = _parameters(points, median, prior, sides)
        values = _log_likelihood(points, found, x, sides, median) + (
            0.5 * (points[:, sides[1]] + points[:, sides[2]])
            - 0.5 * (found["mu"] / prior.mean_sd) ** 2
            - 0.5 * (found["sd"] / prior.sd_sd) ** 2
            + np.log(found["sd"])
            - 0.5 * (found["asymmetry"] / prior.asymmetry_sd) ** 2
        )
        for place in set(sides[3:]):
            root = points[:, place]
            values += (3.0 * TAIL_SHAPE - 1.0) * np.log(
                root
            ) - TAIL_SHAPE * root**3 / prior.tail_mean
        if "rho" in found:
            rho = found["rho"]
            values += -0.5 * (rho / prior.autocorrelation_sd) ** 2 + np.log1p(-(rho**2))
    return np.where(np.isnan(values), -np.inf, values)


def _parameters(
    points: Array, median: float, prior: LocationScalePrior, sides: Sides
) -> dict[str, Array]:
    """Return what the coordinates mean: mu, sd, the shape, and rho if there is one."""
    steps, log_left, log_right, *roots = (points[..., place] for place in sides)
    nus = [np.maximum(prior.least_nu + one**3, LEAST_NU) for one in roots]
    shape = {"asymmetry": log_left - log_right, "nu_left": nus[0], "nu_right": nus[1]}
    error = find_sides(shape)
    sd = np.exp(log_left) / error.left.scale
    mode = median + np.exp(0.5 * (log_left + log_right)) * steps
    if points.shape[-1] == len(set(sides)):
        return {"mu": mode - sd * error.mode, "sd": sd, **shape}
    rho = np.tanh(points[..., -1])
    mean = mode - sd * error.mode / (1.0 - rho)
    return {"mu": mean, "sd": sd / np.sqrt(1.0 - rho**2), **shape, "rho": rho}


def _log_likelihood(
    points: Array, found: Mapping[str, Array], x: Array, sides: Sides, median: float
) -> Array:
    steps, log_left, log_right = (points[..., place] for place in sides[:3])
    mode = median + np.exp(0.5 * (log_left + log_right)) * steps
    nus = (found["nu_left"], found["nu_right"])
    factors = [np.exp(-2.0 * log) / nu for log, nu in zip((log_left, log_right), nus, strict=True)]
    powers = [0.5 * (nu + 1.0) for nu in nus]
    left = find_sides(found).left
    at_the_mode = left.log_density(np.zeros(())) + np.log(left.scale) - log_left
    if "rho" not in found:
        return np.asarray(x.size * at_the_mode - independent_kernels(x, mode, *factors, *powers))
    kernels = autoregressive_kernels(
        x, found["rho"], (1.0 - found["rho"]) * mode, *factors, *powers
    )
    return np.asarray((x.size - 1) * at_the_mode - kernels)
