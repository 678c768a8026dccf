r"""Independent proposals of log-volatility with leverage and Gaussian errors.

The model, given (mean, phi, sigma, rho)::

    y_t     = mean + exp(h_t / 2) eps_t
    h_{t+1} = mu + phi (h_t - mu) + omega_t,    omega_t = sigma eta_t,    corr(eps_t, eta_t) = rho
    h_0     ~ N(mu, sigma^2 / (1 - phi^2)),     mu ~ N(0, mu_sd^2)

(Omori, Chib, Shephard & Nakajima 2007, Journal of Econometrics 140). With a = (y_t - mean)
exp(-h_t / 2), k = 1 / (1 - rho^2) and l = rho k / sigma, time t contributes

    L_t = -h_t / 2 - k a^2 / 2 + l a omega_t - k omega_t^2 / (2 sigma^2)

to the log-density, with rho = 0 where y_t is missing and at the last time, which has no omega_t.

The Gaussian is that whose derivatives are those of L_t expected under itself: in closed form,
as E a = (y_t - mean) exp(-m/2 + v/8), E a^2 = (y_t - mean)^2 exp(-m + v/2) and
E[a omega] = E a (E omega - cov(h, omega) / 2). Its marginals move linearly with the parameters,
nearly, so that the kernel forms the derivatives at each proposal's own parameters without
iterating, and then draws as `transport` says.

Measured on 1,000 daily returns of the S&P 500: with the parameters at their mode the variance of
the log-weight is 0.10, against 1.2 of the Gaussian; with parameters drawn about the mode it is 0.13
on average, against 0.30 were the marginals not to move.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import Lanes, load, maximum
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, RHO, SIGMA
from puffin.inference.latent_ar1.expansion import Derivatives, Expansion
from puffin.inference.latent_ar1.linked_states import (
    LinkedStates,
    Observed,
    Sums,
    linked_states_kernels,
)
from puffin.inference.latent_ar1.observations import Observations
from puffin.inference.latent_ar1.transport import Offsets, Row, along, approximate_exp, offsets_of

__all__ = ["NormalLeverageObservations", "expected_derivatives"]

Given = tuple[Lanes, Lanes, Lanes, Lanes, Lanes]
Theta = tuple[float, float, float, float]


def expected_derivatives(y: Array, present: Array, theta: Theta, at: Expansion) -> Derivatives:
    """Return gradient and minus the Hessian of L_t in (h_t, omega_t), expected under `at`."""
    mean, phi, sigma, rho = theta
    linked, onward = present.copy(), np.ones(y.size)
    linked[-1] = onward[-1] = 0.0
    k = 1.0 + linked * rho**2 / (1.0 - rho**2)
    tie = linked * rho * k / sigma
    a = present * (y - mean) * np.exp(0.125 * at.variance - 0.5 * at.centre)
    square = a * a * np.exp(0.25 * at.variance)
    omega = at.innovation(phi)
    product = a * (omega - 0.5 * onward * (at.covariance - phi * at.variance))
    ww = onward * k / sigma**2
    return Derivatives(
        h=0.5 * k * square - 0.5 * tie * product - 0.5 * present,
        w=tie * a - ww * omega,
        hh=0.5 * k * square - 0.25 * tie * product,
        hw=0.5 * tie * a,
        ww=ww,
    )


class Tables(NamedTuple):
    """What the kernel is told.

    Attributes
    ----------
    centre, variance, covariance : ndarray of shape (n_times,)
        Those of the expansion.
    amplitude : ndarray of shape (n_times,)
        Mean of exp(-h_t / 2).
    level : float
        Mean of mu.
    centre_slopes, variance_slopes : ndarray of shape (n_times, n_natural)
        Derivatives of centre and log variance in the coordinates.
    """

    centre: Array
    variance: Array
    covariance: Array
    amplitude: Array
    level: float
    centre_slopes: Array
    variance_slopes: Array


@part
def _prepare(
    rows: Array, n: int, g: int, tables: Tables, constants: Array
) -> tuple[Given, Offsets]:
    """Return mean, phi, sigma^2, rho and k."""
    mean, phi = load(rows, MEAN * n + g), load(rows, PHI * n + g)
    sigma, rho = load(rows, SIGMA * n + g), load(rows, RHO * n + g)
    given = (mean, phi, sigma, rho, 1.0 / (1.0 - rho * rho))
    return given, offsets_of(rows, n, g)


@part
def _term(
    given: Given, offsets: Offsets, tables: Tables, observed: Observed, t: int, onward: bool,
    centres: tuple[Lanes, Lanes],
) -> Row:  # fmt: skip
    mean, phi, sigma, rho, k = given
    y, present, _ = observed
    m, omega = centres
    square, zero = sigma * sigma, phi * 0.0
    # E a and sigma^2 E a^2, their variance and centre those of these parameters.
    factor = approximate_exp(along(zero, tables.variance_slopes, t, offsets))
    v = tables.variance[t] * factor
    exponent = 0.5 * (tables.centre[t] - m) + 0.125 * (v - tables.variance[t])
    a = (present * tables.amplitude[t]) * (y - mean) * approximate_exp(exponent)
    aa = square * (a * a) * approximate_exp(0.25 * v)
    if not onward:
        half = 0.5 * aa
        return half - 0.5 * present * square, zero, half, zero, zero, half, zero, zero, zero
    linked_k = 1.0 + present * (k - 1.0)
    linked_tie = present * (rho * k * sigma) * a
    product = linked_tie * (omega - 0.5 * (tables.covariance[t] * factor - phi * v))
    half = 0.5 * linked_k * aa
    hw = 0.5 * linked_tie
    return (
        half - 0.5 * product - 0.5 * present * square,
        linked_tie - linked_k * omega,
        maximum(half - 0.25 * product, hw * hw * (1.0 - present * rho * rho)),
        hw,
        linked_k,
        half - 0.125 * product,
        0.5 * hw,
        zero,
        zero,
    )


@part
def _density(
    given: Given, sums: Sums, constants: Array, observed: Observed, t: int, h: Lanes, eta: Lanes
) -> Sums:
    mean, _, _, rho, k = given
    y, present, linked = observed
    residual = present * (y - mean) * exp_lanes(-0.5 * h) - linked * rho * eta
    linked_k = 1.0 + linked * (k - 1.0)
    deviance = present * (math.log(2.0 * math.pi) + h) + linked_k * residual * residual
    return sums[0] - 0.5 * deviance, sums[1], sums[2]


class NormalLeverageObservations(Observations):
    """Observations with leverage and Gaussian errors."""

    weigh = linked_states_kernels("weigh_leverage", LinkedStates(_prepare, along, _term, _density))

    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian."""
        return expected_derivatives(self.series.y, self.series.present, _theta(natural), at)

    def least_curvature(self, natural: Array) -> Array:
        """Return the Fisher information."""
        rho = float(natural[RHO])
        return 0.5 * self.series.present * (1.0 - 0.5 * rho**2) / (1.0 - rho**2)

    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the centre and the log variance."""
        return np.array([expansion.centre, np.log(expansion.variance)])

    def arrange(self, natural: Array, expansion: Expansion, values: Array, slopes: Array) -> Tables:
        """Return moments, E exp(-h / 2) and level of the expansion, and slopes of its moments."""
        amplitude = np.exp(0.125 * expansion.variance - 0.5 * expansion.centre)
        return Tables(
            expansion.centre, expansion.variance, expansion.covariance, amplitude, expansion.level,
            slopes[0].copy(), slopes[1].copy(),
        )  # fmt: skip


def _theta(natural: Array) -> Theta:
    """Return mean, phi, sigma and rho."""
    mean, phi, sigma, rho = natural[[MEAN, PHI, SIGMA, RHO]].tolist()
    return mean, phi, sigma, rho
