r"""Gaussian errors: :math:`y_t \sim N(\text{mean}, e^{h_t})`.

With :math:`a_t = (y_t - \text{mean}) e^{-h_t/2}` the log-density :math:`-h_t/2 - a_t^2/2` has the
derivatives :math:`-1/2 + a_t^2/2`, :math:`-a_t^2/2`, :math:`a_t^2/2` in :math:`h_t`, whose
expectations under :math:`h_t \sim N(m, v)` follow from :math:`E e^{-h} = e^{-m + v/2}`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, exp_lanes, load, store
from puffin.inference.latent_ar1.approximation import Approximation
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, SIGMA
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

__all__ = ["expected_derivatives", "weigh_normal"]


def expected_derivatives(
    y: Array, seen: Array, mean: Array, variance: Array, level: float
) -> tuple[Array, Array]:
    """Return gradient and minus the second derivative, expected under h ~ N(mean, variance)."""
    half = 0.5 * seen * (y - level) ** 2 * np.exp(-mean + 0.5 * variance)
    return half - 0.5 * seen, half


@kernel
def weigh_normal(
    bits: NDArray[np.uint64],
    keep: float,
    fresh: float,
    z: Array,
    natural: Array,
    mu_sd: float,
    y: Array,
    seen: Array,
    centre: Array,
    scale: Array,
    centre_slopes: Array,
    scale_slopes: Array,
    room: Array,
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
        See `Coordinates.rows`.
    mu_sd : float
        Of the prior of mu.
    y, seen : ndarray of shape (n_times,)
        Observations; 1 where there is one, else 0.
    centre, scale : ndarray of shape (n_times,)
        Derivatives are those expected under h_t ~ N(centre, v); scale is E exp(-h_t).
    centre_slopes, scale_slopes : ndarray of shape (n_times, 5)
        Derivatives of centre and log scale in the coordinates.
    room : ndarray of shape (n_scratch, n_times, 8)
        Scratch.
    states : ndarray of shape (n_groups, n_times, 8)
        Takes h.
    mu_out, log_weights : ndarray of shape (8 n_groups,)
        Take mu, and log p(y, h, mu | parameters) - log q(h, mu | parameters).
    """
    last, count = y.size - 1, log_weights.size
    n_seen = 0.0
    for t in range(last + 1):
        n_seen += seen[t]
    constant = -0.5 * n_seen * math.log(2.0 * math.pi)
    for group in range(count // LANES):
        lanes, path = group * LANES, group * (last + 1) * LANES
        normals = group * (last + 2) * LANES
        refresh(bits, keep, fresh, z, normals, last + 2)
        level, phi = load(natural, MEAN * count + lanes), load(natural, PHI * count + lanes)
        sigma = load(natural, SIGMA * count + lanes)
        offsets = offsets_of_chain(natural, count, lanes)
        chain, zero = (phi, sigma * sigma), phi * 0.0

        front = (zero, zero, zero, zero, zero, zero, zero, zero)
        for t in range(last + 1):
            error = seen[t] * (y[t] - level)
            rescaled = approximate_exp(respond(scale_slopes, t, offsets))
            c = (0.5 * scale[t]) * error * error * rescaled
            b = c * ((1.0 + centre[t]) + respond(centre_slopes, t, offsets)) - 0.5 * seen[t]
            front = eliminate_forwards(t, last, (b, c, c), chain, front, room)
        z_mu = load(z, normals + (last + 1) * LANES)
        mu, log_level = draw_level(front, chain[1], mu_sd, z_mu)

        back = (zero, zero, zero, zero, zero + 1.0, zero + 1.0, zero, zero)
        squares, deviance = zero, zero
        for t in range(last, -1, -1):
            normal = load(z, normals + t * LANES)
            squares = squares + normal * normal
            back = draw_backwards(t, last, chain, (mu, normal), back, room)
            h = mu + back[3]
            store(states, path + t * LANES, h)
            error = seen[t] * (y[t] - level)
            deviance = deviance + seen[t] * h + error * error * exp_lanes(-h)
        log_likelihood = constant - 0.5 * deviance
        store(mu_out, lanes, mu)
        weight = log_weight(chain, back, squares, log_likelihood, log_level)
        store(log_weights, lanes, weight)


@dataclass(frozen=True)
class NormalObservations:
    """Observations with Gaussian errors; `seen` is 0 where one is missing, else 1."""

    y: Array
    seen: Array
    mu_sd: float

    def fit(self, natural: Array, start: Expansion | None) -> Expansion:
        """Return a Gaussian for the states."""
        level, phi, sigma = natural[[MEAN, PHI, SIGMA]].tolist()

        def expected(at: Expansion) -> Derivatives:
            h, hh = expected_derivatives(self.y, self.seen, at.centre, at.variance, level)
            return Derivatives.of_states(h, hh, at, phi, sigma)

        def at_point(at: Expansion) -> Derivatives:
            return expected(at.at_centre())

        start = constant_volatility(self.y, self.seen, level) if start is None else start
        return settle(at_point, expected, start, phi, sigma, self.mu_sd, 0.5 * self.seen)

    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the centre, and the logarithm of E exp(-h)."""
        return np.array([expansion.centre, 0.5 * expansion.variance - expansion.centre])

    def arrange(
        self, natural: Array, expansion: Expansion, values: Array, slopes: Array
    ) -> tuple[Any, ...]:
        """Return centre and scale, and their slopes."""
        return values[0].copy(), np.exp(values[1]), slopes[0].copy(), slopes[1].copy()

    def propose(
        self, batch: Batch, rows: Array, approximation: Approximation, keep: float, fresh: float
    ) -> None:
        """Propose chains and weigh them, in place."""
        arguments: tuple[Any, ...] = (
            batch.bits, keep, fresh, batch.z, rows, self.mu_sd, self.y, self.seen,
            *approximation.arguments, batch.scratch, batch.states, batch.mu, batch.log_weights,
        )  # fmt: skip
        weigh_normal(*arguments)
