r"""Location and scale of Student-t observations, independent or autoregressive.

.. math::

    x_t - \mu = \rho (x_{t-1} - \mu) + \sigma e_t, \qquad e_t \sim t_\nu

with :math:`\rho = 0` for independent observations; otherwise conditional on :math:`x_1`. Priors:
:math:`\mu \sim N(0, m^2)`, :math:`\sigma \sim` HalfNormal(:math:`s`), :math:`\nu - 2 \sim`
Exponential(mean :math:`k`), :math:`\rho \sim N(0, r^2)` within (-1, 1).

The densities below are those of :math:`(\mu, \log \sigma, w, \operatorname{atanh} \rho)`, up to
a constant, where :math:`\nu - 2 = w^{5/2}` with w > 0. A root between the square and the cube
makes the posterior of nu - 2 nearly normal, be it cut off at 0, where daily returns of an index put
it, or skewed and large: measured on a dozen real and simulated series, the proposals' k-hat stays
below 0.65, and goes to 1 for the logarithm, the fourth or the first power.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import kernel, part
from puffin.inference.draws import Draws
from puffin.inference.independence import sample_independence
from puffin.inference.settings import Settings
from puffin.inference.student_t_density import student_t_log_likelihood

__all__ = ["LEAST_NU", "LocationScalePrior", "sample_student_t"]


LEAST_NU = 2.0 + 1e-14
"""nu is reported no closer to 2 than a float can tell apart, so that nu / (nu - 2) is finite."""


@dataclass(frozen=True)
class LocationScalePrior:
    """The prior's m, s, k and r, in the order of the formula above."""

    location_sd: float
    scale_sd: float
    tail_mean: float
    autocorrelation_sd: float


def sample_student_t(
    x: Array,
    prior: LocationScalePrior,
    settings: Settings,
    *,
    autoregressive: bool,
) -> Draws:
    """Draw mu, sigma, nu (and rho) given observations x of shape (n_observations,)."""
    location = float(np.median(x))
    start = [location, math.log(0.7 * math.sqrt(np.mean((x - location) ** 2))), 4.0**0.4]
    numbers = (prior.location_sd, prior.scale_sd, prior.tail_mean)

    def log_density(points: Array) -> Array:
        if autoregressive:
            return log_density_ar1(points, x, *numbers, prior.autocorrelation_sd)
        return log_density_independent(points, x, *numbers)

    sample = sample_independence(
        log_density,
        np.array([*start, 0.0] if autoregressive else start),
        settings,
    )
    variables = {
        "mu": sample.values[..., 0],
        "sigma": np.exp(sample.values[..., 1]),
        "nu": np.maximum(2.0 + sample.values[..., 2] ** 2.5, LEAST_NU),
    }
    if autoregressive:
        variables["rho"] = np.tanh(sample.values[..., 3])
    return Draws(variables, sample.method, {"accepted": sample.accepted}, sample.report)


@kernel
def log_density_independent(
    points: Array, x: Array, location_sd: float, scale_sd: float, tail_mean: float
) -> Array:
    """Return the log-density at each of `points`, shape (n_points, 3)."""
    values = np.empty(points.shape[0])
    squares = np.empty(x.size)
    for point in range(points.shape[0]):
        location, root = points[point, 0], points[point, 2]
        if root <= 0.0:
            values[point] = -np.inf
            continue
        for t in range(x.size):
            error = x[t] - location
            squares[t] = error * error
        nu = 2.0 + root * root * math.sqrt(root)
        values[point] = student_t_log_likelihood(squares, points[point, 1], nu, 1) + _log_prior(
            points[point], location_sd, scale_sd, tail_mean
        )
    return values


@kernel
def log_density_ar1(
    points: Array,
    x: Array,
    location_sd: float,
    scale_sd: float,
    tail_mean: float,
    autocorrelation_sd: float,
) -> Array:
    """Return the log-density at each of `points`, shape (n_points, 4)."""
    values = np.empty(points.shape[0])
    squares = np.empty(x.size - 1)
    for point in range(points.shape[0]):
        rho, root = math.tanh(points[point, 3]), points[point, 2]
        if root <= 0.0:
            values[point] = -np.inf
            continue
        shift = (1.0 - rho) * points[point, 0]
        for t in range(x.size - 1):
            error = x[t + 1] - rho * x[t] - shift
            squares[t] = error * error
        nu = 2.0 + root * root * math.sqrt(root)
        values[point] = (
            student_t_log_likelihood(squares, points[point, 1], nu, 1)
            + _log_prior(points[point], location_sd, scale_sd, tail_mean)
            - 0.5 * (rho / autocorrelation_sd) ** 2
            + math.log1p(-rho * rho)
        )
    return values


@part
def _log_prior(point: Array, location_sd: float, scale_sd: float, tail_mean: float) -> float:
    """Return the log prior, with the Jacobians of log sigma and w."""
    location, log_sigma, root = point[0], point[1], point[2]
    value: float = (
        -0.5 * (location / location_sd) ** 2
        - 0.5 * (math.exp(log_sigma) / scale_sd) ** 2
        + log_sigma
        - root * root * math.sqrt(root) / tail_mean
        + 1.5 * math.log(root)
    )
    return value
