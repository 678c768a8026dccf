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
    """Eliminate forwards, substitute backwards; all outputs hold the elimination in between."""
    n = diagonal.size
    last = n - 1
    ratio = 0.0
    for t in range(n):
        for which in range(shifts.shape[0]):
            means[which, t] = shifts[which, t]
            if t > 0:
                means[which, t] += ratio * means[which, t - 1]
        variance[t] = 1.0 / (diagonal[t] - (ratio * coupling[t - 1] if t > 0 else 0.0))
        if t < last:
            ratio = coupling[t] * variance[t]
    for t in range(last, -1, -1):
        for which in range(shifts.shape[0]):
            if t < last:
                means[which, t] += coupling[t] * means[which, t + 1]
            means[which, t] *= variance[t]
        if t < last:
            ratio = coupling[t] * variance[t]
            covariance[t] = ratio * variance[t + 1]
            variance[t] += ratio * covariance[t]
