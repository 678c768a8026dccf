"""Conjugate Kalman filters with unknown variance, one a grid point, and their mixture at each row.

The formulas are in `puffin.inference.dynamic_regression`. Grid points are the last axis, so that
loops over them are vectorised.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import kernel, part

__all__ = ["FilteredCoefficients", "GridState", "add_walks", "forecast", "run_filters", "update"]


class FilteredCoefficients(NamedTuple):
    """Moments of the coefficients and of y at each row, over all grid points.

    Attributes
    ----------
    predicted_mean : ndarray of shape (n_times + 1, n_coefficients)
        Of the coefficients at a row, given the rows before it; the last is that of the row to come.
    predicted_covariance : ndarray of shape (n_times + 1, n_coefficients, n_coefficients)
    filtered_mean, filtered_covariance : ndarray
        Given the row itself too, n_times of them.
    forecast_mean, forecast_variance : ndarray of shape (n_times,)
        Of y at a row, given the rows before it and the row's features.
    log_evidence : ndarray of shape (n_times,)
        Log density of y at a row, given the rows before it.
    """

    predicted_mean: Array
    predicted_covariance: Array
    filtered_mean: Array
    filtered_covariance: Array
    forecast_mean: Array
    forecast_variance: Array
    log_evidence: Array

    @classmethod
    def empty(cls, n_times: int, n_coefficients: int) -> FilteredCoefficients:
        """Return moments that are not known yet: NaN."""
        T, p = n_times, n_coefficients
        shapes = (T + 1, p), (T + 1, p, p), (T, p), (T, p, p), (T,), (T,), (T,)
        return cls(*(np.full(shape, np.nan) for shape in shapes))


class GridState(NamedTuple):
    """What the filters of the grid points know after some rows.

    Attributes
    ----------
    mean : ndarray of shape (n_coefficients, n_grid)
        Of the coefficients at the row to come.
    covariance : ndarray of shape (n_coefficients, n_coefficients, n_grid)
        In units of sigma^2.
    sum_of_squares : ndarray of shape (n_grid,)
        d; sigma^2 ~ InvGamma(freedom / 2, d / 2).
    log_weight : ndarray of shape (n_grid,)
        Posterior of the grid points, normalised.
    freedom : float
    """

    mean: Array
    covariance: Array
    sum_of_squares: Array
    log_weight: Array
    freedom: float


class Scratch(NamedTuple):
    """What the filters of all grid points work with at a row.

    Attributes
    ----------
    gain : ndarray of shape (n_coefficients, n_grid)
        Covariance of the coefficients with y, over sigma^2.
    expected, spread, error : ndarray of shape (n_grid,)
        The forecast, the variance of its error over sigma^2, and the error.
    log_d, weight, part_weight : ndarray of shape (n_grid,)
        Logarithm of d; weights of the grid points, and those times E sigma^2.
    """

    gain: Array
    expected: Array
    spread: Array
    error: Array
    log_d: Array
    weight: Array
    part_weight: Array

    @classmethod
    def of(cls, grid: GridState) -> Scratch:
        """Return scratch for filters of so many grid points."""
        expected, spread, error, part_weight = np.empty((4, grid.log_weight.size))
        log_d, weight = np.log(grid.sum_of_squares), np.exp(grid.log_weight)
        return cls(np.empty(grid.mean.shape), expected, spread, error, log_d, weight, part_weight)


def run_filters(Z: Array, y: Array, q: Array, grid: GridState, found: FilteredCoefficients) -> None:
    """Run the filters of all grid points from the first row to the last, and write their mixture.

    Parameters
    ----------
    Z : ndarray of shape (n_times, n_coefficients)
    y : ndarray of shape (n_times,)
    q : ndarray of shape (n_coefficients, n_grid)
        Variances of the random walks' steps.
    grid : GridState
        Before the first row. Its arrays are left as they are after the last, with the step to the
        row to come added.
    found : FilteredCoefficients
        Written.
    """
    _run_filters(Z, y, q, grid, Scratch.of(grid), found)


@kernel
def _run_filters(
    Z: Array, y: Array, q: Array, grid: GridState, scratch: Scratch, found: FilteredCoefficients
) -> None:
    m, C, d, _, freedom = grid
    gain, expected, spread, error, _, weight, part_weight = scratch
    T = y.size
    for t in range(T + 1):
        n = freedom + t
        add_walks(C, q)
        _mix(
            weight, n, d, m, C, part_weight, found.predicted_mean[t], found.predicted_covariance[t]
        )
        if t == T:
            break
        forecast(Z[t], m, C, gain, expected, spread)
        mean, variance = _mixed_forecast(weight, part_weight, expected, spread)
        found.forecast_mean[t], found.forecast_variance[t] = mean, variance
        found.log_evidence[t] = _weigh(y[t], n, grid, scratch)
        update(m, C, gain, error, spread)
        _mix(
            weight,
            n + 1.0,
            d,
            m,
            C,
            part_weight,
            found.filtered_mean[t],
            found.filtered_covariance[t],
        )


@part
def _weigh(y: float, n: float, grid: GridState, scratch: Scratch) -> float:
    """Weigh the grid points by the density of y, add its errors to d, and return log p(y)."""
    _, _, d, log_weight, _ = grid
    _, expected, spread, error, log_d, weight, _ = scratch
    constant = math.lgamma(0.5 * (n + 1.0)) - math.lgamma(0.5 * n) - 0.5 * math.log(math.pi)
    highest = -math.inf
    for g in range(d.size):
        error[g] = y - expected[g]
        d[g] += error[g] * error[g] / spread[g]
        after = math.log(d[g])
        log_weight[g] += (
            constant - 0.5 * (math.log(spread[g]) + log_d[g]) - 0.5 * (n + 1.0) * (after - log_d[g])
        )
        log_d[g] = after
        highest = max(highest, log_weight[g])
    total = 0.0
    for g in range(d.size):
        weight[g] = math.exp(log_weight[g] - highest)
        total += weight[g]
    evidence = highest + math.log(total)
    for g in range(d.size):
        log_weight[g] -= evidence
        weight[g] /= total
    return evidence


@part
def add_walks(C: Array, q: Array) -> None:
    """Add the variances of a step to the covariances of the coefficients."""
    for i in range(q.shape[0]):
        for g in range(q.shape[1]):
            C[i, i, g] += q[i, g]


@part
def forecast(z: Array, m: Array, C: Array, gain: Array, expected: Array, spread: Array) -> None:
    """Write C z, the forecast, and the variance of its error over sigma^2."""
    p, size = m.shape
    for g in range(size):
        expected[g], spread[g] = 0.0, 1.0
    for i in range(p):
        for g in range(size):
            gain[i, g] = 0.0
            expected[g] += z[i] * m[i, g]
        for j in range(p):
            for g in range(size):
                gain[i, g] += C[i, j, g] * z[j]
        for g in range(size):
            spread[g] += z[i] * gain[i, g]


@part
def update(m: Array, C: Array, gain: Array, error: Array, spread: Array) -> None:
    """Take a row in, whose forecast was off by `error`."""
    p, size = m.shape
    for i in range(p):
        for g in range(size):
            m[i, g] += gain[i, g] * error[g] / spread[g]
        for j in range(p):
            for g in range(size):
                C[i, j, g] -= gain[i, g] * gain[j, g] / spread[g]


@part
def _mix(
    weight: Array,
    n: float,
    d: Array,
    m: Array,
    C: Array,
    part_weight: Array,
    mean: Array,
    covariance: Array,
) -> None:
    """Write mean and covariance of the mixture, and each part's weight times E sigma^2."""
    p, size = m.shape
    for g in range(size):
        part_weight[g] = weight[g] * d[g] / (n - 2.0)
    for i in range(p):
        total = 0.0
        for g in range(size):
            total += weight[g] * m[i, g]
        mean[i] = total
    for i in range(p):
        for j in range(i + 1):
            total = 0.0
            for g in range(size):
                total += part_weight[g] * C[i, j, g] + weight[g] * (
                    (m[i, g] - mean[i]) * (m[j, g] - mean[j])
                )
            covariance[i, j] = total
            covariance[j, i] = total


@part
def _mixed_forecast(
    weight: Array, part_weight: Array, expected: Array, spread: Array
) -> tuple[float, float]:
    mean = 0.0
    for g in range(weight.size):
        mean += weight[g] * expected[g]
    variance = 0.0
    for g in range(weight.size):
        variance += part_weight[g] * spread[g] + weight[g] * (expected[g] - mean) ** 2
    return mean, variance
