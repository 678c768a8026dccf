r"""Student-t errors of unit variance: :math:`y_t - \text{mean} = e^{h_t/2} \sqrt{\tau_t} e_t`.

With :math:`\tau_t \sim IG(\nu/2, (\nu - 2)/2)` integrated out, and
:math:`w_t = (y_t - \text{mean})^2 e^{-h_t} / (\nu - 2)`, the log-density is
:math:`-h_t/2 - \frac{\nu+1}{2} \log(1 + w_t)` up to a constant, and its derivatives in
:math:`h_t`, with :math:`\pi_t = w_t / (1 + w_t)`,

.. math::

    -\tfrac12 + \tfrac{\nu+1}{2} \pi, \qquad
    -\tfrac{\nu+1}{2} \pi (1 - \pi), \qquad
    \tfrac{\nu+1}{2} \pi (1 - \pi) (1 - 2 \pi).

Their expectations under :math:`h_t \sim N(m, v)` are Gauss-Hermite sums over three nodes: exact
ones are not needed for a proposal, and positive weights keep the curvature positive.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from puffin.arrays import Array
from puffin.compiling.kernels import kernel, part
from puffin.compiling.lanes import LANES, Lanes, exp_lanes, load, log_lanes, store
from puffin.inference.latent_ar1.approximation import Approximation
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, NU, OFFSET, PHI, SIGMA
from puffin.inference.latent_ar1.expansion import (
    Derivatives,
    Expansion,
    constant_volatility,
    settle,
)
from puffin.inference.latent_ar1.sweeps import (
    draw_backwards,
    draw_level,
    eliminate_forwards,
    log_weight,
    offsets_of_chain,
    respond,
)
from puffin.inference.latent_ar1.transport import approximate_exp, refresh

__all__ = ["expected_derivatives", "node_scales", "weigh_student_t"]

_NODES = (-math.sqrt(3.0), 0.0, math.sqrt(3.0))
_PRODUCT = 8


def node_scales(mean: Array, variance: Array) -> Array:
    """Return exp(-h) at the quadrature's three nodes: shape (3, n_times)."""
    return np.array([np.exp(-mean - node * np.sqrt(variance)) for node in _NODES])


def expected_derivatives(
    y: Array, seen: Array, mean: Array, variance: Array, level: float, nu: float
) -> tuple[Array, Array]:
    """Return gradient and minus the second derivative, expected under h ~ N(mean, variance)."""
    odds = seen * (y - level) ** 2 * node_scales(mean, variance) / (nu - 2.0)
    fraction = odds / (1.0 + odds)
    weights = np.array([1.0, 4.0, 1.0]) / 6.0 * 0.5 * (nu + 1.0)
    return weights @ fraction - 0.5 * seen, weights @ (fraction * (1.0 - fraction))


@kernel
def weigh_student_t(
    bits: NDArray[np.uint64],
    keep: float,
    fresh: float,
    z: Array,
    natural: Array,
    constants: Array,
    mu_sd: float,
    y: Array,
    seen: Array,
    centre: Array,
    scales: Array,
    slopes: Array,
    room: Array,
    states: Array,
    mu_out: Array,
    log_weights: Array,
) -> None:
    """Propose a chain for each column of `natural`, and weigh it: see `weigh_normal`.

    Parameters
    ----------
    natural : ndarray of shape (n_parameters, 8 n_groups)
        See `Coordinates.rows`.
    constants : ndarray of shape (8 n_groups,)
        Log of the constant of the density, for each nu.
    centre : ndarray of shape (n_times,)
        Means of the states under which derivatives are expected.
    scales : ndarray of shape (3, n_times)
        `node_scales` of their moments.
    slopes : ndarray of shape (n_times, 5)
        Derivatives of the centre in the coordinates.
    """
    last, count = y.size - 1, log_weights.size
    n_seen = 0.0
    for t in range(last + 1):
        n_seen += seen[t]
    for group in range(count // LANES):
        lanes, path = group * LANES, group * (last + 1) * LANES
        normals = group * (last + 2) * LANES
        refresh(bits, keep, fresh, z, normals, last + 2)
        level, phi = load(natural, MEAN * count + lanes), load(natural, PHI * count + lanes)
        sigma, nu = load(natural, SIGMA * count + lanes), load(natural, NU * count + lanes)
        offsets = offsets_of_chain(natural, count, lanes)
        chain, zero, one = (phi, sigma * sigma), phi * 0.0, phi * 0.0 + 1.0
        offset_nu = load(natural, (OFFSET + NU) * count + lanes)
        excess, half = nu - 2.0, 0.5 * (nu + 1.0)

        front = (zero, zero, zero, zero, zero, zero, zero, zero)
        for t in range(last + 1):
            moved = respond(slopes, t, offsets) + slopes[t, NU] * offset_nu
            error = seen[t] * (y[t] - level)
            square_error = error * error * approximate_exp(-moved)
            g, c, third = _coefficients(square_error, excess, half, scales, t)
            b = g - 0.5 * seen[t] + c * (centre[t] + moved)
            front = eliminate_forwards(t, last, (b, c, third), chain, front, room)
        z_mu = load(z, normals + (last + 1) * LANES)
        mu, log_level = draw_level(front, chain[1], mu_sd, z_mu)

        back = (zero, zero, zero, zero, one, one, zero, zero)
        squares, total, product, logs = zero, zero, one, zero
        inverse_excess = 1.0 / excess
        for t in range(last, -1, -1):
            normal = load(z, normals + t * LANES)
            squares = squares + normal * normal
            back = draw_backwards(t, last, chain, (mu, normal), back, room)
            h = mu + back[3]
            store(states, path + t * LANES, h)
            error = seen[t] * (y[t] - level)
            total = total + seen[t] * h
            product = product * (1.0 + error * error * inverse_excess * exp_lanes(-h))
            if t % _PRODUCT == 0:
                logs = logs + log_lanes(product)
                product = one
        log_likelihood = n_seen * load(constants, lanes) - 0.5 * total - half * logs
        store(mu_out, lanes, mu)
        weight = log_weight(chain, back, squares, log_likelihood, log_level)
        store(log_weights, lanes, weight)


@part
def _coefficients(
    square: Lanes, excess: Lanes, half: Lanes, scales: Array, t: int
) -> tuple[Lanes, Lanes, Lanes]:
    """Return the sums over nodes of pi, pi (1 - pi) and pi (1 - pi) (1 - 2 pi)."""
    # 1 - pi at each node, by one division for the three.
    low, middle, high = (
        excess + square * scales[0, t],
        excess + square * scales[1, t],
        excess + square * scales[2, t],
    )
    inverse = excess / (low * middle * high)
    rest_low, rest_middle, rest_high = (
        inverse * middle * high,
        inverse * low * high,
        inverse * low * middle,
    )
    first_low, first_middle, first_high = 1.0 - rest_low, 1.0 - rest_middle, 1.0 - rest_high
    second_low = first_low * rest_low
    second_middle = 4.0 * first_middle * rest_middle
    second_high = first_high * rest_high
    g = half * (1.0 / 6.0) * (first_low + 4.0 * first_middle + first_high)
    c = half * (1.0 / 6.0) * (second_low + second_middle + second_high)
    third = (
        half
        * (1.0 / 6.0)
        * (
            second_low * (rest_low - first_low)
            + second_middle * (rest_middle - first_middle)
            + second_high * (rest_high - first_high)
        )
    )
    return g, c, third


@dataclass(frozen=True)
class StudentTObservations:
    """Observations with Student-t errors; `seen` is 0 where one is missing, else 1."""

    y: Array
    seen: Array
    mu_sd: float

    def fit(self, natural: Array, start: Expansion | None) -> Expansion:
        """Return a Gaussian for the states."""
        level, phi, sigma, nu = natural[[MEAN, PHI, SIGMA, NU]].tolist()

        def expected(at: Expansion) -> Derivatives:
            h, hh = expected_derivatives(self.y, self.seen, at.centre, at.variance, level, nu)
            return Derivatives.of_states(h, hh, at, phi, sigma)

        def at_point(at: Expansion) -> Derivatives:
            return expected(at.at_centre())

        start = constant_volatility(self.y, self.seen, level) if start is None else start
        return settle(at_point, expected, start, phi, sigma, self.mu_sd, 0.25 * self.seen)

    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the centre."""
        return expansion.centre[None]

    def arrange(
        self, natural: Array, expansion: Expansion, values: Array, slopes: Array
    ) -> tuple[Any, ...]:
        """Return the centre, exp(-h) at the quadrature's nodes, and the centre's slopes."""
        return values[0].copy(), node_scales(values[0], expansion.variance), slopes[0].copy()

    def propose(
        self, batch: Batch, rows: Array, approximation: Approximation, keep: float, fresh: float
    ) -> None:
        """Propose chains and weigh them, in place."""
        arguments: tuple[Any, ...] = (
            batch.bits, keep, fresh, batch.z, rows, _log_constant(rows[NU]), self.mu_sd, self.y,
            self.seen, *approximation.arguments, batch.scratch, batch.states, batch.mu,
            batch.log_weights,
        )  # fmt: skip
        weigh_student_t(*arguments)


def _log_constant(nu: Array) -> Array:
    """Return the logarithm of the density of a unit-variance Student-t at 0."""
    return np.asarray(
        gammaln(0.5 * (nu + 1.0)) - gammaln(0.5 * nu) - 0.5 * np.log(math.pi * (nu - 2.0))
    )
