r"""A correlation matrix without the noise in its eigenvalues.

The eigenvalues of k sample correlations from n observations are spread by noise alone: those of
uncorrelated returns fill the interval :math:`(1 \pm \sqrt{k / n})^2` (Marchenko & Pastur 1967).
What stands out of it is known, above (what many strategies share) and below (two that hardly
differ); what is within is all one number, its average (Laloux, Cizeau, Bouchaud & Potters 1999,
"Noise dressing of financial correlation matrices", Physical Review Letters 83).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array

__all__ = ["denoised"]

_MARGIN = 0.05
"""The edges of the interval are blurred where strategies are few."""


def denoised(correlation: Array, observations: float) -> Array:
    """Return the matrix with the eigenvalues that may be noise at their average.

    Parameters
    ----------
    correlation : ndarray of shape (n_strategies, n_strategies)
    observations : float
        How many observations it was estimated from.
    """
    values, vectors = np.linalg.eigh(correlation)
    values = np.maximum(values, 0.0)
    noise = _noise(values, len(values) / max(observations, 1.0))
    values[noise] = values[noise].mean()
    product = (vectors * values) @ vectors.T
    sizes = np.sqrt(np.diag(product))
    return np.asarray(product / np.outer(sizes, sizes))


def _noise(values: Array, ratio: float) -> NDArray[np.bool_]:
    """Return which eigenvalues, in ascending order, are within the interval about their average.

    Those above are left out first, one after the other, and then those below.
    """
    largest = (1.0 + _MARGIN) * (1.0 + np.sqrt(ratio)) ** 2
    least = (1.0 - _MARGIN) * max(1.0 - np.sqrt(ratio), 0.0) ** 2
    first, last = 0, len(values) - 1
    while last > first and values[last] > largest * values[: last + 1].mean():
        last -= 1
    while first < last and values[first] < least * values[first : last + 1].mean():
        first += 1
    noise = np.zeros(len(values), np.bool_)
    noise[first : last + 1] = True
    return noise
