"""Which assets have skill, with as few false ones among them as was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.models.hierarchical.unit import AlphaUnit
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card, Table
from puffin.showing.numbers import percent, probability
from puffin.showing.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["SkilledAssets", "false_discovery_rates"]

_MOST_ROWS = 12
_ENOUGH, _NEARLY_ALL = 10, 0.8


def false_discovery_rates(prob_false: Array) -> Array:
    """Return, for each asset, the expected share of false ones if it and all better ones are named.

    Parameters
    ----------
    prob_false : ndarray of shape (n_assets,)
        The probability of each that it has no skill.

    Notes
    -----
    The mean of the probabilities of those named: the posterior expected false discovery rate
    (Mueller, Parmigiani, Robert & Rousseau 2004, "Optimal sample size for multiple testing",
    Journal of the American Statistical Association 99). It rises with every asset that is added in
    the order of the probabilities, so that the largest set below a level is the first so many.
    """
    ordered = np.sort(prob_false)
    rates = np.cumsum(ordered) / np.arange(1, ordered.size + 1)
    # Those that are as probable as each other are named together.
    return np.asarray(rates[np.searchsorted(ordered, prob_false, side="right") - 1])


@dataclass(frozen=True, repr=False)
class SkilledAssets(Shown, Plotted):
    """The largest set of assets whose expected share of false ones is below a level.

    Attributes
    ----------
    fdr : float
        The level asked for.
    threshold : float
        The annual alpha that a true one is above.
    unit : AlphaUnit
    hdi_prob : float
        Of the intervals in the table.
    expected_rate : float
        The expected share of assets in the set whose alpha is at most the threshold; 0 if none
        is in it.
    table : DataFrame
        Rows of the model's table, most probable first.
    n_assets : int
        How many there were to choose from.
    expected_skilled : float
        How many of all of them are expected to be above the threshold: more than can be named.
    """

    fdr: float
    threshold: float
    unit: AlphaUnit
    hdi_prob: float
    expected_rate: float
    table: pd.DataFrame
    n_assets: int
    expected_skilled: float

    @classmethod
    def among(
        cls, ranked: pd.DataFrame, fdr: float, threshold: float, unit: AlphaUnit, hdi_prob: float
    ) -> SkilledAssets:
        """Return the first rows of a table whose column fdr is at most the level."""
        chosen = ranked[ranked["fdr"] <= fdr]
        return cls(
            fdr=fdr,
            threshold=threshold,
            unit=unit,
            hdi_prob=hdi_prob,
            expected_rate=float(chosen["fdr"].iloc[-1]) if len(chosen) else 0.0,
            table=chosen,
            n_assets=len(ranked),
            expected_skilled=float(ranked["prob_above"].sum()),
        )

    @property
    def doubts(self) -> list[str]:
        """Say so where nearly all are named: an era that lifts all looks like skill."""
        if self.n_assets < _ENOUGH or len(self) < _NEARLY_ALL * self.n_assets:
            return []
        return [
            "Nearly all are named: that says that the era was good, or that all have skill. Ask "
            "who is above the mean, by threshold=."
        ]

    @property
    def assets(self) -> list[str]:
        """The names, most probable first."""
        return list(self.table["asset"])

    def __len__(self) -> int:
        return len(self.table)

    @property
    def sentence(self) -> str:
        """Say how many are named, and how many are expected to have skill."""
        level = self.unit.written(self.threshold) if self.threshold else "zero"
        having = f"named as having an {self.unit.label} above {level}"
        most = percent(self.fdr, 0)
        if self.n_assets == 1:
            verdict, than = ("", "at most") if len(self) else ("not ", "above")
            return f"It is {verdict}{having}: the probability that it has not is {than} {most}."
        expected = f"{self.expected_skilled:,.0f}"
        how_sure = (
            f"is {having}, with at most {most} probability that it has not"
            if len(self) == 1
            else f"are {having}, with at most {most} of them expected not to"
        )
        return (
            f"{len(self):,} of {self.n_assets:,} assets {how_sure}; {expected} of all "
            f"{'is' if expected == '1' else 'are'} expected to have it."
        )

    def _card(self) -> Card:
        rows = [
            (
                row["asset"],
                self.unit.written(row["estimate"]),
                self.unit.written(row["mean"]),
                probability(row["prob_above"]),
                percent(row["fdr"]),
            )
            for row in self.table.head(_MOST_ROWS).to_dict("records")
        ]
        level = self.unit.written(self.threshold) if self.threshold else "0"
        headings = (self.unit.label, "by itself", "mean", f"P(>{level})", "false so far")
        table = Table(headings, rows, len(self) - len(rows)) if rows else None
        return Card("SkilledAssets", [self.sentence], self.doubts, table)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        from puffin.models.hierarchical.plots import interval_figure

        return interval_figure(self.table, self.unit, self.threshold, self.hdi_prob, ax)
