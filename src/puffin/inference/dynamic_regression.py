r"""Regression whose coefficients follow random walks, on a grid of their variances.

.. math::

    y_t = z_t' \theta_t + \sigma u_t, \qquad
    \theta_t = \theta_{t-1} + \sigma Q_g^{1/2} w_t, \qquad
    \sigma^2 \sim IG(n_0 / 2, d_0 / 2), \qquad \theta_0 \sim N(0, \sigma^2 c_0 I)

Given a grid point g, with :math:`Q_g = \operatorname{diag}(q_\alpha, q_\beta, \dots)`, this is the
conjugate dynamic linear model with unknown variance (West & Harrison 1997, section 4.5): a Kalman
filter whose predictive distributions are Student-t,

.. math::

    R_t = C_{t-1} + Q_g, \quad f_t = z_t' m_{t-1}, \quad
    y_t | y_{1:t-1} \sim t_{n_{t-1}}\big(f_t, (z_t' R_t z_t + 1) d_{t-1} / n_{t-1}\big)

One filter for each grid point, and the grid points' weights from the product of these densities
up to the row before: all that is said of a row knows the rows before it, and nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import kernel, part
from puffin.inference.chains import Advance, run_chains, streams
from puffin.inference.settings import Settings

__all__ = [
    "DynamicPrior",
    "FilteredCoefficients",
    "GridFilters",
    "draw_grid_points",
    "filter_coefficients",
    "sample_coefficient_paths",
]


@dataclass(frozen=True)
class DynamicPrior:
    """The start, the noise, and the grid of the random walks' variances, equally likely.

    Attributes
    ----------
    start_variance : float
        c_0: that of each coefficient before the first row, in units of sigma^2.
    freedom, sum_of_squares : float
        n_0 and d_0 of the noise.
    walk_variances : ndarray of shape (n_grid, n_coefficients)
        q of each coefficient, in units of sigma^2.
    """

    start_variance: float
    freedom: float
    sum_of_squares: float
    walk_variances: Array


@dataclass(frozen=True)
class FilteredCoefficients:
    """Moments at each row, and the grid's filters after the last.

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


@dataclass(frozen=True)
class GridFilters:
    """The filters of the grid points after the last row.

    Attributes
    ----------
    log_weight : ndarray of shape (n_grid,)
        Posterior of the grid points, normalised.
    mean : ndarray of shape (n_grid, n_coefficients)
        Of the coefficients at the row to come.
    covariance : ndarray of shape (n_grid, n_coefficients, n_coefficients)
        In units of sigma^2.
    sum_of_squares : ndarray of shape (n_grid,)
        d; sigma^2 ~ InvGamma(freedom / 2, d / 2).
    freedom : float
    """

    log_weight: Array
    mean: Array
    covariance: Array
    sum_of_squares: Array
    freedom: float


def filter_coefficients(
    Z: Array, y: Array, prior: DynamicPrior
) -> tuple[FilteredCoefficients, GridFilters]:
    """Run the filters of all grid points, and mix them.

    Parameters
    ----------
    Z : ndarray of shape (n_times, n_coefficients)
    y : ndarray of shape (n_times,)
    """
    T, p = Z.shape
    size = prior.walk_variances.shape[0]
    predicted = np.empty((T + 1, p)), np.empty((T + 1, p, p))
    filtered = np.empty((T, p)), np.empty((T, p, p))
    forecast = np.empty((3, T))
    log_weight = np.full(size, -math.log(size))
    m = np.zeros((p, size))
    C = np.repeat(prior.start_variance * np.eye(p)[..., None], size, axis=2)
    d = np.full(size, prior.sum_of_squares)
    _filter(
        np.ascontiguousarray(Z), np.ascontiguousarray(y),
        np.ascontiguousarray(prior.walk_variances.T), prior.freedom,
        m, C, d, log_weight, *predicted, *filtered, forecast,
    )  # fmt: skip
    return (
        FilteredCoefficients(*predicted, *filtered, *forecast),
        GridFilters(log_weight, m.T, np.moveaxis(C, 2, 0), d, prior.freedom + T),
    )


def sample_coefficient_paths(
    Z: Array, y: Array, prior: DynamicPrior, settings: Settings
) -> tuple[Array, Array]:
    """Draw paths of the coefficients given all rows: forward filtering, backward sampling.

    A grid point by its weight, sigma^2 from its inverse gamma, then the path from its last row to
    its first (Carter & Kohn 1994; Frühwirth-Schnatter 1994). Draws are independent.

    Returns
    -------
    paths : ndarray of shape (n_chains, n_draws, n_times, n_coefficients)
    sigma : ndarray of shape (n_chains, n_draws)
    """
    Z, y = np.ascontiguousarray(Z), np.ascontiguousarray(y)
    _, grid = filter_coefficients(Z, y, prior)
    generators = streams(settings.seed, settings.chains)

    def run(chain: int, advance: Advance) -> tuple[Array, Array]:
        stream = generators[chain]
        points, sigma = draw_grid_points(grid, settings.draws, stream)
        paths = np.empty((settings.draws, *Z.shape))
        for point in np.unique(points):
            drawn = np.flatnonzero(points == point)
            q = prior.walk_variances[point]
            _sample_backwards(
                Z, y, q, prior.start_variance, sigma, drawn[0], drawn[-1] + 1, stream, paths
            )
            advance(drawn.size)
        order = stream.permutation(settings.draws)
        return paths[order], sigma[order]

    paths, sigmas = zip(*run_chains(run, settings), strict=True)
    return np.array(paths), np.array(sigmas)


def draw_grid_points(
    grid: GridFilters, count: int, stream: np.random.Generator
) -> tuple[NDArray[np.intp], Array]:
    """Draw grid points by weight, in order, and sigma given each."""
    weight = np.exp(grid.log_weight)
    points = np.sort(stream.choice(weight.size, count, p=weight / weight.sum()))
    rate = 0.5 * grid.sum_of_squares[points]
    return points, np.sqrt(rate / stream.standard_gamma(0.5 * grid.freedom, count))


@kernel
def _filter(
    Z: Array,
    y: Array,
    q: Array,
    freedom: float,
    m: Array,
    C: Array,
    d: Array,
    log_weight: Array,
    predicted_mean: Array,
    predicted_covariance: Array,
    filtered_mean: Array,
    filtered_covariance: Array,
    forecast: Array,
) -> None:
    """Grid points are the last axis of q, m and C, so that loops over them are vectorised."""
    T, p = Z.shape
    size = d.size
    gain, expected = np.empty((p, size)), np.empty(size)
    error, spread, log_d = np.empty(size), np.empty(size), np.log(d)
    weight, part_weight = np.exp(log_weight), np.empty(size)
    for t in range(T):
        n = freedom + t
        _add_walks(C, q)
        _mix(weight, n, d, m, C, part_weight, predicted_mean[t], predicted_covariance[t])
        _forecast(Z[t], m, C, gain, expected, spread)
        _mix_forecasts(weight, part_weight, expected, spread, forecast[:2, t])
        constant = math.lgamma(0.5 * (n + 1.0)) - math.lgamma(0.5 * n) - 0.5 * math.log(math.pi)
        highest = -math.inf
        for g in range(size):
            error[g] = y[t] - expected[g]
            d[g] += error[g] * error[g] / spread[g]
            after = math.log(d[g])
            log_weight[g] += (
                constant
                - 0.5 * (math.log(spread[g]) + log_d[g])
                - 0.5 * (n + 1.0) * (after - log_d[g])
            )
            log_d[g] = after
            highest = max(highest, log_weight[g])
        total = 0.0
        for g in range(size):
            weight[g] = math.exp(log_weight[g] - highest)
            total += weight[g]
        forecast[2, t] = highest + math.log(total)
        for g in range(size):
            log_weight[g] -= forecast[2, t]
            weight[g] /= total
        _update(m, C, gain, error, spread)
        _mix(weight, n + 1.0, d, m, C, part_weight, filtered_mean[t], filtered_covariance[t])
    _add_walks(C, q)
    _mix(weight, freedom + T, d, m, C, part_weight, predicted_mean[T], predicted_covariance[T])


@part
def _add_walks(C: Array, q: Array) -> None:
    for i in range(q.shape[0]):
        for g in range(q.shape[1]):
            C[i, i, g] += q[i, g]


@part
def _forecast(z: Array, m: Array, C: Array, gain: Array, expected: Array, spread: Array) -> None:
    """Write C z, the forecast, and the variance of its error over sigma^2."""
    p, size = m.shape
    expected[:] = 0.0
    spread[:] = 1.0
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
def _update(m: Array, C: Array, gain: Array, error: Array, spread: Array) -> None:
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
def _mix_forecasts(
    weight: Array, part_weight: Array, expected: Array, spread: Array, moments: Array
) -> None:
    mean = 0.0
    for g in range(weight.size):
        mean += weight[g] * expected[g]
    variance = 0.0
    for g in range(weight.size):
        variance += part_weight[g] * spread[g] + weight[g] * (expected[g] - mean) ** 2
    moments[0], moments[1] = mean, variance


@kernel
def _sample_backwards(
    Z: Array,
    y: Array,
    q: Array,
    start_variance: float,
    sigma: Array,
    first: int,
    last: int,
    stream: np.random.Generator,
    paths: Array,
) -> None:
    """Draw the paths `first` to `last` at one grid point.

    Backwards, theta_t given theta_{t+1} is N(m_t + B (theta_{t+1} - m_t), sigma^2 (C_t - B C_t))
    with B = C_t (C_t + Q)^-1. Here in sequence over the coefficients: as C_t + Q is what an
    observation of theta_t + w would have for its variance, each coordinate of theta_{t+1} is taken
    in as one more row.
    """
    T, p = Z.shape
    means, factors = np.empty((T, p)), np.empty((T, p, p))
    backs = np.empty((T, p, p))
    m, C, point = np.zeros((p, 1)), np.zeros((p, p, 1)), q.reshape(p, 1)
    for i in range(p):
        C[i, i, 0] = start_variance
    gain, expected, spread = np.empty((p, 1)), np.empty(1), np.empty(1)
    error = np.empty(1)
    noise = np.empty(p)
    for t in range(T):
        _add_walks(C, point)
        _forecast(Z[t], m, C, gain, expected, spread)
        error[0] = y[t] - expected[0]
        _update(m, C, gain, error, spread)
        means[t] = m[:, 0]
        V = C[:, :, 0].copy()
        if t < T - 1:
            _condition_on_next(V, q, backs[t])
        _lower_factor(V, factors[t])
    for draw in range(first, last):
        for t in range(T - 1, -1, -1):
            for i in range(p):
                noise[i] = sigma[draw] * stream.standard_normal()
            for i in range(p):
                value = means[t, i]
                for j in range(i + 1):
                    value += factors[t, i, j] * noise[j]
                if t < T - 1:
                    for j in range(p):
                        value += backs[t, i, j] * (paths[draw, t + 1, j] - means[t, j])
                paths[draw, t, i] = value


@part
def _condition_on_next(V: Array, q: Array, back: Array) -> None:
    """Replace V = C by C - B C, and write B = C (C + Q)^-1, one coordinate after the other.

    Coordinate k of the next state is the k-th of this one plus noise of variance q_k: a scalar
    update of a mean that is linear in what was seen, whose coefficients are the columns of B.
    """
    p = q.size
    back[:] = 0.0
    gain = np.empty(p)
    for k in range(p):
        spread = V[k, k] + q[k]
        for i in range(p):
            gain[i] = V[i, k] / spread
        for j in range(p):
            seen = back[k, j]
            for i in range(p):
                back[i, j] -= gain[i] * seen
        for i in range(p):
            back[i, k] += gain[i]
        for i in range(p):
            for j in range(p):
                if k not in (i, j):
                    V[i, j] -= gain[i] * spread * gain[j]
        # In the form that does not cancel where q is small.
        kept = q[k] / spread
        for i in range(p):
            if i != k:
                V[i, k] *= kept
                V[k, i] = V[i, k]
        V[k, k] *= kept


@part
def _lower_factor(V: Array, L: Array) -> None:
    """Write the Cholesky factor of V; a pivot that rounding made negative is zero."""
    p = V.shape[0]
    L[:] = 0.0
    for j in range(p):
        pivot = V[j, j]
        for k in range(j):
            pivot -= L[j, k] * L[j, k]
        L[j, j] = math.sqrt(max(pivot, 0.0))
        for i in range(j + 1, p):
            value = V[i, j]
            for k in range(j):
                value -= L[i, k] * L[j, k]
            L[i, j] = value / L[j, j] if L[j, j] > 0.0 else 0.0
