"""The sweeps that propose a latent chain from observations tied to its next shock, and weigh it.

The term of time t in the log-density is a function of h_t and of
omega_t = h_{t+1} - mu - phi (h_t - mu) = sigma eta_t. Its derivatives are formed about a centre
that moves linearly with the parameters; the sweep forwards eliminates the Gaussian of those up to
the second, the sweep backwards draws each state given the next, as `transport` says.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, cast

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import log_lanes
from puffin.compiling.lanes import LANES, Lanes, align_stack, load, sqrt_lanes, store
from puffin.inference.latent_ar1.batch import SCRATCH, Batch
from puffin.inference.latent_ar1.coordinates import PHI, RHO, SIGMA
from puffin.inference.latent_ar1.measures import MeasureParts
from puffin.inference.latent_ar1.observations import Kernels, Series
from puffin.inference.latent_ar1.regressors import BY_REGRESSORS, RegressorParts
from puffin.inference.latent_ar1.transport import (
    Row,
    begin,
    draw_given_next,
    eliminate,
    hand_on,
    refresh,
    replace_of_h,
)

__all__ = ["LinkedStates", "Observed", "Sums", "linked_states_kernels"]

_BLOCK = 8
"""Slopes and pivots are multiplied over so many times before a logarithm is taken."""

Observed = tuple[Any, float, float]
"""Of one time: y, less what is explained; 1 where there is one, 1 where a shock is tied, else 0."""
Sums = tuple[Lanes, Lanes, Lanes]


class LinkedStates(NamedTuple):
    """The parts of a model of observations tied to the next shock.

    Attributes
    ----------
    prepare : (rows, n, g, tables, constants) -> (given, offsets)
        What is the same at all times, for eight proposals from flat index `g` of each of the rows,
        which are of length n, and how far their parameters are from the guide's. `constants`, shape
        (128, 8), is the model's to use.
    along : (base, slopes, t, offsets) -> eight floats
        Base plus the inner product of row t of the slopes with the offsets.
    term : (given, offsets, tables, observed, t, onward, (m, omega)) -> row
        The nine derivatives, times sigma^2, that `transport` asks for, the prior of omega_t
        included. m and omega are the centres of h_t and omega_t; `onward` is false at the last
        time, which has no omega_t.
    density : (given, sums, constants, observed, t, h, eta) -> sums
        Add log p(y_t | h_t, eta_t), without k^(1/2), to the first of three sums, which begin as 0,
        1 and 1; t falls to 0, where the first must be the log-likelihood.
    """

    prepare: Callable[..., tuple[object, object]]
    along: Callable[..., Lanes]
    term: Callable[..., Row]
    density: Callable[..., Sums]


class LinkedTables(Protocol):
    """What the sweep itself is told; a model's parts may be told more.

    Attributes
    ----------
    centre : ndarray of shape (n_times,)
        That of the expansion.
    centre_slopes : ndarray of shape (n_times, n_natural)
        Its derivatives in the coordinates.
    level : float
        Mean of mu.
    """

    centre: Array
    centre_slopes: Array
    level: float


def linked_states_kernels(
    name: str,
    parts: LinkedStates,
    by_regressors: tuple[RegressorParts, RegressorParts] = BY_REGRESSORS,
) -> Kernels:
    """Return the kernels of a model, cached under its name."""
    return Kernels(_weigh, name, parts, by_regressors)


PARTS, MEASURES, REGRESSORS = (
    cast(LinkedStates, None), cast(MeasureParts, None), cast(RegressorParts, None)
)  # fmt: skip
"""Those of the model whose kernel it is, of measures, and of regressors: see `Kernels`."""


def _weigh(batch: Batch, keep: float, fresh: float, rows: Array, series: Series, told: Any) -> None:
    """Propose a chain for each column of `rows`, and weigh it: see `single_states`."""
    align_stack()
    y, present, mu_sd, measures = series.y, series.present, series.mu_sd, series.measures
    regressors = series.regressors
    tables: LinkedTables = REGRESSORS.tables(told)
    z, scratch, states, constants = batch.z, batch.scratch, batch.states, batch.constants
    centre, centre_slopes, level = tables.centre, tables.centre_slopes, tables.level
    last, n = y.size - 1, batch.log_weights.size
    n_linked = 0.0
    for t in range(last):
        n_linked += present[t]
    for g in range(0, n, LANES):
        normals = (g // LANES) * z.shape[1] * LANES
        path = (g // LANES) * (last + 1) * LANES
        phi, sigma = load(rows, PHI * n + g), load(rows, SIGMA * n + g)
        rho = load(rows, RHO * n + g)
        refresh(batch.bits, keep, fresh, z, normals, z.shape[1])
        hand_on(z, normals, last + 2, constants)
        given, offsets = PARTS.prepare(rows, n, g, tables, constants)
        MEASURES.prepare(measures, rows, n, g, constants)
        square, over_sigma = sigma * sigma, 1.0 / sigma
        zero, one = phi * 0.0, phi * 0.0 + 1.0

        # A literal 0 would have the part compiled twice.
        m = PARTS.along(zero + centre[0], centre_slopes, np.intp(0), offsets)
        value, moved = REGRESSORS.at_centre(regressors, told, rows, n, g, np.intp(0), y[0])
        at = REGRESSORS.move(m, moved)
        q = at - level
        front = begin(phi, square, q, level, mu_sd)
        for t in range(last + 1):
            store(states, path + t * LANES, at)
            here, omega, onward = m, zero, t < last
            of_measures = REGRESSORS.add_log_variance(regressors, rows, n, g, t, at)
            observed = (value, present[t], present[t] if onward else 0.0)
            if onward:
                m = PARTS.along(zero + centre[t + 1], centre_slopes, t + 1, offsets)
                value, moved = REGRESSORS.at_centre(regressors, told, rows, n, g, t + 1, y[t + 1])
                at = REGRESSORS.move(m, moved)
                omega = at - level - phi * q
                q = at - level
            row = PARTS.term(given, offsets, tables, observed, t, onward, (here, omega))
            of_h = MEASURES.add_to_term(
                measures, constants, t, of_measures, square, (row[0], row[2])
            )
            front = eliminate(replace_of_h(row, of_h), phi, front, scratch, t)

        # mu less its centre, and log N(mu; 0, mu_sd^2) less the log-density of the draw.
        normal = load(z, normals + (last + 1) * LANES)
        gain, variance = front[7], square / front[8]
        offset = gain / front[8] + sqrt_lanes(variance) * normal
        mu = level + offset
        store(batch.mu, g, mu)
        standard = mu * (1.0 / mu_sd)
        squares = normal * normal - standard * standard + log_lanes(variance)
        log_weight = zero - math.log(mu_sd)

        # Backwards: u and its variance, and its mean less the centre, of the time after.
        u, spread, shift, following = zero, zero, zero, zero
        pivots, slopes, sums = one, one, (zero, one, one)
        for t in range(last, -1, -1):
            normal = load(z, normals + t * LANES)
            at = t * SCRATCH * LANES
            pivot, r = load(scratch, at), load(scratch, at + 4 * LANES)
            bend, tilt = load(scratch, at + LANES), load(scratch, at + 2 * LANES)
            third, variance = load(scratch, at + 3 * LANES), square * pivot
            u, slope = draw_given_next(normal, u, spread, (pivot, variance), (r, bend, tilt, third))
            spread = variance + r * r * spread
            pull = load(scratch, at + 5 * LANES) + offset * load(scratch, at + 6 * LANES)
            shift = r * shift + pivot * pull
            pivots, slopes = pivots * pivot, slopes * slope
            if t % _BLOCK == 0:
                log_weight = log_weight + 0.5 * log_lanes(pivots) + log_lanes(slopes)
                pivots = slopes = one
            h = load(states, path + t * LANES) + shift + u
            store(states, path + t * LANES, h)
            q, eta = h - mu, zero
            if t < last:
                eta = (following - phi * q) * over_sigma
            following = q
            squares = squares + (normal * normal - eta * eta)
            value = REGRESSORS.observation(regressors, rows, n, g, t, y[t])
            observed = (value, present[t], present[t] if t < last else 0.0)
            sums = PARTS.density(given, sums, constants, observed, t, h, eta)
            h = REGRESSORS.add_log_variance(regressors, rows, n, g, t, h)
            log_weight = MEASURES.add_to_density(measures, constants, t, h, log_weight)
        start = 1.0 - phi * phi
        first = following * over_sigma
        squares = squares - start * first * first + log_lanes(start)
        squares = squares - n_linked * log_lanes(1.0 - rho * rho)
        store(batch.log_weights, g, log_weight + 0.5 * squares + sums[0])
