"""Signs and order of factors, settled after the fact: covariances know neither."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from puffin.arrays import Array

__all__ = ["Labels", "find_labels"]

_ROUNDS = 5


@dataclass(frozen=True)
class Labels:
    """For each draw, which factor comes where, and with which sign.

    Attributes
    ----------
    order : ndarray of int of shape (n_draws, n_factors)
    signs : ndarray of shape (n_draws, n_factors)
        Of the factors once they are in order.
    """

    order: NDArray[np.int64]
    signs: Array

    def ordered(self, values: Array, axis: int) -> Array:
        """Return values of the draws (the first axis) with factors in order along `axis`."""
        shape = [1] * values.ndim
        shape[0], shape[axis] = self.order.shape
        return np.take_along_axis(values, self.order.reshape(shape), axis)

    def applied(self, values: Array, axis: int) -> Array:
        """Return the same for what changes sign with its factor."""
        shape = [1] * values.ndim
        shape[0], shape[axis] = self.order.shape
        ordered = self.ordered(values, axis)
        return ordered * self.signs.reshape(shape).astype(values.dtype)

    def of(self, draws: slice) -> Labels:
        """Return those of some of the draws."""
        return Labels(self.order[draws], self.signs[draws])


def find_labels(loadings: Array) -> Labels:
    """Return the labels that bring the draws of loadings closest to their own mean.

    By turns the mean of the draws as labelled, and for each draw the order and signs nearest to it
    (an assignment problem). The factor that explains most comes first; most of each one's loadings,
    by their sum, are positive.

    Parameters
    ----------
    loadings : ndarray of shape (n_draws, n_factors, n_assets)
    """
    n_draws, n_factors, _ = loadings.shape
    order = np.tile(np.arange(n_factors), (n_draws, 1))
    labels = Labels(order, np.ones((n_draws, n_factors)))
    reference = loadings[-1]
    for _ in range(_ROUNDS):
        closeness = np.einsum("ji,dki->djk", reference, loadings)
        chosen = np.array([linear_sum_assignment(-np.abs(one))[1] for one in closeness])
        signs = np.sign(np.take_along_axis(closeness, chosen[:, :, None], 2)[:, :, 0])
        found = Labels(chosen.reshape(order.shape), np.where(signs == 0.0, 1.0, signs))
        settled = np.array_equal(found.order, labels.order) and np.array_equal(
            found.signs, labels.signs
        )
        labels, reference = found, found.applied(loadings, 1).mean(axis=0)
        if settled:
            break
    first = np.argsort(-(reference**2).sum(axis=1), kind="stable")
    sign = np.where(reference.sum(axis=1) < 0.0, -1.0, 1.0)[first]
    return Labels(labels.order[:, first], labels.signs[:, first] * sign)
