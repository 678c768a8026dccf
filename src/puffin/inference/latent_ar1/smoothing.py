"""Moments of a Gaussian with a tridiagonal precision."""

from __future__ import annotations

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.compiling import kernel

__all__ = ["smooth"]


def smooth(diagonal: Array, coupling: Array, shift: Array) -> tuple[Array, Array, Array]:
    """Return means, variances, and covariances of neighbours of N(P^-1 shift, P^-1).

    Parameters
    ----------
    diagonal : ndarray of shape (n_times,)
        Diagonal of the precision P.
    coupling : ndarray of shape (n_times - 1,)
        Minus its first off-diagonal.
    shift : ndarray of shape (n_times,)

    Returns
    -------
    mean, variance : ndarray of shape (n_times,)
    covariance : ndarray of shape (n_times - 1,)
    """
    n = diagonal.size
    mean, variance, covariance = np.empty(n), np.empty(n), np.empty(n - 1)
    _smooth(diagonal, coupling, shift, mean, variance, covariance)
    return mean, variance, covariance


@kernel
def _smooth(
    diagonal: Array,
    coupling: Array,
    shift: Array,
    mean: Array,
    variance: Array,
    covariance: Array,
) -> None:
    """Eliminate forwards, substitute backwards; both outputs hold the elimination in between."""
    n = diagonal.size
    variance[0], mean[0] = 1.0 / diagonal[0], shift[0]
    for t in range(1, n):
        ratio = coupling[t - 1] * variance[t - 1]
        variance[t] = 1.0 / (diagonal[t] - coupling[t - 1] * ratio)
        mean[t] = shift[t] + ratio * mean[t - 1]
    mean[n - 1] *= variance[n - 1]
    for t in range(n - 2, -1, -1):
        ratio = coupling[t] * variance[t]
        mean[t] = variance[t] * mean[t] + ratio * mean[t + 1]
        covariance[t] = ratio * variance[t + 1]
        variance[t] += ratio * covariance[t]
