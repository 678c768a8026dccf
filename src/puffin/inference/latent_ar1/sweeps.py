r"""The two sweeps that propose a latent chain from observations of single states.

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

from puffin.arrays import Array
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, load, log_lanes, sqrt_lanes, store
from puffin.inference.latent_ar1.coordinates import MEAN, OFFSET, PHI, SIGMA
from puffin.inference.latent_ar1.transport import draw_given_next

__all__ = [
    "draw_backwards",
    "draw_level",
    "eliminate_forwards",
    "log_weight",
    "offsets_of_chain",
    "respond",
]

_ROOM = 4
_RENORMALISE = 8

Vectors = tuple[Lanes, ...]


@part
def offsets_of_chain(natural: Array, count: int, lanes: int) -> tuple[Lanes, Lanes, Lanes]:
    """Return how far mean, phi and sigma are from the guide's, in their coordinates."""
    return (
        load(natural, (OFFSET + MEAN) * count + lanes),
        load(natural, (OFFSET + PHI) * count + lanes),
        load(natural, (OFFSET + SIGMA) * count + lanes),
    )


@part
def respond(slopes: Array, t: int, offsets: tuple[Lanes, Lanes, Lanes]) -> Lanes:
    """Return the inner product of the first three elements of row t with the offsets."""
    return (
        slopes[t, MEAN] * offsets[0] + slopes[t, PHI] * offsets[1] + slopes[t, SIGMA] * offsets[2]
    )


@part
def eliminate_forwards(
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
def draw_level(front: Vectors, square: Lanes, mu_sd: float, normal: Lanes) -> tuple[Lanes, Lanes]:
    """Return mu, drawn given the parameters and the approximation, and log p(mu) / q(mu)."""
    _, _, _, _, sum_b, sum_c, sum_bc, sum_cc = front
    precision = sum_c - square * sum_cc + 1.0 / (mu_sd * mu_sd)
    mu = (sum_b - square * sum_bc) / precision + normal / sqrt_lanes(precision)
    ratio = normal * normal - mu * mu * (1.0 / (mu_sd * mu_sd)) - log_lanes(precision)
    return mu, 0.5 * ratio - math.log(mu_sd)


@part
def draw_backwards(
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
def log_weight(
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
