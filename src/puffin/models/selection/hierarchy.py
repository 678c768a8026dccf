r"""The posterior of the true Sharpe ratios of all trials of a search, solved on a grid.

.. math::

    \hat s \mid \theta &\sim N(\theta, V), \qquad V = \kappa \tfrac{q}{T} C \\
    \theta &= m b + f + e, \quad m \sim N(0, \sigma_m^2), \quad
    f \sim N(0, \tau^2 C), \quad e \sim N(0, \epsilon^2 I)

with C the correlation of the trials' returns (`estimates`). The level m is the ratio of what all
trials share: of the average of the first ten, before anything was learned. A trial has it as far as
it moves with that average, by its correlation b with it: a hedged variant has less of a market's
level than one that is always long. (The same level for all would say that portfolios of trials
that hardly vary earn something, and it does not fit: what a rule that goes long and short earns is
twice that of its long side less the market's.)
What differs between them is, before anything is known, as alike as their returns are: every
portfolio of trials has the same prior of its Sharpe ratio, whatever it varies by (Pastor &
Stambaugh 2000, "Comparing asset pricing models: an investment perspective", Journal of Financial
Economics 56). So 200 settings of one rule, which trade nearly alike, are nearly one strategy, and
200 different ideas are 200: nobody has to count. The last part is for what makes a difference
though returns are all but the same, as costs do.

All covariances have the eigenvectors of C, and the level adds one rank: given
:math:`(\tau, \epsilon)` everything is arithmetic with N numbers, and the evidence of hundreds of
such points takes a millisecond.

That the best was selected, and that later trials were proposed because of earlier ones, needs no
correction: the likelihood is that of all trials, and is the same in whatever way it was decided
what to try. The prior is too, because what it says of two trials depends on these two alone. (With
a power of C in its place, as Kozak, Nagel & Santosh 2020 have it, it would not be: where a search
crowds there would be more to expect. In simulations it then declares winners where there are none.)
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from puffin.arrays import Array
from puffin.models.selection.estimates import TrialEstimates
from puffin.models.selection.priors import SelectionPriors

__all__ = ["Hierarchy"]

_SPREADS = np.geomspace(0.01, 5.0, 26)
_OWN = np.geomspace(0.01, 5.0, 13)
_NEGLIGIBLE = 1e-3
_ASKED = 16
"""Points of the grid, by their probabilities, that an expected gain is averaged over."""


@dataclass(frozen=True)
class _Conditional:
    """The posterior given a point of the grid, in the principal directions.

    Attributes
    ----------
    weight : float
        Posterior probability of the point.
    prior : ndarray of shape (n_trials,)
        Variances of the ratios about the level.
    total : ndarray of shape (n_trials,)
        Those and the errors' together.
    precision, level : float
        Of the level's posterior: one over its variance, and its mean.
    """

    weight: float
    prior: Array
    total: Array
    precision: float
    level: float


@dataclass(frozen=True)
class Hierarchy:
    """The posterior over a grid of (tau, epsilon).

    Attributes
    ----------
    estimates : TrialEstimates
    points : list of _Conditional
        Those that matter.
    """

    estimates: TrialEstimates
    points: list[_Conditional]

    @classmethod
    def of(cls, estimates: TrialEstimates, priors: SelectionPriors) -> Hierarchy:
        """Return the posterior given estimates."""
        # Where trials are the same, nothing is learned of how much they would differ.
        unit = np.where(estimates.apart, estimates.variances, 0.0)
        unit /= unit.mean()
        grid = np.array(list(itertools.product(priors.spread_sd * _SPREADS, priors.own_sd * _OWN)))
        prior = grid[:, :1] ** 2 * unit + grid[:, 1:] ** 2
        total = prior + estimates.error_variance * estimates.variances
        common, rotated = estimates.common, estimates.vectors.T @ estimates.sharpe
        precision = (common**2 / total).sum(axis=1) + priors.level_sd**-2
        level = (common * rotated / total).sum(axis=1) / precision
        # The points are even on a log scale: half-normal densities, times the steps.
        log_prior = (
            -0.5 * (_scaled(grid[:, 0], priors.spread_sd) + _scaled(grid[:, 1], priors.own_sd))
            + np.log(grid[:, 0] * grid[:, 1])
        )  # fmt: skip
        log_weights = log_prior - 0.5 * (
            np.log(total).sum(axis=1)
            + np.log(precision)
            + (rotated**2 / total).sum(axis=1)
            - level**2 * precision
        )
        weights = np.exp(log_weights - log_weights.max())
        weights[weights < _NEGLIGIBLE] = 0.0
        weights /= weights.sum()
        return cls(
            estimates,
            [
                _Conditional(
                    float(weights[g]), prior[g], total[g], float(precision[g]), float(level[g])
                )
                for g in np.flatnonzero(weights)
            ],
        )

    def mean(self) -> Array:
        """Return the posterior means of the ratios: shape (n_trials,)."""
        return sum(
            (one.weight * self._mean(one) for one in self.points),
            np.zeros(self.estimates.sharpe.size),
        )

    def draw(self, count: int, stream: np.random.Generator) -> Array:
        """Return draws of the ratios of all trials, of shape (count, n_trials)."""
        vectors, common = self.estimates.vectors, self.estimates.common
        chosen = self._points_at((np.arange(count) + stream.random()) / count)
        directions = np.empty((count, common.size))
        for g in np.unique(chosen):
            one, rows = self.points[g], chosen == g
            number = int(rows.sum())
            level = one.level + stream.standard_normal(number) / np.sqrt(one.precision)
            share = one.prior / one.total
            centre = level[:, None] * common
            noise = stream.standard_normal((number, common.size))
            directions[rows] = (
                centre
                + share * (self._rotated - centre)
                + np.sqrt(share * (one.total - one.prior)) * noise
            )
        return np.asarray(stream.permutation(directions) @ vectors.T)

    def expected_gain(self, like: NDArray[np.intp]) -> float:
        r"""Return by how much one more trial is expected to better the ratio of the chosen one.

        The next trial is taken to be like one of those in `like`: with its correlations to all
        others, but not run yet. Its estimate would move all posterior means along a line, that of
        the difference D between it and the best of the others among them, so that D is
        :math:`N(d, \varsigma^2)` before it is run, and the gain is the expected improvement

        .. math::

            E[D^+] = d \, \Phi(d / \varsigma) + \varsigma \, \phi(d / \varsigma)

        (the knowledge gradient of correlated beliefs, for two alternatives: Frazier, Powell &
        Dayanik 2009, INFORMS Journal on Computing 21), averaged over `like` and the grid. Two
        trials that move together have a small :math:`\varsigma`: a near copy gains nothing.
        """
        chosen = self._points_at((np.arange(_ASKED) + 0.5) / _ASKED)
        return float(np.mean([self._gains(self.points[g], like).mean() for g in chosen]))

    def _gains(self, one: _Conditional, like: NDArray[np.intp]) -> Array:
        """Return the expected improvement by each of these trials, were it not run yet."""
        vectors, common = self.estimates.vectors, self.estimates.common
        inverse = 1.0 / one.total
        rows = vectors[like]  # (n_like, n_trials)
        # Columns of the inverse of the estimates' covariance, in the principal directions.
        columns = (
            rows * inverse - np.outer(rows @ (common * inverse), common * inverse) / one.precision
        )
        precision = (rows * columns).sum(axis=1)
        surprise = (columns @ self._rotated) / precision
        # What an estimate moves all means by.
        moves = (rows - columns * (one.total - one.prior)) @ vectors.T  # (n_like, n_trials)
        means = self._mean(one) - moves * surprise[:, None]
        number, others = np.arange(like.size), means.copy()
        others[number, like] = -np.inf
        best = others.argmax(axis=1)
        ahead = means[number, like] - means[number, best]
        sd = np.abs(moves[number, like] - moves[number, best]) / np.sqrt(precision)
        sd = np.maximum(sd, np.finfo(float).tiny)
        z = ahead / sd
        return np.asarray(ahead * ndtr(z) + sd * np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi))

    @property
    def _rotated(self) -> Array:
        return self.estimates.vectors.T @ self.estimates.sharpe

    def _mean(self, one: _Conditional) -> Array:
        """Return the mean given a point of the grid."""
        centre = one.level * self.estimates.common
        return self.estimates.vectors @ (centre + one.prior / one.total * (self._rotated - centre))

    def _points_at(self, places: Array) -> NDArray[np.intp]:
        """Return which point of the grid has each place, from 0 to 1, of all probability."""
        weights = np.array([one.weight for one in self.points])
        return np.minimum(np.searchsorted(np.cumsum(weights), places), weights.size - 1)


def _scaled(values: Array, sd: float) -> Array:
    return (values / sd) ** 2
