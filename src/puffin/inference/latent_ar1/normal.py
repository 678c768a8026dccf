r"""Gaussian errors: :math:`y_t \sim N(\text{mean}, e^{h_t})`.

With :math:`a_t = (y_t - \text{mean}) e^{-h_t/2}` the log-density :math:`-h_t/2 - a_t^2/2` has the
derivatives :math:`-1/2 + a_t^2/2`, :math:`-a_t^2/2`, :math:`a_t^2/2` in :math:`h_t`, whose
expectations under :math:`h_t \sim N(m, v)` follow from :math:`E e^{-h} = e^{-m + v/2}`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.compiling import kernel, part
from puffin.inference.lanes import LANES, Lanes, exp_lanes, load, store
from puffin.inference.latent_ar1.approximation import Approximation
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, OFFSET, PHI, SIGMA
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

__all__ = ["expected_derivatives", "weigh_normal"]


def expected_derivatives(
    y: Array, seen: Array, mean: Array, variance: Array, level: float
) -> tuple[Array, Array]:
    """Return gradient and minus the second derivative, expected under h ~ N(mean, variance)."""
    half = 0.5 * seen * (y - level) ** 2 * np.exp(-mean + 0.5 * variance)
    return half - 0.5 * seen, half


@kernel
def weigh_normal(
    bits: Array,
    keep: float,
    fresh: float,
    z: Array,
    natural: Array,
    mu_sd: float,
    y: Array,
    seen: Array,
    centre: Array,
    scale: Array,
    spread: Array,
    centre_slopes: Array,
    scale_slopes: Array,
    inverse: Array,
    deviation: Array,
    shift: Array,
    states: Array,
    mu_out: Array,
    log_weights: Array,
) -> None:
    """Propose a chain for each column of `natural`, and weigh it.

    Parameters
    ----------
    bits : ndarray of uint64 of shape (4, 8)
        State of the random generators.
    keep, fresh : float
        The normals z are replaced by keep z + fresh xi.
    z : ndarray of shape (n_groups, n_times + 1, 8)
    natural : ndarray of shape (n_parameters, 8 n_groups)
        Rows mean, phi, sigma.
    mu_sd : float
        Of the prior of mu.
    y, seen : ndarray of shape (n_times,)
        Observations; 1 where there is one, else 0.
    centre, scale, spread : ndarray of shape (n_times,)
        The Gaussian is that of the observations' derivatives expected under h_t ~ N(centre, v):
        scale is exp(-centre + v / 2), spread E s(u) / c.
    inverse, deviation, shift : ndarray of shape (n_times, 8)
        Scratch.
    states : ndarray of shape (n_groups, n_times, 8)
        Takes h.
    mu_out, log_weights : ndarray of shape (8 n_groups,)
        Take mu, and log p(y, h, mu | parameters) - log q(h, mu | parameters).
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
        sigma = load(natural, 2 * count + lanes)
        square, zero, one = sigma * sigma, phi * 0.0, phi * 0.0 + 1.0
        offsets = (
            load(natural, (OFFSET + MEAN) * count + lanes),
            load(natural, (OFFSET + PHI) * count + lanes),
            load(natural, (OFFSET + SIGMA) * count + lanes),
        )

        front = (zero, zero, zero, zero, zero, zero, zero)
        for t in range(T):
            b, c = _coefficients(
                seen[t] * (y[t] - level),
                seen[t],
                centre[t] + respond(offsets, centre_slopes, t),
                scale[t] * roughly_exp(respond(offsets, scale_slopes, t)),
            )
            row = (b, c, inner_diagonal(t, T - 1, phi))
            front = eliminate_forwards(row, (phi, square), front)
            store(inverse, t * LANES, front[0])
        mu, log_level = draw_level(front, square, mu_sd, load(z, normals + T * LANES))

        back = (zero, zero, zero, zero, one, one, zero, zero)
        for t in range(T - 1, -1, -1):
            b, c = _coefficients(
                seen[t] * (y[t] - level),
                seen[t],
                centre[t] + respond(offsets, centre_slopes, t),
                scale[t] * roughly_exp(respond(offsets, scale_slopes, t)),
            )
            row = (b - c * (mu + spread[t]), c, one, inner_diagonal(t, T - 1, phi))
            drawn = (load(inverse, t * LANES), load(z, normals + t * LANES))
            back = draw_backwards(t, row, (phi, sigma, square), drawn, back)
            store(deviation, t * LANES, back[0])
            store(shift, t * LANES, back[1])
            store(inverse, t * LANES, back[2])

        path_state, deviance = (zero, zero, zero), zero
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
            deviance = deviance + seen[t] * h + error * error * exp_lanes(-h)
        log_likelihood = -0.5 * (deviance + n_seen * math.log(2.0 * math.pi))
        weight = log_weight(phi, square, path_state[2], log_likelihood, back, log_level)
        store(mu_out, lanes, mu)
        store(log_weights, lanes, weight)


@part
def _coefficients(error: Lanes, seen: float, centre: Lanes, scale: Lanes) -> tuple[Lanes, Lanes]:
    """Return b and c, the expected log-density's being b h - c h^2 / 2."""
    c = 0.5 * scale * error * error
    return c * (1.0 + centre) - 0.5 * seen, c


@dataclass(frozen=True)
class NormalObservations:
    """Observations with Gaussian errors; `seen` is 0 where one is missing, else 1."""

    y: Array
    seen: Array
    mu_sd: float

    def fit(self, natural: Array, start: Array) -> tuple[Array, Array]:
        """Return means and variances of a Gaussian for the states."""

        def derivatives(mean: Array, variance: Array) -> tuple[Array, Array]:
            return expected_derivatives(self.y, self.seen, mean, variance, natural[MEAN])

        return fit_gaussian(derivatives, natural[PHI], natural[SIGMA], self.mu_sd, start)

    def propose(
        self, batch: Batch, rows: Array, approximation: Approximation, keep: float, fresh: float
    ) -> None:
        """Propose chains and weigh them, in place."""
        mean, variance = approximation.mean, approximation.variance
        spread = variance / 3.0 / (1.0 + np.sqrt(1.0 + variance / 9.0))
        weigh_normal(
            batch.bits, keep, fresh, batch.z, rows, self.mu_sd, self.y, self.seen, mean,
            np.exp(-mean + 0.5 * variance), spread, approximation.mean_slopes,
            0.5 * approximation.variance_slopes - approximation.mean_slopes,
            *batch.scratch[:3], batch.states, batch.mu, batch.log_weights,
        )  # fmt: skip
