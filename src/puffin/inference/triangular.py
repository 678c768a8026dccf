"""Solves with small lower-triangular matrices, in place, inside kernels."""

from __future__ import annotations

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.compiling import part

__all__ = ["draw_gaussian", "solve_lower", "solve_lower_transposed"]


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
    """Replace `shift` by a draw from N(precision^-1 shift, precision^-1)."""
    L = np.linalg.cholesky(precision)
    solve_lower(L, shift)
    for i in range(shift.size):
        shift[i] += stream.standard_normal()
    solve_lower_transposed(L, shift)
