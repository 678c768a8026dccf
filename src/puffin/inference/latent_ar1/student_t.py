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

import numpy as np
from scipy.special import gammaln

from puffin.inference.arrays import Array
from puffin.inference.compiling import kernel, part
from puffin.inference.lanes import LANES, Lanes, exp_lanes, load, log_lanes, store
from puffin.inference.latent_ar1.approximation import Approximation
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, NU, OFFSET, PHI, SIGMA
from puffin.inference.latent_ar1.gaussian import fit_gaussian
from puffin.inference.latent_ar1.sweeps import (
    draw_backwards,
    draw_level,
    eliminate_forwards,
    inner_diagonal,
    log_weight,
    mix_normals,
    respond,
    roughly_exp,
    solve_forwards,
)

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
    bits: Array,
    keep: float,
    fresh: float,
    z: Array,
    natural: Array,
    constants: Array,
    mu_sd: float,
    y: Array,
    seen: Array,
    centre: Array,
    variance: Array,
    scales: Array,
    slopes: Array,
    inverse: Array,
    deviation: Array,
    shift: Array,
    states: Array,
    mu_out: Array,
    log_weights: Array,
) -> None:
    """Propose a chain for each column of `natural`, and weigh it: see `weigh_normal`.

    Parameters
    ----------
    natural : ndarray of shape (n_parameters, 8 n_groups)
        Rows mean, phi, sigma, nu.
    constants : ndarray of shape (8 n_groups,)
        Log of the constant of the density, for each nu.
    centre, variance : ndarray of shape (n_times,)
        Moments of the states under which derivatives are expected.
    scales : ndarray of shape (3, n_times)
        `node_scales` of these moments.
    """
    T, count = y.size, log_weights.size
    n_seen = 0.0
    for t in range(T):
        n_seen += seen[t]
    for group in range(count // LANES):
        lanes, normals, path = group * LANES, group * (T + 1) * LANES, group * T * LANES
        if fresh > 0.0:
            mix_normals(bits, keep, fresh, z, normals, T + 1)
        level, phi = load(natural, lanes), load(natural, count + lanes)
        sigma, nu = load(natural, 2 * count + lanes), load(natural, 3 * count + lanes)
        square, zero, one = sigma * sigma, phi * 0.0, phi * 0.0 + 1.0
        excess, half = nu - 2.0, 0.5 * (nu + 1.0)
        offsets = (
            load(natural, (OFFSET + MEAN) * count + lanes),
            load(natural, (OFFSET + PHI) * count + lanes),
            load(natural, (OFFSET + SIGMA) * count + lanes),
        )
        offset_nu = load(natural, (OFFSET + NU) * count + lanes)

        front = (zero, zero, zero, zero, zero, zero, zero)
        for t in range(T):
            moved = respond(offsets, slopes, t) + offset_nu * slopes[NU, t]
            error = seen[t] * (y[t] - level)
            square_error = error * error * roughly_exp(-moved)
            g, c, _ = _coefficients(square_error, excess, half, scales, t)
            row = (
                g - 0.5 * seen[t] + c * (centre[t] + moved),
                c,
                inner_diagonal(t, T - 1, phi),
            )
            front = eliminate_forwards(row, (phi, square), front)
            store(inverse, t * LANES, front[0])
        mu, log_level = draw_level(front, square, mu_sd, load(z, normals + T * LANES))

        back = (zero, zero, zero, zero, one, one, zero, zero)
        for t in range(T - 1, -1, -1):
            moved = respond(offsets, slopes, t) + offset_nu * slopes[NU, t]
            error = seen[t] * (y[t] - level)
            square_error = error * error * roughly_exp(-moved)
            g, c, third = _coefficients(square_error, excess, half, scales, t)
            row = (
                g - 0.5 * seen[t] + c * (centre[t] + moved - mu) - third * (variance[t] / 6.0),
                c,
                third / (c + 1e-300),
                inner_diagonal(t, T - 1, phi),
            )
            drawn = (load(inverse, t * LANES), load(z, normals + t * LANES))
            back = draw_backwards(t, row, (phi, sigma, square), drawn, back)
            store(deviation, t * LANES, back[0])
            store(shift, t * LANES, back[1])
            store(inverse, t * LANES, back[2])

        path_state, total, product, logs = (zero, zero, zero), zero, one, zero
        for t in range(T):
            swept = (
                load(inverse, t * LANES),
                load(shift, t * LANES),
                load(deviation, t * LANES),
            )
            path_state = solve_forwards(t, (phi, square), swept, path_state)
            h = mu + path_state[1]
            store(states, path + t * LANES, h)
            error = seen[t] * (y[t] - level)
            total = total + seen[t] * h
            product = product * (1.0 + error * error * exp_lanes(-h) / excess)
            if t % _PRODUCT == 0 or t == T - 1:
                logs = logs + log_lanes(product)
                product = one
        log_likelihood = n_seen * load(constants, lanes) - 0.5 * total - half * logs
        weight = log_weight(phi, square, path_state[2], log_likelihood, back, log_level)
        store(mu_out, lanes, mu)
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

    def fit(self, natural: Array, start: Array) -> tuple[Array, Array]:
        """Return means and variances of a Gaussian for the states."""

        def derivatives(mean: Array, variance: Array) -> tuple[Array, Array]:
            return expected_derivatives(
                self.y, self.seen, mean, variance, natural[MEAN], natural[NU]
            )

        return fit_gaussian(derivatives, natural[PHI], natural[SIGMA], self.mu_sd, start)

    def propose(
        self, batch: Batch, rows: Array, approximation: Approximation, keep: float, fresh: float
    ) -> None:
        """Propose chains and weigh them, in place."""
        mean, variance = approximation.mean, approximation.variance
        weigh_student_t(
            batch.bits, keep, fresh, batch.z, rows, _log_constant(rows[NU]), self.mu_sd, self.y,
            self.seen, mean, variance, node_scales(mean, variance), approximation.mean_slopes,
            *batch.scratch[:3], batch.states, batch.mu, batch.log_weights,
        )  # fmt: skip


def _log_constant(nu: Array) -> Array:
    """Return the logarithm of the density of a unit-variance Student-t at 0."""
    return np.asarray(
        gammaln(0.5 * (nu + 1.0)) - gammaln(0.5 * nu) - 0.5 * np.log(math.pi * (nu - 2.0))
    )
