r"""What many assets' returns have in common beside given factors, with gaps in the panel.

.. math::

    y_{it} = x_t' \theta_i + h_t' \lambda_i + u_{it}, \qquad h_t \sim N(0, I), \quad
    u_{it} \sim N(0, d_i)

x has a column of ones and the given factors; h are k factors that nobody named, orthogonal to x
over the whole sample: that they had a mean of their own in it cannot be told from alpha, and is the
chance that all estimates share (`hierarchical`). Maximum likelihood by EM: given exposures, h_t is
normal; given h, each asset is a regression on its own rows. Every step orthogonalises and scales h,
which leaves the likelihood as it is or raises it (parameter expansion). So an asset that starts
later is compared with what the common factors did in its own months.

The number of factors is that of components of the residuals which are larger than if signs were
random: a component is taken out while the largest one that is left exceeds those of the residuals
with random signs, whose gaps, tails and volatility are the same (Hong, Sheng & Dobriban 2020,
"Selecting the number of components in PCA via random signflips"). With few assets it has to be
5% larger, with more assets than periods twice as large: exposures to a weaker one are mostly noise
there, and weights that rest on them make the mean of alphas look better known than it is. One that
loads on fewer than about five assets is no common factor, and ends the count: its exposures are not
identified.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array

__all__ = [
    "LEAST_SHARE",
    "ResidualFactors",
    "breadth",
    "count_factors",
    "fit_residual_factors",
    "most_factors",
]

_MOST_STEPS, _TOLERANCE = 200, 1e-3
LEAST_SHARE = 0.01
"""Of an asset's residual variance that is its own: with less, likelihood has no bound (Heywood)."""
_LEAST_BREADTH = 5.0
_MOST_FACTORS, _PERIODS_A_FACTOR = 20, 15
_SIGNS, _FLIPS, _MARGIN = 2020, 9, 1.05


@dataclass(frozen=True)
class ResidualFactors:
    """Common factors, and each asset's regression on them and those given.

    Attributes
    ----------
    scores : ndarray of shape (n_periods, k)
    uncertainty : ndarray of shape (n_periods, k, k)
        Covariances of the scores given the returns.
    coefficients : ndarray of shape (n_assets, q + k)
        theta and lambda.
    normal : ndarray of shape (n_assets, q + k, q + k)
        Products of regressors over an asset's rows, with those of the scores as they are expected.
    squares : ndarray of shape (n_assets,)
        Sums of the squared errors u, as they are expected.
    """

    scores: Array
    uncertainty: Array
    coefficients: Array
    normal: Array
    squares: Array


def most_factors(n_periods: int, n_assets: int) -> int:
    """Return how many factors are counted at most: more are not told from noise."""
    return min(max(1, (n_assets - 1) // 2), n_periods // _PERIODS_A_FACTOR, _MOST_FACTORS)


def count_factors(residuals: Array, present: NDArray[np.bool_]) -> int:
    """Return how many factors residuals have in common.

    Parameters
    ----------
    residuals : ndarray of shape (n_periods, n_assets)
        With unit variance; 0 where they are not known.
    """
    n_periods, n_assets = residuals.shape
    most = most_factors(n_periods, n_assets)
    if n_assets < 2:
        return 0
    margin = _MARGIN + min(n_assets / n_periods, 1.0)
    # Signs of its own, the same each time: no draw of a fit depends on them but through the count.
    stream = np.random.default_rng(_SIGNS)
    left = residuals if n_assets > n_periods else residuals.T
    known = present if n_assets > n_periods else present.T
    for count in range(most):
        values, vectors = np.linalg.eigh(left @ left.T)
        by_chance = [_largest_of_random_signs(left, stream) for _ in range(_FLIPS)]
        if values[-1] <= margin * max(by_chance):
            return count
        component = vectors[:, -1:]
        loadings = component[:, 0] if n_assets <= n_periods else component[:, 0] @ left
        if breadth(loadings) < min(_LEAST_BREADTH, 0.5 * n_assets):
            return count
        left = np.where(known, left - component @ (component.T @ left), 0.0)
    return most


def breadth(loadings: Array) -> float:
    """Return how many loadings of equal size would be as spread as these (participation ratio)."""
    squares = loadings**2
    return float(squares.sum() ** 2 / np.sum(squares**2))


def _largest_of_random_signs(residuals: Array, stream: np.random.Generator) -> float:
    """Return the largest eigenvalue of the products of rows where signs are random."""
    flipped = np.where(stream.random(residuals.shape) < 0.5, -residuals, residuals)
    return float(np.linalg.eigvalsh(flipped @ flipped.T)[-1])


def fit_residual_factors(
    returns: Array, present: NDArray[np.bool_], X: Array, count: int
) -> ResidualFactors:
    """Fit the model of the module's docstring.

    Parameters
    ----------
    returns : ndarray of shape (n_periods, n_assets)
        Over the standard deviation of each asset's residuals; 0 where they are not known.
    present : ndarray of bool of that shape
        Which are known.
    X : ndarray of shape (n_periods, q)
        A column of ones and the given factors.
    count : int
        How many common factors.
    """
    seen = present.T.astype(np.float64)
    scores, uncertainty = _first_scores(returns, present, X, count)
    fit = _regressed(returns, seen, X, scores, uncertainty)
    for _ in range(_MOST_STEPS if count else 0):
        before = scores
        scores, uncertainty = _scored(returns, present, X, fit)
        fit = _regressed(returns, seen, X, scores, uncertainty)
        if np.abs(np.abs(scores) - np.abs(before)).max() < _TOLERANCE:
            break
    return fit


def _first_scores(
    returns: Array, present: NDArray[np.bool_], X: Array, count: int
) -> tuple[Array, Array]:
    """Return principal components of the residuals, as if they were certain."""
    n_periods = len(X)
    nothing = np.zeros((n_periods, 0)), np.zeros((n_periods, 0, 0))
    alone = _regressed(returns, present.T.astype(np.float64), X, *nothing)
    residuals = np.where(present, returns - X @ alone.coefficients.T, 0.0)
    left = np.linalg.svd(residuals, full_matrices=False)[0][:, :count]
    return _normalised(left, np.zeros((n_periods, count, count)), X)


def _regressed(
    returns: Array, seen: Array, X: Array, scores: Array, uncertainty: Array
) -> ResidualFactors:
    """Regress each asset on the given factors and the scores, over its own rows."""
    Z = np.column_stack([X, scores])
    q, width = X.shape[1], Z.shape[1]
    products = Z[:, :, None] * Z[:, None, :]
    products[:, q:, q:] += uncertainty
    normal = (seen @ products.reshape(len(Z), -1)).reshape(-1, width, width)
    cross = returns.T @ Z
    coefficients = np.linalg.solve(normal, cross[:, :, None])[:, :, 0]
    squares = np.sum(returns**2, axis=0) - np.sum(coefficients * cross, axis=1)
    return ResidualFactors(scores, uncertainty, coefficients, normal, np.maximum(squares, 0.0))


def _scored(
    returns: Array, present: NDArray[np.bool_], X: Array, fit: ResidualFactors
) -> tuple[Array, Array]:
    """Return the scores' means and covariances given coefficients, orthogonal and of unit size."""
    q = X.shape[1]
    theta, exposures = fit.coefficients[:, :q], fit.coefficients[:, q:]
    variances = np.maximum(fit.squares / present.sum(axis=0), LEAST_SHARE)
    weighted = exposures / variances[:, None]
    products = (exposures[:, :, None] * weighted[:, None, :]).reshape(len(exposures), -1)
    k = exposures.shape[1]
    precision = (present @ products).reshape(-1, k, k) + np.eye(k)
    uncertainty = np.linalg.inv(precision)
    residuals = np.where(present, returns - X @ theta.T, 0.0)
    scores = (uncertainty @ (residuals @ weighted)[:, :, None])[:, :, 0]
    return _normalised(scores, uncertainty, X)


def _normalised(scores: Array, uncertainty: Array, X: Array) -> tuple[Array, Array]:
    """Return scores orthogonal to X whose expected squares are one for each degree of freedom."""
    scores = scores - X @ np.linalg.lstsq(X, scores, rcond=None)[0]
    expected = (scores.T @ scores + uncertainty.sum(axis=0)) / (len(X) - X.shape[1])
    inverse = np.linalg.inv(np.linalg.cholesky(expected))
    return scores @ inverse.T, inverse @ uncertainty @ inverse.T
