r"""What the returns of many trials, over the same periods, say of their Sharpe ratios.

The estimate of trial i moves by :math:`\psi_{ti} = z_{ti} - S_i (z_{ti}^2 - 1) / 2` with period t,
z being its standardised return and S its ratio of a period (Lo 2002; Mertens 2002; Ledoit & Wolf
2008). With q periods in a year and :math:`C = \psi'\psi / T`, the annual estimates have the joint
covariance

.. math:: V = \kappa \frac{q}{T} C

where :math:`\kappa` counts what returns have to do with those before them
(`puffin.models.sharpe.dependence`): one number for all trials, the mean of theirs. Trials that move
together have errors that do, and that is what makes their difference sharp.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.models.selection.spectrum import true_variances
from puffin.models.sharpe.dependence import long_run_ratio

__all__ = ["TrialEstimates"]

_MOST_ASKED, _FIRST = 16, 10
_LEAST = 1e-4
"""Variance along a direction, of one on average, below which trials are the same: to first order
in their errors they would have no difference at all, to second order they have."""


@dataclass(frozen=True)
class TrialEstimates:
    """Estimates of annual Sharpe ratios with correlated errors, in their principal directions.

    Attributes
    ----------
    sharpe : ndarray of shape (n_trials,)
        Annual, of the sample.
    vectors : ndarray of shape (n_trials, n_trials)
        Eigenvectors of the influences' covariance, in the columns.
    variances : ndarray of shape (n_trials,)
        Of influences along each, in ascending order; they add up to about the number of trials.
    error_variance : float
        What an estimate's error varies by for each unit of those: kappa q / T.
    """

    sharpe: Array
    vectors: Array
    variances: Array
    error_variance: float

    @classmethod
    def of(cls, excess: Array, periods_per_year: float) -> TrialEstimates:
        """Return the estimates from excess returns of shape (n_observations, n_trials)."""
        observations, trials = excess.shape
        deviations = excess - excess.mean(axis=0)
        sd = deviations.std(axis=0)
        z, ratio = deviations / sd, excess.mean(axis=0) / sd
        influences = z - 0.5 * ratio * (z**2 - 1.0)
        asked = np.unique(np.linspace(0, trials - 1, min(trials, _MOST_ASKED)).astype(int))
        kappa = np.mean([long_run_ratio(one).factor ** 2 for one in influences.T[asked]])
        values, vectors = np.linalg.eigh(influences.T @ influences / observations)
        return cls(
            sharpe=np.sqrt(periods_per_year) * ratio,
            vectors=vectors,
            variances=_variances(values, observations - 1),
            error_variance=float(kappa) * periods_per_year / observations,
        )

    @property
    def apart(self) -> NDArray[np.bool_]:
        """The directions in which trials differ, of shape (n_trials,)."""
        return self.variances > _LEAST

    @property
    def common(self) -> Array:
        """Correlation of each trial with the average of the first ten, in principal directions."""
        weights = self.vectors[:_FIRST].sum(axis=0)
        covariances = self.variances * weights
        return np.asarray(covariances / np.sqrt(covariances @ weights))

    @property
    def correlation(self) -> Array:
        """Of the estimates' errors."""
        covariance = (self.vectors * self.variances) @ self.vectors.T
        sizes = np.sqrt(np.diag(covariance))
        return np.asarray(covariance / np.outer(sizes, sizes))


def _variances(eigenvalues: Array, observations: int) -> Array:
    """Return what directions truly vary by; those in which trials are the same count as one value.

    Where trials are more than observations, all directions vary.
    """
    some = np.full(eigenvalues.shape, eigenvalues.size > observations) | (eigenvalues > _LEAST)
    variances = np.full(eigenvalues.shape, _LEAST)
    variances[some] = np.maximum(true_variances(eigenvalues[some], observations), _LEAST)
    return variances
