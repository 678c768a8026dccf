"""The compiled face of the asymmetric Student-t: see `asymmetric_t`, whose formulas these are."""

from __future__ import annotations

import math

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes, log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, load, maximum, sqrt_lanes, store, where_less
from puffin.laws.gamma_step import log_gamma_step_lanes
from puffin.laws.half_t import N_COEFFICIENTS, WIDEST, tail_table
from puffin.laws.parts import LawParts, normal_quantile

__all__ = ["PARTS"]

_TABLE = tail_table()
_RIGHT = N_COEFFICIENTS * LANES
"""Where the right side's rows of the table begin."""

_FARTHEST = 1e300
"""Of q: beyond, numbers would overflow."""

Side = tuple[Lanes, Lanes, Lanes, Lanes]
"""1 / (nu s^2), (nu + 1) / 2, the root of nu, and the side's probability."""
Constants = tuple[Lanes, Lanes, Side, Side]
"""The mode, the log density there, and the sides."""


@part
def _moments(size: Lanes, nu: Lanes) -> tuple[Lanes, Lanes, Lanes]:
    """Return area, E |x| and E x^2 of a side of scale `size`, up to the area of the normal's."""
    step = exp_lanes(log_gamma_step_lanes(0.5 * nu))
    root = sqrt_lanes(nu)
    first = (2.0 / math.sqrt(math.pi)) * root * step / (nu - 1.0)
    return size * root / step, size * first, size * size * nu / (nu - 2.0)


@part
def _prepare(rows: Array, place: int, apart: int) -> Constants:
    size = exp_lanes(0.5 * load(rows, place))
    nu_left, nu_right = load(rows, place + apart), load(rows, place + 2 * apart)
    left, right = _moments(size, nu_left), _moments(1.0 / size, nu_right)
    area = left[0] + right[0]
    share, rest = left[0] / area, right[0] / area
    mean = rest * right[1] - share * left[1]
    variance = share * left[2] + rest * right[2] - mean * mean
    deviation = sqrt_lanes(variance)
    squared = size * size
    return (
        -mean / deviation,
        log_lanes((2.0 / math.sqrt(math.pi)) * deviation / area),
        (variance / (nu_left * squared), 0.5 * (nu_left + 1.0), sqrt_lanes(nu_left), share),
        (variance * squared / nu_right, 0.5 * (nu_right + 1.0), sqrt_lanes(nu_right), rest),
    )


@part
def _log_density(constants: Constants, error: Lanes) -> Lanes:
    mode, log_peak, left, right = constants
    distance, zero = error - mode, error * 0.0
    over = where_less(distance, zero, left[0], right[0])
    half = where_less(distance, zero, left[1], right[1])
    return log_peak - half * log_lanes(1.0 + distance * distance * over)


@part
def _slopes(constants: Constants, error: Lanes) -> tuple[Lanes, Lanes]:
    mode, _, left, right = constants
    distance, zero = error - mode, error * 0.0
    over = where_less(distance, zero, left[0], right[0])
    half = where_less(distance, zero, left[1], right[1])
    q = distance * distance * over
    inverse = 1.0 / (1.0 + q)
    rate = -2.0 * half * over * inverse
    return rate * distance, rate * inverse * (1.0 - q)


@part
def _polynomial_of_tail(root: Lanes, table: Array, start: int) -> None:
    """Write the coefficients of powers of x, see `half_t`, from a flat index; `root` is of nu."""
    v = 2.0 * WIDEST / (1.0 + root) - 1.0
    for k in range(N_COEFFICIENTS):
        value = v * 0.0 + _TABLE[k, N_COEFFICIENTS - 1]
        for j in range(N_COEFFICIENTS - 2, -1, -1):
            value = value * v + _TABLE[k, j]
        store(table, start + k * LANES, value)


@part
def _tabulate(constants: Constants, table: Array) -> None:
    _, _, left, right = constants
    _polynomial_of_tail(left[2], table, 0)
    _polynomial_of_tail(right[2], table, _RIGHT)


@part
def _normal_score(constants: Constants, table: Array, error: Lanes) -> Lanes:
    mode, _, left, right = constants
    distance, zero = error - mode, error * 0.0
    over = where_less(distance, zero, left[0], right[0])
    half = where_less(distance, zero, left[1], right[1])
    root = where_less(distance, zero, left[2], right[2])
    share = where_less(distance, zero, left[3], right[3])
    q = -maximum(-distance * distance * over, zero - _FARTHEST)
    near, d = 1.0 / (4.0 + root * sqrt_lanes(q / (1.0 + q))), 4.0 / root
    x = 1.0 + 2.0 * d - 8.0 * (1.0 + d) * near
    n = zero
    for k in range(N_COEFFICIENTS - 1, -1, -1):
        at = k * LANES
        n = n * x + where_less(distance, zero, load(table, at), load(table, _RIGHT + at))
    log_kernel = (0.5 - half) * log_lanes(1.0 + q)
    ratio = share * n * near
    beyond = ratio * exp_lanes(log_kernel)
    # Up to the median of the side's own probability the other one is the smaller.
    log_tail = log_lanes(where_less(beyond, zero + 0.5, ratio, 1.0 - beyond))
    log_tail = log_tail + where_less(beyond, zero + 0.5, log_kernel, zero)
    score = normal_quantile(beyond, log_tail)
    return where_less(distance, zero, score, -score)


PARTS = LawParts(_prepare, _log_density, _slopes, _tabulate, _normal_score)
