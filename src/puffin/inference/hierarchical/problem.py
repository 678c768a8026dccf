"""What the hierarchical sampler is given: estimates with their errors' covariance, and priors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array

__all__ = ["HierarchicalPrior", "NoisyEstimates"]


@dataclass(frozen=True)
class HierarchicalPrior:
    """The priors of `puffin.inference.hierarchical.sampler`.

    Attributes
    ----------
    mean_sd, spread_sd : ndarray of shape (n_coefficients,)
        M and S, one for each coefficient.
    share : tuple of float or None
        The two parameters of the beta prior of pi, the share of assets whose first coefficient is
        not zero; None where none is zero, and pi is one.
    """

    mean_sd: Array
    spread_sd: Array
    share: tuple[float, float] | None = None


@dataclass(frozen=True)
class NoisyEstimates:
    """Estimates of each asset's coefficients, and the covariance of their errors.

    Attributes
    ----------
    values : ndarray of shape (n_assets, n_coefficients)
    own : ndarray of shape (n_assets, n_coefficients, n_coefficients)
        Covariances of own errors.
    exposures : ndarray of shape (n_assets, n_common)
    common : ndarray of shape (n_coefficients * n_common, n_coefficients * n_common)
        Covariance of G, its rows one after the other.
    groups : ndarray of int of shape (n_assets,)
        In ascending order from 0, none left out.
    """

    values: Array
    own: Array
    exposures: Array
    common: Array
    groups: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, int]:
        """How many groups and coefficients there are."""
        return int(self.groups[-1]) + 1, self.values.shape[1]

    @property
    def loadings(self) -> Array:
        """Exposures, and a column of ones: that to the mean of all."""
        return np.column_stack([self.exposures, np.ones(len(self.values))])

    def prior_precision(self, prior: HierarchicalPrior) -> Array:
        """Return the prior precision of G and mu: for each coefficient k columns, then the mean."""
        n_coefficients, n_common = self.values.shape[1], self.exposures.shape[1]
        matrix = np.zeros((n_coefficients, n_common + 1, n_coefficients, n_common + 1))
        shape = (n_coefficients, n_common, n_coefficients, n_common)
        matrix[:, :n_common, :, :n_common] = np.linalg.inv(self.common).reshape(shape)
        each = np.arange(n_coefficients)
        matrix[each, n_common, each, n_common] = prior.mean_sd**-2
        size = n_coefficients * (n_common + 1)
        return matrix.reshape(size, size)
