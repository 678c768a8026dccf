r"""What the returns of many trials, over the same periods, say of their Sharpe ratios.

With q periods in a year and C the correlation of the trials' returns, the annual estimates have
the joint covariance

.. math:: V = \kappa \, \omega \, \frac{q}{T} \, C

where :math:`\kappa` counts what returns have to do with those before them
(`puffin.models.sharpe.dependence`) and :math:`\omega` what their shape does to a ratio's error:
each is one number for all trials, the mean of theirs. Trials that move together have errors that
do, and that is what makes their difference sharp.

A ratio S of a period has the error variance :math:`1 - S \gamma + S^2 (k - 1) / 4` over T, with
skewness :math:`\gamma` and kurtosis k (Lo 2002; Mertens 2002). It counts where it is above one, as
of those who sell options. Below one it does not: a trial that was in the market for some lucky days
has the more skewed a sample the luckier it was, and the surer it would seem. A search picks just
that one: of 100 trials with five active days each and no edge, every best one passed for a winner.
Neither does :math:`\kappa` below one, which few clusters of active days look like too.
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
        Eigenvectors of the returns' correlation, in the columns.
    variances : ndarray of shape (n_trials,)
        Of standardised returns along each, in ascending order; they add up to about the number of
        trials.
    error_variance : float
        What an estimate's error varies by for each unit of those: kappa omega q / T.
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
        omega = np.maximum((influences**2).mean(axis=0), 1.0).mean()
        asked = np.unique(np.linspace(0, trials - 1, min(trials, _MOST_ASKED)).astype(int))
        kappa = max(1.0, np.mean([long_run_ratio(one).factor ** 2 for one in z.T[asked]]))
        values, vectors = np.linalg.eigh(z.T @ z / observations)
        return cls(
            sharpe=np.sqrt(periods_per_year) * ratio,
            vectors=vectors,
            variances=_variances(values, observations - 1),
            error_variance=float(kappa * omega) * periods_per_year / observations,
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
