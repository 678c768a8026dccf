"""Moments of a Gaussian with a tridiagonal precision."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import kernel

__all__ = ["smooth"]


def smooth(diagonal: Array, coupling: Array, shifts: Array) -> tuple[Array, Array, Array]:
    """Return P^-1 times each of several vectors, and the diagonals of P^-1.

    Parameters
    ----------
    diagonal : ndarray of shape (n_times,)
        Diagonal of the precision P.
    coupling : ndarray of shape (n_times - 1,)
        Minus its first off-diagonal.
    shifts : ndarray of shape (n_vectors, n_times)

    Returns
    -------
    means : ndarray of shape (n_vectors, n_times)
    variance : ndarray of shape (n_times,)
    covariance : ndarray of shape (n_times - 1,)
        Of neighbours.
    """
    means, variance = np.empty(shifts.shape), np.empty(diagonal.size)
    covariance = np.empty(coupling.size)
    _smooth(diagonal, coupling, shifts, means, variance, covariance)
    return means, variance, covariance


@kernel
def _smooth(
    diagonal: Array,
    coupling: Array,
    shifts: Array,
    means: Array,
    variance: Array,
    covariance: Array,
) -> None:
    """Eliminate forwards, substitute backwards; both outputs hold the elimination in between."""
    n_vectors, n = shifts.shape
    variance[0] = 1.0 / diagonal[0]
    for t in range(1, n):
        variance[t] = 1.0 / (diagonal[t] - coupling[t - 1] * coupling[t - 1] * variance[t - 1])
    for which in range(n_vectors):
        mean, shift = means[which], shifts[which]
        mean[0] = shift[0]
        for t in range(1, n):
            mean[t] = shift[t] + coupling[t - 1] * variance[t - 1] * mean[t - 1]
        mean[n - 1] *= variance[n - 1]
        for t in range(n - 2, -1, -1):
            mean[t] = variance[t] * (mean[t] + coupling[t] * mean[t + 1])
    for t in range(n - 2, -1, -1):
        ratio = coupling[t] * variance[t]
        covariance[t] = ratio * variance[t + 1]
        variance[t] += ratio * covariance[t]
