r"""The variances of returns along the eigenvectors of their sample covariance, without bias.

The eigenvalues of a sample covariance of N series over T periods are too large where they are
large, and too small where they are small: what a sample's eigenvector *i* truly varies by is
:math:`d_i = u_i' \Sigma u_i`, not its eigenvalue :math:`\lambda_i`. As N and T grow together with
:math:`c = N / T`, it is (Ledoit & Peche 2011)

.. math::

    d_i = \frac{\lambda_i}{(\pi c \lambda_i f(\lambda_i))^2
    + (1 - c - \pi c \lambda_i h(\lambda_i))^2}

with f the density of the eigenvalues and h its Hilbert transform, both estimated here by an
Epanechnikov kernel whose width is a share :math:`T^{-1/3}` of each eigenvalue (Ledoit & Wolf 2020,
"Analytical nonlinear shrinkage of large-dimensional covariance matrices", Annals of Statistics 48).
A mean of T periods along :math:`u_i` has the variance :math:`d_i / T`: with :math:`\lambda_i` in
its place, noise along the smallest ones would pass for an edge.
"""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array

__all__ = ["true_variances"]

_ROOT, _FAR = np.sqrt(5.0), 100.0


def true_variances(eigenvalues: Array, n_observations: int) -> Array:
    """Return what the sample's eigenvectors truly vary by.

    Parameters
    ----------
    eigenvalues : ndarray of shape (n_series,)
        Of the sample covariance, in ascending order; those beyond its rank are ignored.
    n_observations : int

    Returns
    -------
    ndarray of shape (n_series,)
    """
    series = eigenvalues.size
    rank = min(series, n_observations)
    known = np.maximum(eigenvalues[series - rank :], np.finfo(float).tiny)
    ratio = series / n_observations
    density, hilbert = _density(known, n_observations)
    if series <= n_observations:
        return np.asarray(
            known
            / (
                (np.pi * ratio * known * density) ** 2
                + (1.0 - ratio - np.pi * ratio * known * hilbert) ** 2
            )
        )
    inside = known / (np.pi**2 * known**2 * (density**2 + hilbert**2))
    return np.concatenate([np.full(series - rank, _of_the_null_space(known, ratio)), inside])


def _density(eigenvalues: Array, n_observations: int) -> tuple[Array, Array]:
    """Return the density of the eigenvalues at each of them, and its Hilbert transform."""
    width = n_observations ** (-1.0 / 3.0) * eigenvalues
    x = (eigenvalues[:, None] - eigenvalues) / width
    kernel = 0.75 / _ROOT * np.maximum(1.0 - x**2 / 5.0, 0.0)
    return (kernel / width).mean(axis=1), (_transform(x) / width).mean(axis=1)


def _transform(x: Array) -> Array:
    """Return the Hilbert transform of the Epanechnikov kernel of variance 1."""
    near = np.clip(x, -_FAR, _FAR)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.abs((_ROOT - near) / (_ROOT + near)))
        far = -(1.0 + 1.0 / x**2) / (np.pi * x)
    logs = np.where(np.isfinite(logs), logs, 0.0)
    closed = -0.3 * near / np.pi + 0.75 / (_ROOT * np.pi) * (1.0 - near**2 / 5.0) * logs
    # The closed form is a small difference of large numbers there.
    return np.where(np.abs(x) < _FAR, closed, far)


def _of_the_null_space(known: Array, ratio: float) -> float:
    """Return what the directions vary by in which the sample does not vary at all."""
    periods = known.size
    width = periods ** (-1.0 / 3.0)
    transform = (
        0.3 / width**2
        + 0.75 / (_ROOT * width)
        * (1.0 - 0.2 / width**2)
        * np.log((1.0 + _ROOT * width) / (1.0 - _ROOT * width))
    ) / np.pi * np.mean(1.0 / known)  # fmt: skip
    return float(1.0 / (np.pi * (ratio - 1.0) * transform))
