"""Distances, moments and Wishart draws of several series, inside kernels.

Series are rows, so that sums over time run along memory; they go tile by tile, so that a tile
stays in the first-level cache.
"""

from __future__ import annotations

import math

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.compiling import part
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
def squared_distances(x: Array, mu: Array, L: Array, rows: Array, squares: Array) -> None:
    """Write (x_t - mu)' L L' (x_t - mu) for the columns t of x into `squares`.

    Components of L'(x_t - mu) are made two at a time, from four series at a time, so that what has
    been loaded into a register is used more than once. `rows` is scratch of shape (2, TILE).
    """
    K, T = mu.size, squares.size
    for begin in range(0, T, TILE):
        size = min(TILE, T - begin)
        out, a, b = squares[begin : begin + size], rows[0][:size], rows[1][:size]
        for t in range(size):
            out[t] = 0.0
        for k in range(0, K - 1, 2):
            x0, x1 = x[k][begin : begin + size], x[k + 1][begin : begin + size]
            a0, a1, b1 = L[k, k], L[k + 1, k], L[k + 1, k + 1]
            a_centre, b_centre = a0 * mu[k], 0.0
            for j in range(k + 1, K):
                a_centre += L[j, k] * mu[j]
                b_centre += L[j, k + 1] * mu[j]
            for t in range(size):
                a[t] = a0 * x0[t] + a1 * x1[t] - a_centre
                b[t] = b1 * x1[t] - b_centre
            last = k + 2
            for j in range(k + 2, K - 3, 4):
                _add_four(x, L, begin, j, k, a, b)
                last = j + 4
            for j in range(last, K):
                a0, b0, x0 = L[j, k], L[j, k + 1], x[j][begin : begin + size]
                for t in range(size):
                    a[t] += a0 * x0[t]
                    b[t] += b0 * x0[t]
            for t in range(size):
                out[t] += a[t] * a[t] + b[t] * b[t]
        if K % 2 == 1:
            a0, centre, x0 = L[K - 1, K - 1], mu[K - 1], x[K - 1][begin : begin + size]
            for t in range(size):
                error = a0 * (x0[t] - centre)
                out[t] += error * error


@part
def _add_four(x: Array, L: Array, begin: int, j: int, k: int, a: Array, b: Array) -> None:
    """Add what series j to j + 3 contribute to components k and k + 1 of L' x."""
    size = a.size
    x0, x1 = x[j][begin : begin + size], x[j + 1][begin : begin + size]
    x2, x3 = x[j + 2][begin : begin + size], x[j + 3][begin : begin + size]
    a0, a1, a2, a3 = L[j, k], L[j + 1, k], L[j + 2, k], L[j + 3, k]
    b0, b1, b2, b3 = L[j, k + 1], L[j + 1, k + 1], L[j + 2, k + 1], L[j + 3, k + 1]
    for t in range(size):
        a[t] += a0 * x0[t] + a1 * x1[t] + a2 * x2[t] + a3 * x3[t]
        b[t] += b0 * x0[t] + b1 * x1[t] + b2 * x2[t] + b3 * x3[t]


@part
def weighted_moments(x: Array, weights: Array, rows: Array, first: Array, second: Array) -> None:
    """Write the sums of w_t x_t and, in the lower triangle, of w_t x_t x_t' over columns t of x.

    Two series are multiplied with two at a time. `rows` is scratch of shape (2, TILE).
    """
    K, T = first.size, weights.size
    for k in range(K):
        first[k] = 0.0
        for j in range(k + 1):
            second[k, j] = 0.0
    for begin in range(0, T, TILE):
        size = min(TILE, T - begin)
        weight, a, b = weights[begin : begin + size], rows[0][:size], rows[1][:size]
        for k in range(0, K - 1, 2):
            x0, x1 = x[k][begin : begin + size], x[k + 1][begin : begin + size]
            sum0, sum1, sum00, sum10, sum11 = 0.0, 0.0, 0.0, 0.0, 0.0
            for t in range(size):
                a[t] = weight[t] * x0[t]
                b[t] = weight[t] * x1[t]
                sum0 += a[t]
                sum1 += b[t]
                sum00 += a[t] * x0[t]
                sum10 += b[t] * x0[t]
                sum11 += b[t] * x1[t]
            first[k] += sum0
            first[k + 1] += sum1
            second[k, k] += sum00
            second[k + 1, k] += sum10
            second[k + 1, k + 1] += sum11
            for j in range(0, k, 2):
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
        if K % 2 == 1:
            last = x[K - 1][begin : begin + size]
            for t in range(size):
                a[t] = weight[t] * last[t]
                first[K - 1] += a[t]
            for j in range(K):
                x0 = x[j][begin : begin + size]
                total = 0.0
                for t in range(size):
                    total += a[t] * x0[t]
                second[K - 1, j] += total


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
