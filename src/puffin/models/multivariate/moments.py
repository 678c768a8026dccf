r"""Covariance matrices of draws, :math:`B' D B + E`, averaged without keeping them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array

__all__ = [
    "CovarianceMoments",
    "covariance_moments",
    "in_a_row",
    "mean_covariances",
    "portfolio_variances",
]


class CovarianceMoments(NamedTuple):
    """Averages over draws, each of shape (n_assets, n_assets).

    Attributes
    ----------
    mean, sd : ndarray
        Of each covariance.
    correlation, correlation_sd : ndarray
        Of each correlation.
    """

    mean: Array
    sd: Array
    correlation: Array
    correlation_sd: Array


def in_a_row(draws: NDArray[Any]) -> NDArray[Any]:
    """Return draws of all chains, one after the other: (n_chains * n_draws, ...)."""
    return draws.reshape(draws.shape[0] * draws.shape[1], *draws.shape[2:])


def covariance_moments(loadings: Array, variances: Array) -> CovarianceMoments:
    """Return the averages over draws at one date.

    Parameters
    ----------
    loadings : ndarray of shape (n_draws, n_factors, n_assets)
    variances : ndarray of shape (n_draws, n_assets + n_factors)
        Of errors, then of factors.
    """
    n_draws, _, m = loadings.shape
    total = np.zeros((4, m, m))
    for B, v in zip(loadings, variances, strict=True):
        matrix = (B.T * v[m:]) @ B
        matrix[np.diag_indices(m)] += v[:m]
        sd = np.sqrt(np.diag(matrix))
        correlation = matrix / np.outer(sd, sd)
        total += np.array([matrix, matrix**2, correlation, correlation**2])
    mean, square, correlation, correlation_square = total / n_draws
    np.fill_diagonal(correlation, 1.0)
    np.fill_diagonal(correlation_square, 1.0)
    return CovarianceMoments(
        mean,
        np.sqrt(np.maximum(square - mean**2, 0.0)),
        correlation,
        np.sqrt(np.maximum(correlation_square - correlation**2, 0.0)),
    )


def mean_covariances(loadings: Array, h: NDArray[np.float32], *, correlations: bool) -> Array:
    """Return the mean covariance, or correlation, at every time: (n_times, n_assets, n_assets).

    Parameters
    ----------
    loadings : ndarray of shape (n_draws, n_factors, n_assets)
    h : ndarray of shape (n_draws, n_times, n_assets + n_factors)
        Log-variances of errors, then of factors.
    """
    n_draws, _, m = loadings.shape
    out = np.empty((h.shape[1], m, m))
    for t in range(h.shape[1]):
        v = np.exp(h[:, t].astype(np.float64))
        common = (loadings**2 * v[:, m:, None]).sum(axis=1)
        total = common + v[:, :m]
        scale = 1.0 / total if correlations else np.ones_like(total)
        # Each factor of each draw is a row: all draws in one product of matrices.
        rows = (loadings * np.sqrt(v[:, m:, None] * scale[:, None])).reshape(-1, m)
        out[t] = rows.T @ rows / n_draws
        out[t][np.diag_indices(m)] += (v[:, :m] * scale).mean(axis=0)
    return out


def portfolio_variances(loadings: Array, variances: Array, weights: Array) -> Array:
    """Return the variance of portfolios, for each draw.

    Parameters
    ----------
    loadings : ndarray of shape (..., n_factors, n_assets)
    variances : ndarray of shape (..., n_assets + n_factors)
    weights : ndarray of shape (n_assets,) or (n_assets, n_portfolios)

    Returns
    -------
    ndarray of shape (...) or (..., n_portfolios)
    """
    m = loadings.shape[-1]
    exposures = loadings @ weights
    common = np.einsum("...k,...kp->...p", variances[..., m:], _columns(exposures, weights) ** 2)
    own = variances[..., :m] @ _columns(weights, weights) ** 2
    total = np.asarray(common + own)
    return total if weights.ndim == 2 else total[..., 0]


def _columns(values: Array, weights: Array) -> Array:
    return values if weights.ndim == 2 else values[..., None]
