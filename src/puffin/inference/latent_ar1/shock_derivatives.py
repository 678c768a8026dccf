r"""Derivatives of the log-density of a return with leverage and Student-t errors, in NumPy.

At a point, to leading order in 1 / nu, and expected under a Gaussian: see `leverage_student_t`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import kernel
from puffin.inference.latent_ar1.expansion import Expansion
from puffin.inference.latent_ar1.shock_integral import (
    log_constant,
    log_integral,
    log_integral_coefficients,
)

__all__ = ["Density", "Errors", "Gaussian", "Theta", "expected_rows", "log_terms", "point_rows"]

Theta = tuple[float, float, float, float, float]
"""Mean, phi, sigma, rho and nu."""


def log_terms(
    y: Array, present: Array, theta: Theta, h: Array, omega: Array, linked: Array, onward: Array
) -> Array:
    """Return log p(y_t | h_t, eta_t) - eta_t^2 / 2, where either is there.

    Parameters
    ----------
    y, present : ndarray of shape (n_times,)
    theta : tuple
        Mean, phi, sigma, rho, nu.
    h, omega : ndarray of shape (..., n_times)
    linked, onward : ndarray of shape (n_times,)
        1 where y_t and omega_t are both there, and where omega_t is.
    """
    mean, _, sigma, rho, nu = theta
    eta = omega / sigma
    r = linked * rho
    k = 1.0 / (1.0 - r**2)
    a = present * (y - mean) * np.exp(-0.5 * h)
    log_density = log_integral(k * a**2 + nu - 2.0, k * r * a * eta, nu)
    log_density = log_density + log_constant(nu) + 0.5 * np.log(k / (2.0 * math.pi))
    log_density = log_density - 0.5 * (h + k * (r * eta) ** 2)
    total: Array = present * log_density - 0.5 * onward * eta**2
    return total


def point_rows(y: Array, present: Array, theta: Theta, h: Array, omega: Array) -> tuple[Array, ...]:
    """Return the nine derivatives of each time's term, to leading order in 1 / nu."""
    mean, _, sigma, rho, nu = theta
    linked, onward = _links(present)
    N = nu + 1.0
    k = 1.0 / (1.0 - linked * rho**2)
    tie = linked * rho * k / sigma * math.sqrt((N - 0.5 + 0.125 / N) / N)
    a = present * (y - mean) * np.exp(-0.5 * h)
    A, B = k * a * a + nu - 2.0, tie * a * omega
    p = (B + np.sqrt(B * B + 4.0 * N * A)) / (2.0 * A)
    pull, half = tie * a * p, 0.5 * k * (a * p) ** 2
    C, X, E, F = half - 0.25 * pull * omega, 0.5 * pull, half - 0.125 * pull * omega, 0.25 * pull
    W = 2.0 * (nu - 2.0) * p**2 + 4.0 * C
    psi = 1.0 - 4.0 * C / W
    prior = onward * k / sigma**2
    return (
        half - 0.5 * pull * omega - 0.5 * present,
        pull - prior * omega,
        C * psi,
        X * psi,
        prior - 4.0 * X**2 / W,
        E * psi**3 - C * psi * (1.0 - psi) ** 2,
        (F - 4.0 * E * X / W) * psi**2 - X * psi * (1.0 - psi) ** 2,
        -4.0 * psi * X**2 / W * (2.0 - psi - 4.0 * E / W),
        8.0 * X**3 / W**2 * (3.0 - 2.0 * psi - 8.0 * E / W),
    )


def _links(present: Array) -> tuple[Array, Array]:
    """Return where y_t and omega_t are both there, and where omega_t is."""
    linked, onward = present.copy(), np.ones(present.size)
    linked[-1] = onward[-1] = 0.0
    return linked, onward


def expected_rows(
    y: Array, present: Array, theta: Theta, at: Expansion, n_nodes: int
) -> tuple[Array, ...]:
    """Return the nine derivatives of each time's term, expected under the Gaussian.

    With (h_t, omega_t) = centre + L xi, L lower triangular and xi standard normal, the expectation
    of a derivative in xi is that of the term times a product of Hermite polynomials in xi.

    Parameters
    ----------
    n_nodes : int
        Nodes of the Gauss-Hermite rule, in each of the two directions.
    """
    phi, sigma = theta[1], theta[2]
    linked, onward = _links(present)
    nodes, weights = np.polynomial.hermite_e.hermegauss(n_nodes)
    weights = weights / weights.sum()
    sd = np.sqrt(at.variance)
    following = np.append(at.variance[1:], 0.0)
    cross = onward * (at.covariance - phi * at.variance)
    spread = following - 2.0 * phi * at.covariance + phi**2 * at.variance
    slope = cross / at.variance
    # Where there is no omega_t, anything goes.
    rest = np.sqrt(np.maximum(np.where(onward > 0.0, spread - slope * cross, 1.0), 1e-6 * sigma**2))
    hermite = np.array([nodes, nodes**2 - 1.0, nodes**3 - 3.0 * nodes])
    polynomials = np.vstack([np.ones(n_nodes), hermite]) * weights
    moment = np.zeros((4, 4, y.size))
    gaussian = Gaussian(at.centre, at.innovation(phi), sd, slope, rest)
    density = Density(
        sigma, theta[3], theta[4], log_constant(theta[4]), log_integral_coefficients(theta[4])
    )
    errors = Errors(present * (y - theta[0]), present, linked, onward)
    _hermite_moments(errors, gaussian, density, nodes, polynomials, moment)
    w, ww, www = onward * (moment[0, 1:] / rest ** np.array([[1], [2], [3]]))
    hw = onward * moment[1, 1] / rest - slope * sd * ww
    hww = onward * moment[1, 2] / rest**2 - slope * sd * www
    hh = moment[2, 0] - slope * sd * (2.0 * hw + slope * sd * ww)
    hhw = onward * moment[2, 1] / rest - slope * sd * (2.0 * hww + slope * sd * www)
    hhh = moment[3, 0] - slope * sd * (3.0 * hhw + slope * sd * (3.0 * hww + slope * sd * www))
    return (
        moment[1, 0] / sd - slope * w,
        w,
        -hh / sd**2,
        -hw / sd,
        -ww,
        hhh / sd**3,
        hhw / sd**2,
        hww / sd,
        www,
    )


class Errors(NamedTuple):
    """Of each time: y less its mean; 1 where there are y, y and omega, and omega, else 0."""

    error: Array
    present: Array
    linked: Array
    onward: Array


class Gaussian(NamedTuple):
    """Of each time: means of h and omega; sd of h, slope of omega on h, sd of what is left."""

    centre: Array
    innovation: Array
    sd: Array
    slope: Array
    rest: Array


class Density(NamedTuple):
    """Parameters, the density's log constant, and `log_integral_coefficients` of nu."""

    sigma: float
    rho: float
    nu: float
    constant: float
    coefficients: Array


@kernel
def _hermite_moments(
    errors: Errors,
    gaussian: Gaussian,
    density: Density,
    nodes: Array,
    polynomials: Array,
    moment: Array,
) -> None:
    """Add up `log_terms` times products of Hermite polynomials, weights included.

    Parameters
    ----------
    nodes : ndarray of shape (n_nodes,)
    polynomials : ndarray of shape (4, n_nodes)
    moment : ndarray of shape (4, 4, n_times)
        Zeros at first.
    """
    sigma, rho, coefficients = density.sigma, density.rho, density.coefficients
    N = density.nu + 1.0
    for t in range(errors.error.size):
        r = errors.linked[t] * rho
        k = 1.0 / (1.0 - r * r)
        for i in range(nodes.size):
            x = nodes[i] * gaussian.sd[t]
            h = gaussian.centre[t] + x
            a = errors.error[t] * math.exp(-0.5 * h)
            A = k * a * a + density.nu - 2.0
            for j in range(nodes.size):
                omega = gaussian.innovation[t] + gaussian.slope[t] * x + nodes[j] * gaussian.rest[t]
                eta = omega / sigma
                value = -0.5 * errors.onward[t] * eta * eta
                if errors.present[t] > 0.0:
                    B = k * r * a * eta
                    D = math.sqrt(B * B + 4.0 * N * A)
                    p = (B + D) / (2.0 * A)
                    y = B / D
                    R = coefficients[coefficients.size - 1]
                    for n in range(coefficients.size - 2, -1, -1):
                        R = R * y + coefficients[n]
                    value += density.constant + 0.5 * math.log(k)
                    value -= 0.5 * (h + k * (r * eta) ** 2)
                    value += N * math.log(p) + 0.5 * (B * p - N) - 0.5 * math.log(p * D) + R
                for m in range(4):
                    for n in range(4):
                        moment[m, n, t] += polynomials[m, i] * polynomials[n, j] * value
