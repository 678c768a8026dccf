"""Jumps are drawn, day by day, and the states' centres follow: in SIMD lanes.

See `jump_choices`. With leverage a return without a jump says more of the next shock than one that
jumped, so that the centres of both states that it is tied to move.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple, cast

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, load, maximum, sqrt_lanes, store
from puffin.inference.latent_ar1.any_law import Moved, follow, offsets_of_all
from puffin.inference.latent_ar1.batch import CHOICES
from puffin.inference.latent_ar1.jump_choices import Choices, choose
from puffin.inference.latent_ar1.jump_errors import ErrorParts, Jumps, in_unit
from puffin.inference.latent_ar1.regressors import Regressors, observed_at_centre
from puffin.inference.latent_ar1.transport import approximate_exp

__all__ = ["FARTHEST", "JumpTables", "centre_given_jumps", "decide", "weigh_jump"]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
FARTHEST = 3.0
"""Standard deviations of omega_t from zero within which derivatives are taken."""
_NODES = 7
_PLACES, _SHARES = (tuple(values.tolist()) for values in np.polynomial.hermite_e.hermegauss(_NODES))

ERRORS = cast(ErrorParts, None)
"""The parts of the errors beside which jumps come: see `kernel_of`."""


class JumpTables(NamedTuple):
    """What the kernel is told: as `any_law.Tables`, and of choices.

    Attributes
    ----------
    cavities : ndarray of shape (6, n_times)
        At the guide's parameters: see `jump_choices.cavities_of`.
    regressors : Regressors
        Perhaps none.
    slopes : ndarray of shape (n_times, n_coefficients)
        As those of `regressors.Following`.
    """

    centre: Array
    sd: Array
    covariance: Array
    level: float
    centre_slopes: Array
    sd_slopes: Array
    cavities: Array
    choices: Choices
    regressors: Regressors
    slopes: Array


Tie = tuple[Lanes, Lanes, Lanes, Lanes]
Five = tuple[Lanes, Lanes, Lanes, Lanes, Lanes]


def weigh_jump(
    constants: Any,
    jumps: Jumps,
    table: Array,
    error: Lanes,
    state: tuple[Lanes, Lanes],
    tie: Tie,
) -> Five:
    """Return the probability of a jump, nearly; and where the state and its shock are, either way.

    Parameters
    ----------
    error : eight floats
        The return less its mean.
    state : tuple of eight floats each
        Mean and standard deviation of h in the cavity.
    tie : tuple of eight floats each
        Leverage; mean of eta at that mean, its slope for a standard deviation of h, and its
        variance given h.

    Returns
    -------
    tuple of eight floats each
        The probability; without a jump, standard deviations of h from its mean, and eta; with one.
    """
    mean, sd = state
    rho, centre, slope, rest = tie
    zero = mean * 0.0
    own = 1.0 - rho * rho * (1.0 - rest)
    quiet, quiet_h, quiet_eta = zero, zero, zero
    jumping, jumping_h, jumping_eta = zero, zero, zero
    for i in range(_NODES):
        scale = exp_lanes(-0.5 * (mean + _PLACES[i] * sd))
        eta, at = centre + _PLACES[i] * slope, error * scale
        log_density = ERRORS.log_tied(constants, table, at, (rho * eta, own))
        density = _SHARES[i] * scale * exp_lanes(log_density)
        gain = rest * rho / own * (at / ERRORS.root_mixing(constants, at) - rho * eta)
        quiet, quiet_h = quiet + density, quiet_h + _PLACES[i] * density
        quiet_eta = quiet_eta + (eta + gain) * density
        over = 1.0 / (own + jumps.variance * scale * scale)
        beyond = at - jumps.mean * scale - rho * eta
        density = _SHARES[i] * scale * sqrt_lanes(over) * exp_lanes(-0.5 * beyond * beyond * over)
        jumping, jumping_h = jumping + density, jumping_h + _PLACES[i] * density
        jumping_eta = jumping_eta + (eta + rest * rho * over * beyond) * density
    over_quiet, over_jumping = 1.0 / (quiet + 1e-300), 1.0 / (jumping + 1e-300)
    probable = jumping * exp_lanes(jumps.log_one - _HALF_LOG_2PI) + 1e-300
    share = probable / (probable + quiet * exp_lanes(jumps.log_none))
    return (
        share,
        quiet_h * over_quiet,
        quiet_eta * over_quiet,
        jumping_h * over_jumping,
        jumping_eta * over_jumping,
    )


def decide(
    constants: Any,
    jumps: Jumps,
    proposals: tuple[Array, int, int],
    chain: tuple[Lanes, Lanes, Lanes, Lanes],
    tables: JumpTables,
    table: Array,
) -> None:
    """Draw the choices, and write what centres move by behind them: see `centre_given_jumps`.

    Parameters
    ----------
    proposals : (rows, n, g)
        Eight of them, from flat index `g` of each of the rows, which are of length n.
    chain : tuple of eight floats each
        mean, phi, sigma and rho.
    """
    mean, phi, sigma, rho = chain
    choices, regressors = tables.choices, tables.regressors
    n, last = choices.times.size, tables.centre.size - 1
    if n == 0:
        return
    rows, apart, place = proposals
    moved = offsets_of_all(rows, apart, place)
    first, zero, kappa = (CHOICES + n) * LANES, mean * 0.0, exp_lanes(jumps.log_one)
    number, pull = 0, zero
    for t in range(last + 1):
        handed = zero
        if choices.numbers[t] == number:
            m = follow(zero + tables.centre[t], tables.centre_slopes, t, moved)
            around, variance, slope = tables.cavities, choices.variance[t], choices.slope[t]
            wide = math.exp(around[1, t])
            sd = tables.sd[t] * wide * approximate_exp(follow(zero, tables.sd_slopes, t, moved))
            so_far = variance * pull
            eta, linked = zero, 0.0
            if t < last:
                linked = 1.0
                following = follow(zero + tables.centre[t + 1], tables.centre_slopes, t + 1, moved)
                omega = following - tables.level - phi * (m - tables.level)
                eta = (omega + (slope - phi) * so_far) / sigma
                eta = maximum(eta, zero - FARTHEST)
                eta = -maximum(-eta, zero - FARTHEST)
            state = (m + around[0, t] + wide * wide * so_far, sd)
            tie = (linked * rho, eta + around[2, t], zero + around[3, t], zero + around[4, t])
            (value, unit), _ = observed_at_centre(
                regressors, tables, rows, apart, place, t, choices.returns[number]
            )
            share, quiet_h, quiet_eta, jumping_h, jumping_eta = weigh_jump(
                constants, in_unit(jumps, unit), table, value - mean, state, tie
            )
            jump = choose(table, number, share, kappa)
            more = jump - share
            change = more * state[1] * (jumping_h - quiet_h)
            extra = sigma * more * (jumping_eta - quiet_eta) - (slope - phi) * change
            handed = linked * extra / around[5, t]
            pull = pull + change / variance - slope * handed
            number += 1
        store(table, first + t * LANES, pull)
        pull = choices.ratio[t] * pull + handed
    shift = zero
    for t in range(last, -1, -1):
        at = first + t * LANES
        shift = choices.left[t] * load(table, at) + choices.ratio[t] * shift
        store(table, at, shift)


@part
def centre_given_jumps(
    tables: JumpTables, t: int, moved: Moved, base: Lanes, table: Array
) -> Lanes:
    """Return the centre at the proposal's parameters, moved by the jumps that were drawn."""
    m = follow(base, tables.centre_slopes, t, moved)
    n = tables.choices.times.size
    if n > 0:
        m = m + load(table, (CHOICES + n + t) * LANES)
    return m
