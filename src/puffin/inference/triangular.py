"""Small positive definite matrices inside kernels: factors, solves and Gaussian draws, in place.

Plain loops, which compile faster than calls of LAPACK and do not depend on its threads.
"""

from __future__ import annotations

import math

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.compiling import part

__all__ = ["cholesky", "draw_gaussian", "solve_lower", "solve_lower_transposed"]


@part
def cholesky(A: Array, L: Array, size: int) -> None:
    """Write the lower Cholesky factor of A into the lower triangle of L, which may be A.

    Only the first `size` rows and columns are looked at.
    Where rounding has made A indefinite, pivots are kept above 1e-14 of their row's variance.
    """
    for i in range(size):
        row = L[i]
        for j in range(i + 1):
            other = L[j]
            value = A[i, j]
            for k in range(j):
                value -= row[k] * other[k]
            if i == j:
                row[i] = math.sqrt(max(value, 1e-14 * A[i, i]))
            else:
                row[j] = value / other[j]


@part
def solve_lower(L: Array, x: Array) -> None:
    """Replace x by the solution of L z = x."""
    for i in range(x.size):
        value = x[i]
        for j in range(i):
            value -= L[i, j] * x[j]
        x[i] = value / L[i, i]


@part
def solve_lower_transposed(L: Array, x: Array) -> None:
    """Replace x by the solution of L' z = x."""
    for i in range(x.size - 1, -1, -1):
        value = x[i]
        for j in range(i + 1, x.size):
            value -= L[j, i] * x[j]
        x[i] = value / L[i, i]


@part
def draw_gaussian(stream: np.random.Generator, precision: Array, shift: Array) -> None:
    """Replace `shift` by a draw from N(precision^-1 shift, precision^-1).

    `precision` is left as its Cholesky factor.
    """
    cholesky(precision, precision, shift.size)
    solve_lower(precision, shift)
    for i in range(shift.size):
        shift[i] += stream.standard_normal()
    solve_lower_transposed(precision, shift)
