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
from puffin.inference.triangular import cholesky, solve_lower_transposed

__all__ = [
    "TILE",
    "draw_wishart_of_inverse",
    "inverse_diagonal",
    "squared_distances",
    "weighted_moments",
]

TILE = 256


@part
def squared_distances(
    x: Array, mu: Array, L: Array, tile: Array, row: Array, squares: Array
) -> None:
    """Write (x_t - mu)' L L' (x_t - mu) for the columns t of x into `squares`."""
    K, T = mu.size, squares.size
    for begin in range(0, T, TILE):
        size = min(TILE, T - begin)
        out = squares[begin : begin + size]
        for k in range(K):
            error, column, centre = tile[k][:size], x[k][begin : begin + size], mu[k]
            for t in range(size):
                error[t] = column[t] - centre
        for t in range(size):
            out[t] = 0.0
        for k in range(K):
            for t in range(size):
                row[t] = 0.0
            for j in range(k, K - 1, 2):
                error, weight = tile[j][:size], L[j, k]
                other, other_weight = tile[j + 1][:size], L[j + 1, k]
                for t in range(size):
                    row[t] += weight * error[t] + other_weight * other[t]
            if (K - k) % 2 == 1:
                error, weight = tile[K - 1][:size], L[K - 1, k]
                for t in range(size):
                    row[t] += weight * error[t]
            for t in range(size):
                out[t] += row[t] * row[t]


@part
def weighted_moments(x: Array, weights: Array, row: Array, first: Array, second: Array) -> None:
    """Write the sums of w_t x_t and w_t x_t x_t' over the columns t of x."""
    K, T = first.size, weights.size
    for k in range(K):
        first[k] = 0.0
        for j in range(K):
            second[k, j] = 0.0
    for begin in range(0, T, TILE):
        size = min(TILE, T - begin)
        weight = weights[begin : begin + size]
        for k in range(K):
            column = x[k][begin : begin + size]
            total = 0.0
            for t in range(size):
                row[t] = weight[t] * column[t]
                total += row[t]
            first[k] += total
            for j in range(k + 1):
                other = x[j][begin : begin + size]
                total = 0.0
                for t in range(size):
                    total += row[t] * other[t]
                second[k, j] += total
    for k in range(K):
        for j in range(k):
            second[j, k] = second[k, j]


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
def draw_wishart_of_inverse(
    stream: np.random.Generator, S: Array, degrees: float, K: int, factor: Array, W: Array
) -> None:
    """Write a draw from Wishart(degrees, S^-1) into W, by Bartlett's decomposition.

    S is K by K; `factor` is scratch.
    """
    cholesky(S, factor, K)
    for k in range(K):
        for j in range(K):
            W[k, j] = 0.0
    column = np.empty(K)
    for j in range(K):
        for i in range(j):
            column[i] = 0.0
        column[j] = math.sqrt(2.0 * draw_gamma(stream, 0.5 * (degrees - j)))
        for i in range(j + 1, K):
            column[i] = stream.standard_normal()
        solve_lower_transposed(factor, column)
        for k in range(K):
            for i in range(K):
                W[k, i] += column[k] * column[i]
