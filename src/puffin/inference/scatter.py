"""Distances, moments and Wishart draws of several series, inside kernels.

Series are rows, so that sums over time run along memory; they go tile by tile, so that a tile
stays in the first-level cache.
"""

from __future__ import annotations

import math

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import part
from puffin.inference.gamma import draw_gamma
from puffin.inference.triangular import reverse_cholesky

__all__ = [
    "TILE",
    "draw_wishart_factor",
    "inverse_diagonal",
    "squared_distances",
    "weighted_moments",
]

TILE = 256


@part
def squared_distances(x: Array, K: int, mu: Array, L: Array, rows: Array, squares: Array) -> None:
    """Write (x_t - mu)' L L' (x_t - mu) for the columns t of x into `squares`.

    Components of L'(x_t - mu) are made two at a time from two series at a time, so that what has
    been loaded into a register is used twice. Where the number of series K is odd, there are zeros
    below them in x, mu and L; L is zero above its diagonal. `rows` is scratch of shape (2, TILE).
    """
    T = squares.size
    for begin in range(0, T, TILE):
        size = min(TILE, T - begin)
        out, a, b = squares[begin : begin + size], rows[0][:size], rows[1][:size]
        for t in range(size):
            out[t] = 0.0
        for k in range(0, K, 2):
            for j in range(k, K, 2):
                x0, x1 = x[j][begin : begin + size], x[j + 1][begin : begin + size]
                a0, a1, b0, b1 = L[j, k], L[j + 1, k], L[j, k + 1], L[j + 1, k + 1]
                a_centre, b_centre = a0 * mu[j] + a1 * mu[j + 1], b0 * mu[j] + b1 * mu[j + 1]
                if j == k:
                    for t in range(size):
                        a[t] = a0 * x0[t] + a1 * x1[t] - a_centre
                        b[t] = b1 * x1[t] - b_centre
                else:
                    for t in range(size):
                        a[t] += a0 * x0[t] + a1 * x1[t] - a_centre
                        b[t] += b0 * x0[t] + b1 * x1[t] - b_centre
            for t in range(size):
                out[t] += a[t] * a[t] + b[t] * b[t]


@part
def weighted_moments(
    x: Array, K: int, weights: Array, rows: Array, first: Array, second: Array
) -> None:
    """Write the sums of w_t x_t and, in the lower triangle, of w_t x_t x_t' over columns t of x.

    Two series are multiplied with two at a time: of an odd number K, the last with a row of zeros
    that x has below it; there is room for it in `first` and `second`. `rows` is scratch of shape
    (2, TILE).
    """
    T = weights.size
    first[:] = 0.0
    second[:] = 0.0
    for begin in range(0, T, TILE):
        size = min(TILE, T - begin)
        weight, a, b = weights[begin : begin + size], rows[0][:size], rows[1][:size]
        for k in range(0, K, 2):
            x0, x1 = x[k][begin : begin + size], x[k + 1][begin : begin + size]
            sum0, sum1 = 0.0, 0.0
            for t in range(size):
                a[t] = weight[t] * x0[t]
                b[t] = weight[t] * x1[t]
                sum0 += a[t]
                sum1 += b[t]
            first[k] += sum0
            first[k + 1] += sum1
            for j in range(0, k + 1, 2):
                x0, x1 = x[j][begin : begin + size], x[j + 1][begin : begin + size]
                sum00, sum01, sum10, sum11 = 0.0, 0.0, 0.0, 0.0
                for t in range(size):
                    sum00 += a[t] * x0[t]
                    sum01 += a[t] * x1[t]
                    sum10 += b[t] * x0[t]
                    sum11 += b[t] * x1[t]
                second[k, j] += sum00
                second[k, j + 1] += sum01
                second[k + 1, j] += sum10
                second[k + 1, j + 1] += sum11


@part
def inverse_diagonal(L: Array, diagonal: Array) -> None:
    """Write the diagonal of (L L')^-1 into `diagonal`."""
    K = diagonal.size
    column = np.empty(K)
    for k in range(K):
        total = 0.0
        for i in range(k, K):
            value = 1.0 if i == k else 0.0
            for j in range(k, i):
                value -= L[i, j] * column[j]
            column[i] = value / L[i, i]
            total += column[i] * column[i]
        diagonal[k] = total


@part
def draw_wishart_factor(
    stream: np.random.Generator, S: Array, degrees: float, K: int, F: Array
) -> None:
    """Write the lower Cholesky factor of a draw from Wishart(degrees, S^-1) into F.

    With S = M'M, M lower triangular, and the lower triangular B of Bartlett's decomposition, the
    draw is F F' where M F = B. M overwrites the lower triangle of S.
    """
    reverse_cholesky(S, K)
    for i in range(K):
        row = F[i]
        for j in range(i):
            row[j] = stream.standard_normal()
        row[i] = math.sqrt(2.0 * draw_gamma(stream, 0.5 * (degrees - i)))
        for k in range(i):
            factor, above = S[i, k], F[k]
            for j in range(k + 1):
                row[j] -= factor * above[j]
        inverse = 1.0 / S[i, i]
        for j in range(i + 1):
            row[j] *= inverse
