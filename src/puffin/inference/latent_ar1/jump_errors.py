r"""What an observation model with jumps asks of the errors beside which they come.

Errors are square roots of a mixing variable times a normal shock (`laws.scale_mixture`). All is in
units of the volatility, exp(h / 2). With leverage, given :math:`\eta`, the shock is
:math:`N(\rho \eta, 1 - \rho^2)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from puffin.arrays import Array
from puffin.compiling.elementary import log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, load, sqrt_lanes
from puffin.inference.latent_ar1.leverage_student_t import point_row
from puffin.inference.latent_ar1.shock_integral import (
    log_constant_lanes as log_integral_constant_lanes,
)
from puffin.inference.latent_ar1.shock_integral import remainder, remainder_coefficients
from puffin.laws.student_mixing import log_jump_lanes, tabulate_mixing
from puffin.laws.student_t import log_constant_lanes

__all__ = ["PARTS_OF_ERRORS", "ErrorParts", "Five", "Jumps", "Tie", "in_unit", "normal_row"]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_MIXING = 16 * LANES
"""Where the nodes for tau are in the table, behind the coefficients of a remainder."""

Tie = tuple[Lanes, Lanes]
"""Mean and variance of the error's shock."""
Five = tuple[Lanes, Lanes, Lanes, Lanes, Lanes]
"""Derivatives of a log density, without -h / 2: in h, eta, twice h, h and eta, twice eta."""
OfStudent = tuple[Lanes, Lanes, Lanes, Lanes]
"""What `_prepare_student` returns."""


class Jumps(NamedTuple):
    """Mean and variance of a jump, and the log probabilities of none and of one."""

    mean: Lanes
    variance: Lanes
    log_none: Lanes
    log_one: Lanes


@part
def in_unit(jumps: Jumps, unit: Lanes) -> Jumps:
    """Return jumps as they are in an observation of this unit: see `regressors`."""
    return Jumps(jumps.mean * unit, jumps.variance * unit * unit, jumps.log_none, jumps.log_one)


class ErrorParts(NamedTuple):
    """Parts of kernels, for eight errors at a time.

    Attributes
    ----------
    n_shape : int
        How many shape parameters they have.
    prepare : (rows, place, apart, table) -> constants
        What is the same for all errors; numbers that do not fit go to an array of rows of eight.
        Shape parameter number i is at the flat index ``place + i * apart`` of `rows`.
    log_density : (constants, error) -> eight floats
    slopes : (constants, error) -> (eight floats, eight floats)
        First and second derivative of log_density in h, at error = e exp(-h / 2).
    log_tied : (constants, table, error, tie) -> eight floats
        The log density of an error of whose shock something is known.
    tied_slopes : (constants, error, eta, rho) -> Five
        Its derivatives, perhaps approximate.
    root_mixing : (constants, error) -> eight floats
        Root of the mixing variable, as it is expected given an error.
    log_jump : (constants, table, total, variance, tie) -> eight floats
        The log density of the sum of an error and a normal variable of this variance.
    """

    n_shape: int
    prepare: Callable[..., object]
    log_density: Callable[..., Lanes]
    slopes: Callable[..., tuple[Lanes, Lanes]]
    log_tied: Callable[..., Lanes]
    tied_slopes: Callable[..., Five]
    log_jump: Callable[..., Lanes]
    root_mixing: Callable[..., Lanes]


@part
def normal_row(z: Lanes, b: Lanes, r: Lanes, eta: Lanes) -> Five:
    """Return the derivatives of a normal component.

    Its deviation from the mean is that of e less rho eta exp(h / 2), its variance V that of
    (1 - rho^2) exp(h) and of a jump.

    Parameters
    ----------
    z : eight floats
        The deviation over the root of V.
    b : eight floats
        rho exp(h / 2) over the root of V.
    r : eight floats
        The share in V that is not the jump's.
    eta : eight floats
    """
    rest, zb = 1.0 - r, z * b
    fall = -0.5 * (b * eta + z * r)
    return (
        0.5 * (rest + z * z * r + zb * eta),
        zb,
        0.5 * r * rest * (z * z - 1.0) + fall * (z * r + 0.5 * b * eta) + 0.25 * zb * rest * eta,
        zb * (0.5 - r) - 0.5 * b * b * eta,
        -b * b,
    )


@part
def _prepare_normal(rows: Array, place: int, apart: int, table: Array) -> tuple[float, ...]:
    return (0.0,)


@part
def _normal_log_density(constants: object, error: Lanes) -> Lanes:
    return -0.5 * error * error - _HALF_LOG_2PI


@part
def _normal_slopes(constants: object, error: Lanes) -> tuple[Lanes, Lanes]:
    half = 0.5 * error * error
    return half, -half


@part
def _normal_log_jump(
    constants: object, table: Array, total: Lanes, variance: Lanes, tie: Tie
) -> Lanes:
    wide, deviation = tie[1] + variance, total - tie[0]
    return -0.5 * (deviation * deviation / wide + log_lanes(wide)) - _HALF_LOG_2PI


@part
def _normal_log_tied(constants: object, table: Array, error: Lanes, tie: Tie) -> Lanes:
    return _normal_log_jump(constants, table, error, error * 0.0, tie)


@part
def _normal_tied_slopes(constants: object, error: Lanes, eta: Lanes, rho: Lanes) -> Five:
    over_root = 1.0 / sqrt_lanes(1.0 - rho * rho)
    z, b = (error - rho * eta) * over_root, rho * over_root
    return normal_row(z, b, error * 0.0 + 1.0, eta)


@part
def _prepare_student(rows: Array, place: int, apart: int, table: Array) -> OfStudent:
    """Return nu, the log density's constant, that with a shock, and l b / l of the row's."""
    nu = load(rows, place)
    N = nu + 1.0
    remainder_coefficients(nu, table)
    tabulate_mixing(nu, table, _MIXING)
    tied = log_integral_constant_lanes(nu) - 0.5 * N
    return nu, log_constant_lanes(nu), tied, sqrt_lanes(1.0 - (0.5 - 0.125 / N) / N)


@part
def _student_log_density(constants: OfStudent, error: Lanes) -> Lanes:
    nu, constant, _, _ = constants
    return constant - 0.5 * (nu + 1.0) * log_lanes(1.0 + error * error / (nu - 2.0))


@part
def _student_slopes(constants: OfStudent, error: Lanes) -> tuple[Lanes, Lanes]:
    nu = constants[0]
    square, half = error * error, 0.5 * (nu + 1.0)
    fraction = square / (nu - 2.0 + square)
    return half * fraction, -half * fraction * (1.0 - fraction)


@part
def _student_log_tied(constants: OfStudent, table: Array, error: Lanes, tie: Tie) -> Lanes:
    """Return Laplace's approximation with its remainder: see `shock_integral`."""
    nu, _, constant, _ = constants
    mean, own = tie
    k, N = 1.0 / own, nu + 1.0
    B = k * mean * error
    A = k * error * error + (nu - 2.0)
    D = sqrt_lanes(B * B + 4.0 * N * A)
    p = (B + D) / (2.0 * A)
    total = constant + 0.5 * (B * p + log_lanes(k) - k * mean * mean) + remainder(B / D, table)
    return total + (N - 0.5) * log_lanes(p) - 0.5 * log_lanes(D)


@part
def _student_tied_slopes(constants: OfStudent, error: Lanes, eta: Lanes, rho: Lanes) -> Five:
    nu, _, _, factor = constants
    k = 1.0 / (1.0 - rho * rho)
    row = point_row(error, eta, k, rho * k * factor, k, nu - 2.0)
    return row[0], row[1] + eta, -row[2], -row[3], 1.0 - row[4]


@part
def _student_log_jump(
    constants: object, table: Array, total: Lanes, variance: Lanes, tie: Tie
) -> Lanes:
    return log_jump_lanes(table, _MIXING, total, variance, tie)


@part
def _normal_root_mixing(constants: object, error: Lanes) -> Lanes:
    return error * 0.0 + 1.0


@part
def _student_root_mixing(constants: OfStudent, error: Lanes) -> Lanes:
    nu = constants[0]
    return sqrt_lanes((nu - 2.0 + error * error) / (nu + 1.0))


PARTS_OF_ERRORS: Mapping[str, ErrorParts] = {
    "normal": ErrorParts(
        0, _prepare_normal, _normal_log_density, _normal_slopes, _normal_log_tied,
        _normal_tied_slopes, _normal_log_jump, _normal_root_mixing,
    ),
    "student": ErrorParts(
        1, _prepare_student, _student_log_density, _student_slopes, _student_log_tied,
        _student_tied_slopes, _student_log_jump, _student_root_mixing,
    ),
}  # fmt: skip
"""By the name of the errors' law."""
