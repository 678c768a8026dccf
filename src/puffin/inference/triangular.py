"""Small positive definite matrices inside kernels: factors, solves and Gaussian draws, in place.

Plain loops, which compile faster than calls of LAPACK and do not depend on its threads.
"""

from __future__ import annotations

import math

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import part

__all__ = ["draw_gaussian", "reverse_cholesky", "solve_lower", "solve_lower_transposed"]


@part
def reverse_cholesky(A: Array, least: Array) -> None:
    """Replace the lower triangle of A by that of the lower triangular M for which A = M'M.

    Row by row from the last, so that what is taken off the rows above runs along memory. Where
    rounding has made A indefinite, pivots are kept above 1e-14 of their row's variance: `least`,
    which is scratch.
    """
    size = least.size
    for k in range(size):
        least[k] = 1e-14 * A[k, k]
    for k in range(size - 1, -1, -1):
        row = A[k]
        row[k] = math.sqrt(max(row[k], least[k]))
        inverse = 1.0 / row[k]
        for j in range(k):
            row[j] *= inverse
        for i in range(k):
            other, factor = A[i], row[i]
            for j in range(i + 1):
                other[j] -= factor * row[j]


@part
def solve_lower(M: Array, x: Array) -> None:
    """Replace x by the solution of M z = x."""
    for i in range(x.size):
        value = x[i]
        for j in range(i):
            value -= M[i, j] * x[j]
        x[i] = value / M[i, i]


@part
def solve_lower_transposed(M: Array, x: Array) -> None:
    """Replace x by the solution of M'z = x."""
    for i in range(x.size - 1, -1, -1):
        row = M[i]
        x[i] /= row[i]
        for j in range(i):
            x[j] -= row[j] * x[i]


@part
def draw_gaussian(
    stream: np.random.Generator, precision: Array, shift: Array, least: Array
) -> None:
    """Replace `shift` by a draw from N(precision^-1 shift, precision^-1).

    `precision` is left as its reverse Cholesky factor; `least` is scratch.
    """
    reverse_cholesky(precision, least)
    solve_lower_transposed(precision, shift)
    for i in range(shift.size):
        shift[i] += stream.standard_normal()
    solve_lower(precision, shift)
