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

There is one filter for each grid point, and the grid points' weights are the products of these
densities up to the row before: whatever is said of a row uses the rows before it only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.backward_sampling import sample_backwards
from puffin.inference.chains import Advance, run_chains, streams
from puffin.inference.dynamic_filter import FilteredCoefficients, GridState, run_filters
from puffin.inference.settings import Settings

__all__ = [
    "DynamicPrior",
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


def filter_coefficients(
    Z: Array, y: Array, prior: DynamicPrior
) -> tuple[FilteredCoefficients, GridState]:
    """Run the filters of all grid points, and mix them.

    Parameters
    ----------
    Z : ndarray of shape (n_times, n_coefficients)
    y : ndarray of shape (n_times,)

    Returns
    -------
    FilteredCoefficients
        Moments at each row.
    GridState
        The filters after the last.
    """
    T, p = Z.shape
    size = prior.walk_variances.shape[0]
    grid = GridState(
        np.zeros((p, size)),
        np.repeat(prior.start_variance * np.eye(p)[..., None], size, axis=2),
        np.full(size, prior.sum_of_squares),
        np.full(size, -math.log(size)),
        prior.freedom,
    )
    found = FilteredCoefficients.empty(T, p)
    Z, y = np.ascontiguousarray(Z), np.ascontiguousarray(y)
    run_filters(Z, y, np.ascontiguousarray(prior.walk_variances.T), grid, found)
    return found, grid._replace(freedom=prior.freedom + T)


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
            first, last = np.searchsorted(points, [point, point + 1])
            q = prior.walk_variances[point]
            sample_backwards(
                Z, y, q, prior.start_variance, sigma[first:last], stream, paths[first:last]
            )
            advance(int(last - first))
        order = stream.permutation(settings.draws)
        return paths[order], sigma[order]

    paths, sigmas = zip(*run_chains(run, settings), strict=True)
    return np.array(paths), np.array(sigmas)


def draw_grid_points(
    grid: GridState, count: int, stream: np.random.Generator
) -> tuple[NDArray[np.intp], Array]:
    """Draw grid points by weight, in order, and sigma given each."""
    weight = np.exp(grid.log_weight)
    points = np.sort(stream.choice(weight.size, count, p=weight / weight.sum()))
    rate = 0.5 * grid.sum_of_squares[points]
    return points, np.sqrt(rate / stream.standard_gamma(0.5 * grid.freedom, count))
