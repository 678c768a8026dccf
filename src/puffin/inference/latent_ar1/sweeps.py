r"""The steps of the sweeps that propose a latent chain: eight proposals in the lanes of a vector.

Given parameters, the posterior of the chain :math:`q = h - \mu` is approximated by a Gaussian with
tridiagonal precision P, and a draw :math:`u \sim N(0, P^{-1})` is transported to

.. math::

    h = m + u + P^{-1} (s(u) - \bar s), \qquad
    s_t(u) = \frac{c_t \kappa_t u_t^2 / 6}{1 + \beta \kappa_t^2 u_t^2}

where c is the expected curvature of the observations, kappa c their expected third derivative, and
:math:`\beta = 0.04`. To second order this gives h the posterior's third cumulants. The Jacobian
matrix is :math:`P^{-1} (Q + \operatorname{diag}(c + s'(u)))` with the prior's precision Q; since
:math:`|s'| \le \tfrac{3}{16 \sqrt{3 \beta}} c < 0.55 c` it is positive definite everywhere, so that
the map is a bijection.

Everything is multiplied by :math:`\sigma^2`, so that nothing is large where the chain hardly moves.
Three sweeps make a proposal and its weight: forwards to eliminate P, backwards to draw u and to
eliminate P from the other end, right-hand side included, and the Jacobian; forwards to solve.
"""

from __future__ import annotations

import math

from puffin.inference.arrays import Array
from puffin.inference.compiling import part
from puffin.inference.lanes import LANES, Lanes, load, log_lanes, normal_pair, sqrt_lanes, store
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, SIGMA

__all__ = [
    "draw_backwards",
    "draw_level",
    "eliminate_forwards",
    "inner_diagonal",
    "log_weight",
    "mix_normals",
    "respond",
    "roughly_exp",
    "solve_forwards",
    "transport",
]

_RENORMALISE = 8
_DAMPING = 0.04


@part
def mix_normals(bits: Array, keep: float, fresh: float, z: Array, start: int, count: int) -> None:
    """Replace `count` rows of eight normals z by keep z + fresh xi, with new normals xi."""
    for row in range(0, count - 1, 2):
        first, second = normal_pair(bits)
        place = start + row * LANES
        store(z, place, keep * load(z, place) + fresh * first)
        store(z, place + LANES, keep * load(z, place + LANES) + fresh * second)
    if count % 2 == 1:
        last, _ = normal_pair(bits)
        place = start + (count - 1) * LANES
        store(z, place, keep * load(z, place) + fresh * last)


@part
def respond(offsets: tuple[Lanes, Lanes, Lanes], slopes: Array, t: int) -> Lanes:
    """Return the linear response, at time t, to offsets of mean, phi and sigma."""
    return (
        offsets[0] * slopes[MEAN, t] + offsets[1] * slopes[PHI, t] + offsets[2] * slopes[SIGMA, t]
    )


@part
def roughly_exp(x: Lanes) -> Lanes:
    """Return (1 + x / 8)^8: positive, and near exp(x) where x is small."""
    base = 1.0 + x * 0.125
    square = base * base
    fourth = square * square
    return fourth * fourth


@part
def inner_diagonal(t: int, last: int, phi: Lanes) -> Lanes:
    """Return the diagonal of sigma^2 Q, Q being the precision of a stationary AR(1)."""
    if t in (0, last):
        return 1.0 + phi * 0.0
    return 1.0 + phi * phi


@part
def eliminate_forwards(
    row: tuple[Lanes, ...], chain: tuple[Lanes, ...], state: tuple[Lanes, ...]
) -> tuple[Lanes, ...]:
    """Eliminate one row of P; sum what the conditional distribution of mu needs.

    Parameters
    ----------
    row : gradient part b, curvature c, and diagonal of sigma^2 Q
    chain : phi and sigma^2
    state : inverse pivot, eliminated b and c, and sums over b, c, b P^-1 c and c P^-1 c
    """
    b, c, inner = row
    phi, square = chain
    pivot, shift_b, shift_c, sum_b, sum_c, sum_bc, sum_cc = state
    ratio = phi * pivot
    pivot = 1.0 / (inner + square * c - phi * ratio)
    shift_b = b + ratio * shift_b
    shift_c = c + ratio * shift_c
    return (
        pivot,
        shift_b,
        shift_c,
        sum_b + b,
        sum_c + c,
        sum_bc + shift_b * shift_c * pivot,
        sum_cc + shift_c * shift_c * pivot,
    )


@part
def draw_level(
    state: tuple[Lanes, ...], square: Lanes, mu_sd: float, normal: Lanes
) -> tuple[Lanes, Lanes]:
    """Return mu, drawn given the parameters and the approximation, and log p(mu) / q(mu)."""
    _, _, _, sum_b, sum_c, sum_bc, sum_cc = state
    precision = sum_c - square * sum_cc + 1.0 / (mu_sd * mu_sd)
    mu = (sum_b - square * sum_bc) / precision + normal / sqrt_lanes(precision)
    ratio = normal * normal - mu * mu * (1.0 / (mu_sd * mu_sd)) - log_lanes(precision)
    return mu, 0.5 * ratio - math.log(mu_sd)


@part
def transport(u: Lanes, c: Lanes, kappa: Lanes, damping: Lanes) -> tuple[Lanes, Lanes]:
    """Return s(u) and its derivative; `damping` is 1 / (1 + 0.04 kappa^2 u^2)."""
    slope = c * kappa * u * damping * (1.0 / 3.0)
    return 0.5 * u * slope, slope * damping


@part
def draw_backwards(
    t: int,
    row: tuple[Lanes, ...],
    chain: tuple[Lanes, ...],
    drawn: tuple[Lanes, Lanes],
    state: tuple[Lanes, ...],
) -> tuple[Lanes, ...]:
    """Draw u_t, and eliminate a row of P, its right-hand side and the Jacobian.

    Parameters
    ----------
    row : b - c (mu + E s / c), c, kappa, and diagonal of sigma^2 Q
    chain : phi, sigma and sigma^2
    drawn : the forward sweep's inverse pivot, and a standard normal
    state : u, the eliminated right-hand side, inverse pivots of P and of the Jacobian, products of
        both, log |P^-1 J| - log |P| / 2 so far, and the sum of squared normals
    """
    b, c, kappa, inner = row
    phi, sigma, square = chain
    forward, normal = drawn
    u, k, pivot, bent_pivot, determinant, jacobian, log_ratio, squares = state
    u = phi * forward * u + sigma * sqrt_lanes(forward) * normal
    diagonal = inner + square * c
    factor = diagonal - phi * phi * pivot
    damped = 1.0 + _DAMPING * (kappa * u) * (kappa * u)
    # Two reciprocals by one division, which takes longer than all else here.
    shared = 1.0 / (factor * damped)
    s, bend = transport(u, c, kappa, shared * factor)
    k = b + s + phi * pivot * k
    bent_factor = diagonal + square * bend - phi * phi * bent_pivot
    determinant = determinant * factor
    jacobian = jacobian * bent_factor
    if t % _RENORMALISE == 0:
        log_ratio = log_ratio + log_lanes(jacobian) - 1.5 * log_lanes(determinant)
        determinant = jacobian = phi * 0.0 + 1.0
    return (
        u,
        k,
        shared * damped,
        1.0 / bent_factor,
        determinant,
        jacobian,
        log_ratio,
        squares + normal * normal,
    )


@part
def solve_forwards(
    t: int, chain: tuple[Lanes, ...], swept: tuple[Lanes, ...], state: tuple[Lanes, ...]
) -> tuple[Lanes, ...]:
    """Substitute: return the solution, q_t, and the sum of squared innovations.

    Parameters
    ----------
    chain : phi and sigma^2
    swept : the backward sweep's inverse pivot, right-hand side, and u_t
    state : as returned, for the time before
    """
    phi, square = chain
    pivot, k, u = swept
    solution, before, innovations = state
    solution = pivot * (square * k + phi * solution)
    q = u + solution
    if t == 0:
        return solution, q, (1.0 - phi * phi) * q * q
    innovation = q - phi * before
    return solution, q, innovations + innovation * innovation


@part
def log_weight(
    phi: Lanes,
    square: Lanes,
    innovations: Lanes,
    log_likelihood: Lanes,
    back: tuple[Lanes, ...],
    log_level: Lanes,
) -> Lanes:
    """Return log p(y, h, mu | parameters) - log q(h, mu | parameters)."""
    log_ratio, squares = back[6], back[7]
    log_prior = 0.5 * (log_lanes(1.0 - phi * phi) - innovations / square)
    return log_likelihood + log_prior + log_ratio + 0.5 * squares + log_level
