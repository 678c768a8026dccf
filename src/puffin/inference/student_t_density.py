"""The Student-t log-likelihood, at the price of a multiplication for each observation."""

from __future__ import annotations

import math

from puffin.arrays import Array
from puffin.compiling.kernels import part

__all__ = ["log_constant", "student_t_log_likelihood", "sum_log1p"]

_BLOCK = 64
_OVERFLOW = 1e300


@part
def sum_log1p(x: Array, factor: float) -> float:
    """Return the sum of log(1 + factor x) over non-negative x.

    Factors are multiplied up, block by block, and a logarithm is taken of the product before it
    overflows; where a block alone does, one of each of its factors.
    """
    total, pending = 0.0, 1.0
    for start in range(0, x.size, _BLOCK):
        # A slice, whose indices from 0 on the compiler knows to be in a row.
        block = x[start : start + _BLOCK]
        product = 1.0
        for i in range(block.size):
            product *= 1.0 + factor * block[i]
        if pending * product < _OVERFLOW:
            pending *= product
        elif product < _OVERFLOW:
            total += math.log(pending)
            pending = product
        else:
            for i in range(block.size):
                total += math.log1p(factor * block[i])
    return total + math.log(pending)


def log_constant(nu: float, dimension: int) -> float:
    """Return the log density, at its centre, of a t in so many dimensions with scale matrix I."""
    ratio = math.lgamma(0.5 * (nu + dimension)) - math.lgamma(0.5 * nu)
    return ratio - 0.5 * dimension * math.log(math.pi * nu)


_log_constant = part(log_constant)


@part
def student_t_log_likelihood(squares: Array, log_scale: float, nu: float, dimension: int) -> float:
    """Return the log-likelihood of errors with these squared norms, one for each observation.

    The errors have `dimension` components and the scale matrix exp(2 `log_scale`) I.
    """
    half = 0.5 * (nu + dimension)
    constant = _log_constant(nu, dimension) - dimension * log_scale
    return squares.size * constant - half * sum_log1p(squares, math.exp(-2.0 * log_scale) / nu)
