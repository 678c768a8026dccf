r"""Which setting to run next: the one that is expected to better the best so far the most.

True ratios differ between settings as their returns do, and so do the errors of estimates over the
same days: both covariances are multiples of the likeness R (`puffin.tuning.likeness`),
:math:`\tau^2 R` and :math:`v R`. Then the posterior means are the ratios that were observed, each
moved towards the common level by the same share :math:`\tau^2 / (\tau^2 + v)`, and which setting is
expected to raise the highest of them is found from the ratios alone: as a function of the settings
they are a Gaussian process of covariance :math:`s^2 R`, s and the level from the ratios themselves.
Between two settings that trade alike nothing is noise, which is what being over the same days
means. The expected improvement (Jones, Schonlau & Welch 1998, "Efficient global optimization of
expensive black-box functions", Journal of Global Optimization 13) is

.. math:: E[(\mu^* - \mu_{best})^+] = s^* \, [u \, \Phi(u) + \phi(u)], \quad
    u = (\mu(x) - \mu_{best}) / s^*

where :math:`s^*` is by how much running x would move what is known of it. It is multiplied by the
share of the nearest settings that could be backtested at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.spatial.distance import cdist
from scipy.special import ndtr

from puffin.arrays import Array
from puffin.tuning.likeness import Likeness

__all__ = ["SAME", "Improvement"]

SAME = 1e-9
"""A distance in the cube below which settings are one."""
_NEAREST, _DOUBT = 3, 0.1


@dataclass(frozen=True)
class Improvement:
    """The expected improvement of settings that were not run.

    Attributes
    ----------
    likeness : Likeness
    tried : ndarray of shape (n_trials, n_settings)
        Places of all trials.
    could : ndarray of shape (n_trials,)
        Which of them could be backtested.
    known : ndarray of shape (n_trials,)
        What is known of their ratios: as observed, less what each has by itself. Minus infinity of
        those that could not.
    factor : ndarray of shape (n_trials, n_trials)
        Cholesky's, of the correlation of what was observed.
    weights : ndarray of shape (n_trials,)
        Its inverse times the ratios, less the level.
    level, sd : float
        Of the process.
    """

    likeness: Likeness
    tried: Array
    could: NDArray[np.bool_]
    known: Array
    factor: Array
    weights: Array
    level: float
    sd: float

    @classmethod
    def of(
        cls, likeness: Likeness, tried: Array, could: NDArray[np.bool_], ratios: Array
    ) -> Improvement:
        """Return it given the ratios of those trials that could be backtested.

        Those that could not are taken to earn what the others say, and no more than the best: they
        teach nothing of the ratios, but nobody need go back there.
        """
        values = np.empty(len(tried))
        values[could] = ratios
        if not could.all():
            others = cls.of(likeness, tried[could], could[could], ratios)
            refused = tried[~could]
            values[~could] = np.minimum(
                others.mean(likeness.between(refused, others.tried)), others.known.max()
            )
        factor = cholesky(likeness.among(tried), lower=True)
        solved = cho_solve((factor, True), np.column_stack([values, np.ones(len(tried))]))
        level = float(solved[:, 0].sum() / solved[:, 1].sum())
        weights = solved[:, 0] - level * solved[:, 1]
        variance = float((values - level) @ weights / could.sum())
        return cls(
            likeness=likeness,
            tried=tried,
            could=could,
            known=np.where(could, values - likeness.own * weights, -np.inf),
            factor=factor,
            weights=weights,
            level=level,
            sd=np.sqrt(max(variance, np.finfo(float).tiny)),
        )

    def best(self, count: int) -> Array:
        """Return the places of the best settings that were run, the best first."""
        return self.tried[np.argsort(-self.known)[: min(count, self.could.sum())]]

    def mean(self, across: Array) -> Array:
        """Return what is expected of ratios that correlate so with those of the trials."""
        return np.asarray(self.level + across @ self.weights)

    def __call__(self, places: Array) -> Array:
        """Return the expected improvement at places; below zero where a trial was run."""
        across = self.likeness.between(places, self.tried)
        ahead, own = self.mean(across) - self.known.max(), self.likeness.own
        explained = solve_triangular(self.factor, across.T, lower=True)
        unknown = np.maximum(1.0 - own - (explained**2).sum(axis=0), np.finfo(float).tiny)
        sd = self.sd * unknown / np.sqrt(unknown + own)
        u = ahead / sd
        gain = ahead * ndtr(u) + sd * np.exp(-0.5 * u**2) / np.sqrt(2.0 * np.pi)
        distances = cdist(places, self.tried)
        gain[distances.min(axis=1) < SAME] = -1.0
        return np.asarray(gain if self.could.all() else gain * self._possible(distances))

    def _possible(self, distances: Array) -> Array:
        """Return how probable it is that settings can be backtested, by the nearest ones."""
        nearest = np.argpartition(distances, min(_NEAREST, len(self.tried)) - 1)[:, :_NEAREST]
        could = self.could[nearest].sum(axis=1)
        return np.asarray((could + _DOUBT) / (nearest.shape[1] + 2.0 * _DOUBT))
