"""Who can be named as having skill whichever distribution true alphas have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.models.hierarchical import BayesianHierarchical
from puffin.models.hierarchical.fitted import FittedHierarchy
from puffin.models.hierarchical.skilled import SkilledAssets, false_discovery_rates

__all__ = ["SkillFits"]


@dataclass(frozen=True)
class SkillFits:
    """The same assets, fitted with each distribution of true alphas that may be right.

    How many have skill, and so who can be named, depends on that distribution, and the data hardly
    tell: where a few have skill and the others exactly none, most of those that a normal one names
    have none.

    Attributes
    ----------
    fits : mapping of distribution to BayesianHierarchical
        One or more; the first has the estimates and intervals that are shown.
    """

    fits: Mapping[str, BayesianHierarchical]

    @property
    def first(self) -> BayesianHierarchical:
        """The fit whose estimates and intervals are shown."""
        return next(iter(self.fits.values()))

    @property
    def fitted(self) -> FittedHierarchy:
        """What is known after the first fit: assets, unit, periods and what is left out."""
        return self.first.fitted

    @property
    def rejected(self) -> dict[str, str]:
        """Assets left out, and why."""
        return self.first.rejected

    def ranked(self, threshold: float) -> pd.DataFrame:
        """Return the first fit's table, the surest first.

        Column prob_above is the lowest of all fits' probabilities of an alpha above the threshold;
        fdr is the mean of what these leave to one, of a row and all before it. It is no less than
        the expected share of false ones among them by any of the fits.
        """
        each = [one.fitted.ranked(threshold) for one in self.fits.values()]
        sure = pd.concat([one.set_index("asset")["prob_above"] for one in each], axis=1).min(axis=1)
        table = each[0].drop(columns=["prob_above", "fdr"])
        prob_above = sure.loc[table["asset"]].to_numpy()
        rates = false_discovery_rates(1.0 - prob_above)
        table = table.assign(prob_above=prob_above, fdr=rates)
        return table.sort_values("fdr", kind="stable", ignore_index=True)

    def skilled(self, fdr: float, threshold: float) -> SkilledAssets:
        """Return the largest set of the surest whose `fdr` is at most this.

        Its `expected_skilled` is at most what any of the fits expects.
        """
        return SkilledAssets.among(
            self.ranked(threshold), fdr, threshold, self.fitted.unit, self.fitted.hdi_prob
        )

    def more(self, fdr: float, threshold: float) -> dict[str, int]:
        """Return how many more each distribution names than `skilled` does."""
        named = self.skilled(fdr, threshold).assets
        return {
            name: int(np.isin(one.skilled(fdr, threshold).assets, named, invert=True).sum())
            for name, one in self.fits.items()
        }
