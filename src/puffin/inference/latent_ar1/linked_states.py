"""The sweeps that propose a latent chain from observations tied to its next shock, and weigh it.

The term of time t in the log-density is a function of h_t and of
omega_t = h_{t+1} - mu - phi (h_t - mu) = sigma eta_t. Its derivatives are formed about a centre
that moves linearly with the parameters; the sweep forwards eliminates the Gaussian of those up to
the second, the sweep backwards draws each state given the next, as `transport` says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, cast

from puffin.arrays import Array
from puffin.compiling.kernels import kernel_of
from puffin.compiling.lanes import LANES, Lanes, load, log_lanes, store
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import PHI, RHO, SIGMA
from puffin.inference.latent_ar1.observations import Series
from puffin.inference.latent_ar1.transport import (
    begin,
    draw_level,
    draw_time,
    eliminate,
    keep_row,
    refresh,
)

__all__ = ["LinkedStates", "Observed", "Sums", "linked_states_kernel"]

_BLOCK = 8
"""Slopes and pivots are multiplied over so many times before a logarithm is taken."""

Observed = tuple[float, float, float]
"""Of one time: y; 1 where there is one, else 0; 1 where it is tied to a shock, else 0."""
Sums = tuple[Lanes, Lanes, Lanes, Lanes]


class LinkedStates(NamedTuple):
    """The parts of a model of observations tied to the next shock.

    Attributes
    ----------
    prepare : (rows, n, g, tables, constants) -> (given, offsets)
        What is the same at all times, for eight proposals from flat index `g` of each of the rows,
        which are of length n, and how far their parameters are from the guide's. `constants`, shape
        (16, 8), is the model's to use.
    along : (base, slopes, t, offsets) -> eight floats
        Base plus the inner product of row t of the slopes with the offsets.
    term : (given, offsets, tables, observed, t, onward, (m, omega)) -> row
        The nine derivatives, times sigma^2, that `transport` asks for, the prior of omega_t
        included. m and omega are the centres of h_t and omega_t; `onward` is false at the last
        time, which has no omega_t.
    density : (given, sums, constants, observed, t, h, eta) -> sums
        Add log p(y_t | h_t, eta_t), without k^(1/2), to four sums, which begin as 0, 1, 1 and 0;
        t falls to 0.
    total : (given, sums, n_seen) -> eight floats
        The log-likelihood that they amount to.
    """

    prepare: Callable[..., Any]
    along: Callable[..., Any]
    term: Callable[..., Any]
    density: Callable[..., Any]
    total: Callable[..., Any]


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


def linked_states_kernel(name: str, parts: LinkedStates) -> Callable[..., None]:
    """Return the kernel of a model, cached under its name."""
    return kernel_of(_weigh, name, PARTS=parts)


PARTS = cast(LinkedStates, None)
"""Those of the model whose kernel it is: see `kernel_of`."""


def _weigh(
    batch: Batch, keep: float, fresh: float, rows: Array, series: Series, tables: LinkedTables
) -> None:
    """Propose a chain for each column of `rows`, and weigh it: see `single_states`."""
    y, seen, mu_sd = series.y, series.seen, series.mu_sd
    z, room, states, constants = batch.z, batch.scratch, batch.states, batch.constants
    centre, centre_slopes, level = tables.centre, tables.centre_slopes, tables.level
    last, n = y.size - 1, batch.log_weights.size
    n_linked = 0.0
    for t in range(last):
        n_linked += seen[t]
    for g in range(0, n, LANES):
        normals = (g // LANES) * (last + 2) * LANES
        path = (g // LANES) * (last + 1) * LANES
        phi, sigma = load(rows, PHI * n + g), load(rows, SIGMA * n + g)
        rho = load(rows, RHO * n + g)
        given, offsets = PARTS.prepare(rows, n, g, tables, constants)
        square, over_sigma = sigma * sigma, 1.0 / sigma
        zero, one = phi * 0.0, phi * 0.0 + 1.0
        refresh(batch.bits, keep, fresh, z, normals, last + 2)

        m = PARTS.along(zero + centre[0], centre_slopes, 0, offsets)
        q = m - level
        front = begin(phi, square, q, level, mu_sd)
        for t in range(last + 1):
            store(states, path + t * LANES, m)
            here, omega, onward = m, zero, t < last
            if onward:
                m = PARTS.along(zero + centre[t + 1], centre_slopes, t + 1, offsets)
                omega = m - level - phi * q
                q = m - level
            observed = (y[t], seen[t], seen[t] if onward else 0.0)
            row = PARTS.term(given, offsets, tables, observed, t, onward, (here, omega))
            front, inverse, bend, tilt, third = eliminate(row, phi, front)
            keep_row(room, t, front, (inverse, bend, tilt, third))
        z_mu = load(z, normals + (last + 1) * LANES)
        mu, offset, log_weight = draw_level(front, square, level, mu_sd, z_mu)

        back, sums = (zero, zero, zero), (zero, one, one, zero)
        pivots, slopes, following, squares, logs = one, one, zero, zero, zero
        for t in range(last, -1, -1):
            z_t = load(z, normals + t * LANES)
            back, inverse, slope = draw_time(room, t, square, offset, z_t, back)
            pivots = pivots * inverse
            slopes = slopes * slope
            if t % _BLOCK == 0:
                logs = logs + 0.5 * log_lanes(pivots) + log_lanes(slopes)
                pivots, slopes = one, one
            h = load(states, path + t * LANES) + back[2] + back[0]
            store(states, path + t * LANES, h)
            q, eta = h - mu, zero
            if t < last:
                eta = (following - phi * q) * over_sigma
            following = q
            squares = squares + (z_t * z_t - eta * eta)
            observed = (y[t], seen[t], seen[t] if t < last else 0.0)
            sums = PARTS.density(given, sums, constants, observed, t, h, eta)
        start = 1.0 - phi * phi
        first = following * over_sigma
        squares = squares - start * first * first + log_lanes(start)
        squares = squares - n_linked * log_lanes(1.0 - rho * rho)
        log_likelihood = PARTS.total(given, sums, n_linked + seen[last])
        store(batch.log_weights, g, log_weight + logs + 0.5 * squares + log_likelihood)
        store(batch.mu, g, mu)
