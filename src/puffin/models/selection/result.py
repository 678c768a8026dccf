"""What is known of all trials of a search, and of the best one given that it was selected."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.models.selection.card import selection_card, selection_sentence
from puffin.models.selection.estimates import TrialEstimates
from puffin.models.selection.hierarchy import Hierarchy
from puffin.models.selection.plot import apparent_figure
from puffin.models.selection.priors import SelectionPriors
from puffin.models.sharpe.result import summarise_sharpe
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import finite_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BestOfTrials"]


@dataclass(frozen=True, eq=False, repr=False)
class BestOfTrials(Shown, Plotted):
    """The posterior of the true Sharpe ratios of all trials of a search.

    Attributes
    ----------
    names : tuple of str
        The trials, in the order given.
    place : ndarray of int of shape (n_trials,)
        Which of the different trials each one is: those with the same returns are one.
    estimates : TrialEstimates
        Of the different ones.
    hierarchy : Hierarchy
        Their posterior.
    draws : ndarray of shape (n_draws, n_different)
        Of the true annual Sharpe ratios.
    best : int
        The different trial that is chosen: that with the highest posterior mean.
    effective_trials : float
        How many independent trials would have had as lucky a best.
    deflated_sharpe_ratio : float
        Of the chosen one, for so many trials with the spread of these: one minus a p-value, not a
        probability of the ratio (`puffin.deflated_sharpe_ratio`).
    prob_overfit : float
        The probability of backtest overfitting, a frequency over halves of the periods.
    hdi_prob, periods_per_year : float
    n_observations : int
    priors : SelectionPriors
    """

    names: tuple[str, ...]
    place: NDArray[np.intp]
    estimates: TrialEstimates
    hierarchy: Hierarchy
    draws: Array
    best: int
    effective_trials: float
    deflated_sharpe_ratio: float
    prob_overfit: float
    hdi_prob: float
    periods_per_year: float
    n_observations: int
    priors: SelectionPriors

    def _card(self) -> Card:
        return selection_card(self)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw each trial's posterior against the ratio that it showed."""
        return apparent_figure(self, ax)

    @property
    def chosen(self) -> str:
        """The name of the chosen trial; the first of those with its returns."""
        return self.names[int(np.argmax(self.place == self.best))]

    @property
    def n_trials(self) -> int:
        """How many were tried, those that are the same as others among them."""
        return len(self.names)

    @property
    def apparent(self) -> float:
        """The annual Sharpe ratio that the chosen trial showed."""
        return float(self.estimates.sharpe[self.best])

    @functools.cached_property
    def summary(self) -> dict[str, float]:
        """The chosen one's: mean, std, hdi_low, hdi_high and prob_positive of the true ratio."""
        return summarise_sharpe(self.draws[:, self.best], self.hdi_prob)

    def __getitem__(self, name: str) -> float:
        return self.summary[name]

    def prob_greater(self, threshold: float) -> float:
        """Return the probability that the chosen one's true ratio is above `threshold`."""
        return float(np.mean(self.draws[:, self.best] > finite_number("threshold", threshold)))

    @functools.cached_property
    def prob_best(self) -> pd.Series[float]:
        """The probability that none is better, of each trial; those that are the same share it."""
        wins = np.bincount(self.draws.argmax(axis=1), minlength=self.draws.shape[1])
        of_each = wins / len(self.draws) / np.bincount(self.place)
        return pd.Series(of_each[self.place], self.names, name="prob_best")

    @functools.cached_property
    def undecided(self) -> tuple[str, ...]:
        """The trials that cannot be told from the chosen one, which is among them.

        Those of which the chosen one is better with a probability below `hdi_prob`.
        """
        chosen = self.draws[:, self.best]
        better = (chosen[:, None] > self.draws).mean(axis=0)
        open_still = better < self.hdi_prob
        return tuple(
            name for name, place in zip(self.names, self.place, strict=True) if open_still[place]
        )

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """One row a trial, by posterior mean.

        Columns trial, apparent (the sample's annual Sharpe ratio), mean, std, hdi_low, hdi_high,
        prob_positive and prob_best of the true one, undecided.
        """
        each = [summarise_sharpe(one, self.hdi_prob) for one in self.draws.T]
        rows = [
            {"trial": name, "apparent": float(self.estimates.sharpe[place]), **each[place]}
            for name, place in zip(self.names, self.place, strict=True)
        ]
        table = pd.DataFrame(rows)
        table["prob_best"] = self.prob_best.to_numpy()
        table["undecided"] = table["trial"].isin(self.undecided)
        means = self.hierarchy.mean()[self.place]
        return table.iloc[np.argsort(-means, kind="stable")].reset_index(drop=True)

    @property
    def sentence(self) -> str:
        """What is left, in a sentence."""
        return selection_sentence(self)
