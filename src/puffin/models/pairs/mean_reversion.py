"""Whether a spread reverts to its mean, and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from puffin.arrays import Array
from puffin.inference.mean_reversion import ReversionPosterior, reversion_posterior
from puffin.models.pairs.card import reversion_card
from puffin.models.pairs.reversion_plot import reversion_figure
from puffin.posterior import highest_density_interval
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import DataLike, as_series_of_levels, probability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MeanReversion", "mean_reversion", "over_all"]

_PROB = 0.94


@dataclass(frozen=True, repr=False)
class MeanReversion(Shown, Plotted):
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
    hdi_prob : float
    """

    prob_mean_reverting: float
    half_life: float
    hdi_low: float
    hdi_high: float
    draws: Array
    hdi_prob: float = _PROB

    def _card(self) -> Card:
        return reversion_card(self)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw the density of the half-life, and say how likely there is one."""
        return reversion_figure(self, ax)

    def interval(self, prob: float) -> tuple[float, float]:
        """Return the highest-density interval of log half-life, as half-lives."""
        low, high = highest_density_interval(np.log(self.draws), prob)
        return float(np.exp(low)), float(np.exp(high))


def mean_reversion(spread: DataLike, hdi_prob: float = _PROB) -> MeanReversion:
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
    return _in_words_of_half_lives(found, hdi_prob)


def over_all(spreads: Sequence[Array]) -> MeanReversion:
    """Return one posterior for several spreads of the same prices, of which any may be the one.

    Each spread has the same prior probability of being the one that reverts, if one does. So the
    Bayes factor is the mean of theirs, and a half-life belongs to each of them with a probability
    in proportion to its factor.

    Raises
    ------
    ValueError
        If there are fewer than 10 values of one.
    """
    found = [
        reversion_posterior(as_series_of_levels(spread, argument="spread", minimum=10))
        for spread in spreads
    ]
    factors = np.array([one.log_factor for one in found])
    total = float(logsumexp(factors))
    counts = np.rint(np.exp(factors - total) * found[0].phi.size).astype(int)
    phi = np.concatenate(
        [
            np.quantile(one.phi, (np.arange(count) + 0.5) / count)
            for one, count in zip(found, counts, strict=True)
            if count
        ]
    )
    mixed = ReversionPosterior(total - float(np.log(len(found))), np.sort(phi))
    return _in_words_of_half_lives(mixed, _PROB)


def _in_words_of_half_lives(found: ReversionPosterior, hdi_prob: float) -> MeanReversion:
    half_lives = np.log(0.5) / np.log(np.clip(found.phi, 1e-300, 1.0 - 1e-12))
    low, high = highest_density_interval(np.log(half_lives), hdi_prob)
    return MeanReversion(
        found.probability,
        float(np.median(half_lives)),
        float(np.exp(low)),
        float(np.exp(high)),
        half_lives,
        hdi_prob,
    )
