"""Whether a spread reverts to its mean, and how soon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.mean_reversion import reversion_posterior
from puffin.posterior import highest_density_interval
from puffin.validation import DataLike, as_series_of_levels, probability

__all__ = ["MeanReversion", "mean_reversion"]


@dataclass(frozen=True)
class MeanReversion:
    """Posterior of a spread's return to its mean.

    Attributes
    ----------
    prob_mean_reverting : float
        Probability that the spread is a stationary AR(1), against a random walk; one half before
        the data.
    half_life : float
        Posterior median of the periods in which a deviation halves, if the spread is stationary.
    hdi_low, hdi_high : float
        Its highest-density interval, of log half-life, if the spread is stationary.
    draws : ndarray of shape (n_draws,)
        Half-lives, if the spread is stationary: evenly spaced quantiles.
    """

    prob_mean_reverting: float
    half_life: float
    hdi_low: float
    hdi_high: float
    draws: Array

    def interval(self, prob: float) -> tuple[float, float]:
        """Return the highest-density interval of log half-life, as half-lives."""
        low, high = highest_density_interval(np.log(self.draws), prob)
        return float(np.exp(low)), float(np.exp(high))


def mean_reversion(spread: DataLike, hdi_prob: float = 0.94) -> MeanReversion:
    r"""Return the probability that a spread is mean-reverting, and its half-life.

    A stationary AR(1) with :math:`\phi \sim U(0, 1)` against a random walk, each with prior
    probability one half (`puffin.inference.mean_reversion`). The half-life is
    :math:`\log \tfrac12 / \log \phi`.

    On simulated random walks the probability is above one half for 6% of those of 60 periods, 2%
    of 250, 1% of 1,000 (`tests/models/pairs/test_mean_reversion.py`). A spread whose hedge ratio
    was fitted to it looks more stationary than it is, as residuals of a regression always do:
    judge it on data after the fit.

    Parameters
    ----------
    spread : array-like or pandas Series of shape (n_times,)
        NaN is left out. At least 10 values.
    hdi_prob : float, default 0.94

    Raises
    ------
    ValueError, TypeError
    """
    probability("hdi_prob", hdi_prob)
    found = reversion_posterior(as_series_of_levels(spread, argument="spread", minimum=10))
    half_lives = np.log(0.5) / np.log(np.clip(found.phi, 1e-300, 1.0 - 1e-12))
    low, high = highest_density_interval(np.log(half_lives), hdi_prob)
    return MeanReversion(
        found.probability,
        float(np.median(half_lives)),
        float(np.exp(low)),
        float(np.exp(high)),
        half_lives,
    )
