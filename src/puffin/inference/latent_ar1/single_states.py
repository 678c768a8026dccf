r"""The sweeps that propose a latent chain from observations of single states, and weigh it.

About the Gaussian approximation, each observation's log-density is b h - c h^2 / 2 + third
(h - m)^3 / 6, expectations under that Gaussian being meant. With q = h - mu and the prior's
precision Q, a stationary AR(1)'s, q given mu is then N(P^{-1} (b - c mu), P^{-1}), P = Q + diag(c),
and mu has a Gaussian of its own. The sweep forwards eliminates P, with both right-hand sides, and
hands the third derivatives on; the sweep backwards draws each state given the next, as `transport`
says, and weighs it.

Everything is multiplied by sigma^2, so that nothing is large where the chain hardly moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from puffin.arrays import Array
from puffin.compiling.kernels import kernel_of, part
from puffin.compiling.lanes import LANES, Lanes, load, log_lanes, sqrt_lanes, store
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, SIGMA
from puffin.inference.latent_ar1.observations import Series
from puffin.inference.latent_ar1.transport import draw_given_next, refresh

__all__ = ["SingleStates", "offsets_of_chain", "respond", "single_states_kernel"]

_ROOM = 4
_RENORMALISE = 8

Vectors = tuple[Lanes, ...]


class SingleStates(NamedTuple):
    """The parts of a model of observations of single states.

    Attributes
    ----------
    prepare : (rows, count, lanes) -> given
        What is the same at all times, for eight proposals from flat index `lanes` of each of the
        rows, which are of length `count`. Its type is the model's own.
    term : (given, tables, y, seen, t) -> (b, c, third)
        See above.
    density : (given, sums, h, y, seen, t) -> sums
        Add one time's log-density to three sums, which begin as 0, 1 and 0; t falls to 0.
    total : (given, sums, n_seen) -> eight floats
        The log-likelihood that they amount to.
    """

    prepare: Callable[..., Any]
    term: Callable[..., Any]
    density: Callable[..., Any]
    total: Callable[..., Any]


def single_states_kernel(name: str, parts: SingleStates) -> Callable[..., None]:
    """Return the kernel of a model, cached under its name."""
    return kernel_of(_weigh, name, PARTS=parts)


PARTS = cast(SingleStates, None)
"""Those of the model whose kernel it is: see `kernel_of`."""


def _weigh(
    batch: Batch, keep: float, fresh: float, rows: Array, series: Series, tables: Any
) -> None:
    """Propose a chain for each column of `rows`, and weigh it.

    The weight is exact: log p(y, h | mu, theta) + log N(mu; 0, mu_sd^2) - log q(h, mu | theta),
    with every constant, so that the mean of its exponential over draws estimates p(y | theta).

    Parameters
    ----------
    keep, fresh : float
        The normals become keep z + fresh N(0, 1): 0 and 1 for independent draws, 1 and 0 to repeat
        those in `z`, cosine and sine of an angle for a local move.
    rows : ndarray of shape (2, n_natural, batch.size)
        Natural parameters of each proposal and how far they are from the guide's: see
        `Coordinates.rows`. Only the proposal depends on the latter.
    tables : named tuple
        What the model's `arrange` returns.
    """
    y, seen, mu_sd = series.y, series.seen, series.mu_sd
    z, room, states = batch.z, batch.scratch, batch.states
    last, count = y.size - 1, batch.log_weights.size
    n_seen = 0.0
    for t in range(last + 1):
        n_seen += seen[t]
    for group in range(count // LANES):
        lanes, path = group * LANES, group * (last + 1) * LANES
        normals = group * (last + 2) * LANES
        refresh(batch.bits, keep, fresh, z, normals, last + 2)
        phi, sigma = load(rows, PHI * count + lanes), load(rows, SIGMA * count + lanes)
        given = PARTS.prepare(rows, count, lanes)
        chain, zero, one = (phi, sigma * sigma), phi * 0.0, phi * 0.0 + 1.0

        front = (zero, zero, zero, zero, zero, zero, zero, zero)
        for t in range(last + 1):
            term = PARTS.term(given, tables, y[t], seen[t], t)
            front = _eliminate_forwards(t, last, term, chain, front, room)
        z_mu = load(z, normals + (last + 1) * LANES)
        mu, log_level = _draw_level(front, chain[1], mu_sd, z_mu)

        back = (zero, zero, zero, zero, one, one, zero, zero)
        squares, sums = zero, (zero, one, zero)
        for t in range(last, -1, -1):
            normal = load(z, normals + t * LANES)
            squares = squares + normal * normal
            back = _draw_backwards(t, last, chain, (mu, normal), back, room)
            h = mu + back[3]
            store(states, path + t * LANES, h)
            sums = PARTS.density(given, sums, h, y[t], seen[t], t)
        store(batch.mu, lanes, mu)
        log_likelihood = PARTS.total(given, sums, n_seen)
        weight = _log_weight(chain, back, squares, log_likelihood, log_level)
        store(batch.log_weights, lanes, weight)


@part
def offsets_of_chain(rows: Array, count: int, lanes: int) -> tuple[Lanes, Lanes, Lanes]:
    """Return how far mean, phi and sigma are from the guide's, in their coordinates."""
    first = rows.shape[1] * count + lanes
    return (
        load(rows, first + MEAN * count),
        load(rows, first + PHI * count),
        load(rows, first + SIGMA * count),
    )


@part
def respond(slopes: Array, t: int, offsets: tuple[Lanes, Lanes, Lanes]) -> Lanes:
    """Return the inner product of the first three elements of row t with the offsets."""
    return (
        slopes[t, MEAN] * offsets[0] + slopes[t, PHI] * offsets[1] + slopes[t, SIGMA] * offsets[2]
    )


@part
def _eliminate_forwards(
    t: int, last: int, term: Vectors, chain: Vectors, front: Vectors, room: Array
) -> Vectors:
    """Eliminate one time, and leave behind what drawing it needs.

    Parameters
    ----------
    term : tuple of eight floats each
        b, c and the third derivative.
    chain : tuple of eight floats each
        phi and sigma^2.
    front : tuple of eight floats each
        The inverse pivot, eliminated b and c, and the third derivative handed on, of the time
        before; sums of b, c, b P^-1 c and c P^-1 c. All zero at first.
    room : ndarray of at least n_times * 4 * 8 numbers
    """
    b, c, third = term
    phi, square = chain
    pivot, shift_b, shift_c, handed, sum_b, sum_c, sum_bc, sum_cc = front
    coupling = phi * pivot
    inner = 1.0 + phi * phi
    if t in (0, last):
        inner = 1.0 + phi * 0.0
    pivot = 1.0 / (inner + square * c - phi * coupling)
    shift_b = b + coupling * shift_b
    shift_c = c + coupling * shift_c
    third = handed + square * third
    r = phi * pivot
    place = t * _ROOM * LANES
    store(room, place, pivot)
    store(room, place + LANES, shift_b)
    store(room, place + 2 * LANES, shift_c)
    store(room, place + 3 * LANES, third)
    solved_c = shift_c * pivot
    return (
        pivot,
        shift_b,
        shift_c,
        r * r * r * third,
        sum_b + b,
        sum_c + c,
        sum_bc + shift_b * solved_c,
        sum_cc + shift_c * solved_c,
    )


@part
def _draw_level(front: Vectors, square: Lanes, mu_sd: float, normal: Lanes) -> tuple[Lanes, Lanes]:
    """Return mu, drawn given the parameters and the approximation, and log p(mu) / q(mu)."""
    _, _, _, _, sum_b, sum_c, sum_bc, sum_cc = front
    precision = sum_c - square * sum_cc + 1.0 / (mu_sd * mu_sd)
    mu = (sum_b - square * sum_bc) / precision + normal / sqrt_lanes(precision)
    ratio = normal * normal - mu * mu * (1.0 / (mu_sd * mu_sd)) - log_lanes(precision)
    return mu, 0.5 * ratio - math.log(mu_sd)


@part
def _draw_backwards(
    t: int, last: int, chain: Vectors, drawn: tuple[Lanes, Lanes], back: Vectors, room: Array
) -> Vectors:
    """Draw one state given the next.

    Parameters
    ----------
    chain : tuple of eight floats each
        phi and sigma^2.
    drawn : tuple of eight floats each
        mu, and standard normals.
    back : tuple of eight floats each
        Of the time after: u, its variance, the mean of q, and q; products of inverse pivots and of
        slopes, and their logarithms so far; the sum of squared normals less that of innovations
        over sigma^2. The products are one at first, all else zero.
    """
    phi, square = chain
    mu, normal = drawn
    u, spread, centre, after, pivots, slopes, logs, innovations = back
    place = t * _ROOM * LANES
    inverse, third = load(room, place), load(room, place + 3 * LANES)
    shift = load(room, place + LANES) - mu * load(room, place + 2 * LANES)
    r, variance = phi * inverse, square * inverse
    tilt = r * third
    u, slope = draw_given_next(normal, u, spread, inverse, variance, r, 0.5 * r * tilt, tilt, third)
    spread = variance + r * r * spread
    centre = r * centre + variance * shift
    q = centre + u
    pivots = pivots * inverse
    slopes = slopes * slope
    if t % _RENORMALISE == 0:
        logs = logs + log_lanes(slopes) + 0.5 * log_lanes(pivots)
        pivots = slopes = phi * 0.0 + 1.0
    if t < last:
        innovation = after - phi * q
        innovations = innovations + innovation * innovation
    return u, spread, centre, q, pivots, slopes, logs, innovations


@part
def _log_weight(
    chain: Vectors, back: Vectors, squares: Lanes, log_likelihood: Lanes, log_level: Lanes
) -> Lanes:
    """Return log p(y, h, mu | parameters) - log q(h, mu | parameters).

    `squares` is the sum of squared normals of the states.
    """
    phi, square = chain
    first, logs, innovations = back[3], back[6], back[7]
    stationary = 1.0 - phi * phi
    quadratic = (innovations + stationary * first * first) / square
    log_prior = 0.5 * (log_lanes(stationary) - quadratic)
    return log_likelihood + log_prior + logs + 0.5 * squares + log_level
