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
nearly, so that `weigh_leverage` forms the derivatives at each proposal's own parameters without
iterating, and then draws as `transport` says.

Measured on 1,000 daily returns of the S&P 500: with the parameters at their mode the variance of
the log-weight is 0.10, against 1.2 of the Gaussian; with parameters drawn about the mode it is 0.13
on average, against 0.30 were the marginals not to move.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, exp_lanes, load, log_lanes, maximum, store
from puffin.inference.latent_ar1.approximation import Approximation
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, RHO, SIGMA
from puffin.inference.latent_ar1.expansion import (
    Derivatives,
    Expansion,
    constant_volatility,
    settle,
)
from puffin.inference.latent_ar1.transport import (
    along,
    approximate_exp,
    begin,
    draw_level,
    draw_time,
    eliminate,
    keep_row,
    offsets_of,
    refresh,
)

__all__ = [
    "NormalLeverageObservations",
    "expected_derivatives",
    "weigh_leverage",
]

_BLOCK = 8
"""Slopes and pivots are multiplied over so many times before a logarithm is taken."""


def expected_derivatives(
    y: Array, seen: Array, theta: tuple[float, float, float, float], at: Expansion
) -> Derivatives:
    """Return gradient and minus the Hessian of L_t in (h_t, omega_t), expected under `at`."""
    mean, phi, sigma, rho = theta
    linked, onward = seen.copy(), np.ones(y.size)
    linked[-1] = onward[-1] = 0.0
    k = 1.0 + linked * rho**2 / (1.0 - rho**2)
    tie = linked * rho * k / sigma
    a = seen * (y - mean) * np.exp(0.125 * at.variance - 0.5 * at.centre)
    square = a * a * np.exp(0.25 * at.variance)
    omega = at.innovation(phi)
    product = a * (omega - 0.5 * onward * (at.covariance - phi * at.variance))
    ww = onward * k / sigma**2
    return Derivatives(
        h=0.5 * k * square - 0.5 * tie * product - 0.5 * seen,
        w=tie * a - ww * omega,
        hh=0.5 * k * square - 0.25 * tie * product,
        hw=0.5 * tie * a,
        ww=ww,
    )


@kernel
def weigh_leverage(
    bits: NDArray[np.uint64],
    keep: float,
    fresh: float,
    z: Array,
    natural: Array,
    mu_sd: float,
    y: Array,
    seen: Array,
    centre: Array,
    variance: Array,
    covariance: Array,
    amplitude: Array,
    level: float,
    centre_slopes: Array,
    variance_slopes: Array,
    room: Array,
    states: Array,
    mus: Array,
    log_weights: Array,
) -> None:
    """Draw log-volatility and mu for each column of parameters, and weigh the draws.

    The weight is exact: log p(y, h | mu, theta) + log N(mu; 0, mu_sd^2) - log q(h, mu | theta),
    with every constant, so that the mean of its exponential over draws estimates p(y | theta).

    Parameters
    ----------
    bits : ndarray of uint64, shape (4, 8)
        State of the normals' generators; advanced.
    keep, fresh : float
        The normals become keep z + fresh N(0, 1): 0 and 1 for independent draws, 1 and 0 to repeat
        those in `z`, cosine and sine of an angle for a local move.
    z : ndarray of shape (n / 8, n_times + 1, 8)
        Normals of h and, in the last row, of mu; overwritten.
    natural : ndarray of shape (10, n)
        Natural parameters of each proposal and how far they are from the guide's: see
        `Coordinates.rows`. Only the proposal depends on the latter. n is a multiple of 8.
    mu_sd : float
        Prior standard deviation of mu.
    y, seen : ndarray of shape (n_times,)
        Returns, and 1 where there is one, else 0; n_times is two at least.
    centre, variance, covariance : ndarray of shape (n_times,)
        Those of the expansion.
    amplitude : ndarray of shape (n_times,)
        Mean of exp(-h_t / 2).
    level : float
        Mean of mu.
    centre_slopes, variance_slopes : ndarray of shape (n_times, 5)
        Derivatives of centre and log variance in the coordinates.
    room : ndarray of 7 n_times vectors of 8
        Overwritten.
    states : ndarray of shape (n / 8, n_times, 8)
        The drawn h; overwritten.
    mus, log_weights : ndarray of shape (n,)
        Overwritten.
    """
    last = y.size - 1
    n = log_weights.size
    n_linked = 0.0
    for t in range(last):
        n_linked += seen[t]
    constant = -0.5 * (n_linked + seen[last]) * math.log(2.0 * math.pi)
    for g in range(0, n, LANES):
        normals = (g // LANES) * (last + 2) * LANES
        path = (g // LANES) * (last + 1) * LANES
        mean, phi = load(natural, MEAN * n + g), load(natural, PHI * n + g)
        sigma, rho = load(natural, SIGMA * n + g), load(natural, RHO * n + g)
        offsets = offsets_of(natural, n, g)
        square, zero = sigma * sigma, phi * 0.0
        k = 1.0 / (1.0 - rho * rho)
        tie = rho * k * sigma
        refresh(bits, keep, fresh, z, normals, last + 2)

        m = along(zero + centre[0], centre_slopes, 0, 0, offsets)
        q = m - level
        front = begin(phi, square, q, level, mu_sd)
        for t in range(last + 1):
            store(states, path + t * LANES, m)
            # E a and sigma^2 E a^2, their variance and centre those of these parameters.
            factor = approximate_exp(along(zero, variance_slopes, t, 0, offsets))
            v = variance[t] * factor
            exponent = 0.5 * (centre[t] - m) + 0.125 * (v - variance[t])
            a = (seen[t] * amplitude[t]) * (y[t] - mean) * approximate_exp(exponent)
            aa = square * (a * a) * approximate_exp(0.25 * v)
            if t < last:
                linked_k = 1.0 + seen[t] * (k - 1.0)
                linked_tie = seen[t] * tie * a
                m = along(zero + centre[t + 1], centre_slopes, t + 1, 0, offsets)
                omega = m - level - phi * q
                q = m - level
                product = linked_tie * (omega - 0.5 * (covariance[t] * factor - phi * v))
                half = 0.5 * linked_k * aa
                hw = 0.5 * linked_tie
                row = (
                    half - 0.5 * product - 0.5 * seen[t] * square,
                    linked_tie - linked_k * omega,
                    maximum(half - 0.25 * product, hw * hw * (1.0 - seen[t] * rho * rho)),
                    hw,
                    linked_k,
                    half - 0.125 * product,
                    0.5 * hw,
                    zero,
                    zero,
                )
            else:
                half = 0.5 * aa
                first = half - 0.5 * seen[t] * square
                row = (first, zero, half, zero, zero, half, zero, zero, zero)
            front, inverse, bend, tilt, third = eliminate(row, phi, front)
            keep_row(room, t, front, (inverse, bend, tilt, third))
        z_mu = load(z, normals + (last + 1) * LANES)
        mu, offset, log_weight = draw_level(front, square, level, mu_sd, z_mu)

        back = (zero, zero, zero)
        pivots, slopes, following = zero + 1.0, zero + 1.0, zero
        squares, logs = zero, zero
        over_sigma = 1.0 / sigma
        for t in range(last, -1, -1):
            z_t = load(z, normals + t * LANES)
            back, inverse, slope = draw_time(room, t, square, offset, z_t, back)
            pivots = pivots * inverse
            slopes = slopes * slope
            if t % _BLOCK == 0:
                logs = logs + 0.5 * log_lanes(pivots) + log_lanes(slopes)
                pivots, slopes = zero + 1.0, zero + 1.0
            h = load(states, path + t * LANES) + back[2] + back[0]
            store(states, path + t * LANES, h)
            q = h - mu
            a = seen[t] * (y[t] - mean) * exp_lanes(-0.5 * h)
            squares = squares + (z_t * z_t - seen[t] * h)
            if t < last:
                eta = (following - phi * q) * over_sigma
                residual = a - seen[t] * rho * eta
                linked_k = 1.0 + seen[t] * (k - 1.0)
                squares = squares - (linked_k * residual * residual + eta * eta)
            else:
                squares = squares - a * a
            following = q
        start = 1.0 - phi * phi
        first = following * over_sigma
        squares = squares - start * first * first + n_linked * log_lanes(k) + log_lanes(start)
        store(log_weights, g, log_weight + logs + 0.5 * squares + constant)
        store(mus, g, mu)


@dataclass(frozen=True)
class NormalLeverageObservations:
    """Observations with leverage and Gaussian errors; `seen` is 0 where one is missing, else 1."""

    y: Array
    seen: Array
    mu_sd: float

    def fit(self, natural: Array, start: Expansion | None) -> Expansion:
        """Return a Gaussian for the states."""
        theta = _theta(natural)
        mean, phi, sigma, rho = theta

        def expected(at: Expansion) -> Derivatives:
            return expected_derivatives(self.y, self.seen, theta, at)

        def at_point(at: Expansion) -> Derivatives:
            return expected(at.at_centre())

        start = constant_volatility(self.y, self.seen, mean) if start is None else start
        fisher = 0.5 * self.seen * (1.0 - 0.5 * rho**2) / (1.0 - rho**2)
        return settle(at_point, expected, start, phi, sigma, self.mu_sd, fisher)

    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the centre and the log variance."""
        return np.array([expansion.centre, np.log(expansion.variance)])

    def arrange(
        self, natural: Array, expansion: Expansion, values: Array, slopes: Array
    ) -> tuple[Any, ...]:
        """Return moments, E exp(-h / 2) and level of the expansion, and slopes of its moments."""
        amplitude = np.exp(0.125 * expansion.variance - 0.5 * expansion.centre)
        return (
            expansion.centre, expansion.variance, expansion.covariance, amplitude, expansion.level,
            slopes[0].copy(), slopes[1].copy(),
        )  # fmt: skip

    def propose(
        self, batch: Batch, rows: Array, approximation: Approximation, keep: float, fresh: float
    ) -> None:
        """Propose chains and weigh them, in place."""
        arguments: tuple[Any, ...] = (
            batch.bits, keep, fresh, batch.z, rows, self.mu_sd, self.y, self.seen,
            *approximation.arguments, batch.scratch, batch.states, batch.mu, batch.log_weights,
        )  # fmt: skip
        weigh_leverage(*arguments)


def _theta(natural: Array) -> tuple[float, float, float, float]:
    """Return mean, phi, sigma and rho."""
    mean, phi, sigma, rho = natural[[MEAN, PHI, SIGMA, RHO]].tolist()
    return mean, phi, sigma, rho
