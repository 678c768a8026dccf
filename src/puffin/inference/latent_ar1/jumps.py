r"""Returns that jump now and then: two components, of which the second is wider.

With :math:`e = y_t - \text{mean}` and jumps integrated out, the density of a return given h is

.. math::

    (1 - \kappa) \, e^{-h/2} f(e \, e^{-h/2}) + \kappa \, j(e - m, h)

f being the density of the errors without jumps and j that of their sum with :math:`N(0, s^2)`: for
normal errors :math:`N(e - m; 0, e^h + s^2)`. With w the second component's share of the sum, l_0
and l_1 the logarithms of the two::

    l' = (1 - w) l_0' + w l_1'
    l'' = (1 - w) l_0'' + w l_1'' + w (1 - w) (l_1' - l_0')^2
    l_1' = r (z^2 - 1) / 2,    l_1'' = r (1 - r) (z^2 - 1) / 2 - r^2 z^2 / 2

with r = e^h / (e^h + s^2) the part of the variance that is not the jump's, and z the standardised
deviation. To look for proposals, j is normal for every law: errors of a law that is not are little
beside a jump, and where they are not the first component has the larger share.

Expectations are Gauss-Hermite sums over nodes, as in `any_law`. Where a return may have been a
jump, the states' posterior has a second mode, far out, of which a Gaussian knows nothing:
curvatures c are divided by 1 + c var(h) / 2, which makes it a little wider and the weights far
less uneven.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import part, part_of
from puffin.compiling.lanes import Lanes, exp_lanes, load, log_lanes, maximum, sqrt_lanes
from puffin.inference.latent_ar1.any_law import (
    Moved,
    ObservationsAtNodes,
    Tables,
    Three,
    follow,
    mean_of,
    nodes,
    offsets_of_all,
    slope_of,
)
from puffin.inference.latent_ar1.coordinates import MEAN, SHAPE
from puffin.inference.latent_ar1.expansion import Expansion
from puffin.inference.latent_ar1.jump_errors import PARTS_OF_ERRORS, ErrorParts
from puffin.inference.latent_ar1.observations import Kernels
from puffin.inference.latent_ar1.single_states import SingleStates, Vectors, single_states_kernels
from puffin.inference.latent_ar1.transport import approximate_exp
from puffin.laws.jumps import WithJumps, log_normal_density

__all__ = [
    "N_JUMP_PARAMETERS",
    "WIDER",
    "JumpObservations",
    "Jumps",
    "at_node",
    "log_sum",
    "prepare_jumps",
]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
N_JUMP_PARAMETERS = 3
"""Of jumps: the last rows of all."""
WIDER = 0.5
"""By how much curvatures are taken for less: see above."""


class Jumps(NamedTuple):
    """Mean and variance of a jump, and the log probabilities of none and of one."""

    mean: Lanes
    variance: Lanes
    log_none: Lanes
    log_one: Lanes


ERRORS = cast(ErrorParts, None)
"""The parts of the errors beside which jumps come: see `kernel_of`."""

Given = tuple[Lanes, Any, Jumps, Moved, Array]


@part
def prepare_jumps(rows: Array, place: int, apart: int) -> Jumps:
    """Return the parameters of jumps, of which kappa is at the flat index `place`."""
    kappa, deviation = load(rows, place), load(rows, place + 2 * apart)
    return Jumps(
        load(rows, place + apart), deviation * deviation, log_lanes(1.0 - kappa), log_lanes(kappa)
    )


@part
def log_sum(first: Lanes, second: Lanes) -> Lanes:
    """Return log(exp(first) + exp(second))."""
    high, low = maximum(first, second), -maximum(-first, -second)
    return high + log_lanes(1.0 + exp_lanes(low - high))


def _prepare(rows: Array, n: int, g: int, table: Array) -> Given:
    constants = ERRORS.prepare(rows, SHAPE * n + g, n, table)
    jumps = prepare_jumps(rows, (rows.shape[1] - N_JUMP_PARAMETERS) * n + g, n)
    return load(rows, MEAN * n + g), constants, jumps, offsets_of_all(rows, n, g), table


def at_node(constants: Any, jumps: Jumps, error: Lanes, scale: Lanes) -> tuple[Lanes, Lanes]:
    """Return l' + 1/2 and l'', with scale = exp(-h / 2)."""
    quiet = error * scale
    first, second = ERRORS.slopes(constants, quiet)
    beyond = (error - jumps.mean) * scale
    r = 1.0 / (1.0 + jumps.variance * scale * scale)
    square = beyond * beyond * r
    jump_first = 0.5 * (r * (square - 1.0) + 1.0)
    jump_second = 0.5 * r * ((1.0 - r) * (square - 1.0) - r * square)
    log_ratio = jumps.log_one - jumps.log_none - 0.5 * square - _HALF_LOG_2PI
    ratio = sqrt_lanes(r) * exp_lanes(log_ratio - ERRORS.log_density(constants, quiet))
    none = 1.0 / (1.0 + ratio)
    share, step = 1.0 - none, jump_first - first
    return (
        first + share * step,
        second + share * (jump_second - second + none * step * step),
    )


def _term(given: Given, tables: Tables, y: float, present: float, t: int) -> Three:
    mean, constants, jumps, offsets, _ = given
    zero = mean * 0.0
    m = follow(zero + tables.centre[t], tables.centre_slopes, t, offsets)
    sd = tables.sd[t] * approximate_exp(follow(zero, tables.sd_slopes, t, offsets))
    low, middle, high = nodes(tables.centre[t], m, sd, zero + 1.0)
    error = y - mean
    at_low, at, at_high = (
        at_node(constants, jumps, error, low),
        at_node(constants, jumps, error, middle),
        at_node(constants, jumps, error, high),
    )
    curvatures = (present * at_low[1], present * at[1], present * at_high[1])
    c = maximum(-mean_of(curvatures), zero)
    c = c / (1.0 + WIDER * sd * sd * c)
    b = present * (mean_of((at_low[0], at[0], at_high[0])) - 0.5) + c * m
    return b, c, slope_of(curvatures, sd)


def _density(given: Given, sums: Vectors, h: Lanes, y: float, present: float, t: int) -> Vectors:
    mean, constants, jumps, _, table = given
    scale, error = exp_lanes(-0.5 * h), y - mean
    quiet = jumps.log_none + ERRORS.log_density(constants, error * scale)
    untied = (mean * 0.0, mean * 0.0 + 1.0)
    beyond, variance = (error - jumps.mean) * scale, jumps.variance * scale * scale
    jumping = jumps.log_one + ERRORS.log_jump(constants, table, beyond, variance, untied)
    return sums[0] + present * (log_sum(quiet, jumping) - 0.5 * h), sums[1]


@functools.cache
def _kernels(law: WithJumps) -> Kernels:
    errors = PARTS_OF_ERRORS[law.errors.name]
    at = part_of(at_node, ERRORS=errors)
    prepare, density = (part_of(template, ERRORS=errors) for template in (_prepare, _density))
    parts = SingleStates(prepare, part_of(_term, at_node=at), density)
    return single_states_kernels(f"weigh_{law.name}", parts)


@dataclass(frozen=True)
class JumpObservations(ObservationsAtNodes):
    """Observations with jumps, beside errors of a law."""

    law: WithJumps

    @property
    def kernels(self) -> Kernels:
        """The sweep with the parts of the errors."""
        return _kernels(self.law)

    def log_densities(self, natural: Array, at: Expansion) -> Array:
        """Return log densities of y at five nodes, shape (5, n_times), with normal jumps."""
        h, error, shape = self.at_nodes(natural, at)
        kappa, m, v = shape["kappa"], shape["jump_mean"], shape["jump_sd"] ** 2
        quiet = np.log1p(-kappa) + self.law.errors.log_density(error, shape) - 0.5 * h
        beyond = self.series.y - natural[MEAN] - m
        jumping = np.log(kappa) + log_normal_density(beyond, np.exp(h) + v)
        return np.asarray(self.series.present * np.logaddexp(quiet, jumping))
