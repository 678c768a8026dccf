"""What is known of several strategies' Sharpe ratios: table, pairs, draws, plot."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.scatter_draws import ScatterDraws
from puffin.models.sharpe.sharpe import summarise_sharpe
from puffin.posterior import Posterior
from puffin.posterior.plots import forest_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from xarray import DataTree

    from puffin.models.comparison.priors import ComparisonPriors

__all__ = ["StrategyComparison"]


@dataclass(frozen=True)
class StrategyComparison:
    """What is known of several strategies' Sharpe ratios, jointly.

    Attributes
    ----------
    posterior : Posterior
        Variables `mu`, `sigma`, `nu` and `sharpe` with dim `strategy`; `tau` where pooled; and
        `prob_active` where a strategy is often flat, 1 for the others.
    strategies : tuple of str
    hdi_prob : float
    groups : tuple of tuple of str
        Strategies in one group were modelled together, on the dates they share.
    models : dict of str to str
        What each strategy was modelled by; says so where it is often flat.
    diagnostics : dict of str to dict
        ess_bulk, ess_tail and r_hat of each strategy's Sharpe ratio, from the draws as they were
        sampled. Where a joint model puts a standard deviation more than 15% off the sample's it is
        looked at closely: `sd_ratio` is the strategy's standard deviation in it over that of its
        own model, and `sd_gap` how much lower its precision is there, in posterior standard
        deviations: the joint model does not hold where for any strategy the ratio is
        above 1.25 (or below 0.8) and the gap beyond 4.
    n_observations : tuple of int
        Of each strategy: those used.
    periods_per_year : float
    rejected : dict of str to str
        Strategies left out because they are invalid, and why.
    scatter : ScatterDraws or None
        Scale matrices of each group's excess returns, whose diagonals are `sigma` squared: of all
        draws, or of as many as fit in 64 MB. None where the joint model does not hold.
    correlation : ndarray of shape (n_strategies, n_strategies) or None
        Where there is no `scatter`: that of the strategies' returns themselves, as they were.
    flat_returns : dict of str to float
        Of each strategy that is often flat, the excess return of a flat period.
    priors : ComparisonPriors
    coupled : bool
        Whether strategies of different groups depend on each other, by their coupled draws.
    note : str
        Why there is not one joint model of all, and what there is; empty where there is one.
    """

    posterior: Posterior = field(repr=False)
    strategies: tuple[str, ...]
    hdi_prob: float
    groups: tuple[tuple[str, ...], ...]
    models: dict[str, str]
    diagnostics: dict[str, dict[str, float]]
    n_observations: tuple[int, ...]
    periods_per_year: float
    rejected: dict[str, str]
    scatter: ScatterDraws | None = field(repr=False)
    correlation: Array | None = field(repr=False)
    flat_returns: dict[str, float]
    priors: ComparisonPriors
    coupled: bool
    note: str

    @property
    def dependence(self) -> str:
        """How far the strategies were modelled together.

        "joint" where all were; "coupled" where each has a model of its own, and the draws are in an
        order that gives them the dependence that their returns show; "partly joint" where some were
        modelled together; "independent" where none depends on another. `note` says why.
        """
        if len(self.groups) == 1:
            return "joint"
        if any(len(group) > 1 for group in self.groups):
            return "partly joint"
        return "coupled" if self.coupled else "independent"

    @property
    def draws(self) -> Array:
        """Draws of the annual Sharpe ratios: shape (n_chains * n_draws, n_strategies)."""
        return self.posterior.flat("sharpe")

    @property
    def idata(self) -> DataTree:
        """The draws as an ArviZ container."""
        return self.posterior.idata

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """One row a strategy, by posterior mean.

        Columns rank, strategy, sharpe_mean, sharpe_std, hdi_low, hdi_high, prob_positive and
        prob_best; `attrs` says whether they were compared jointly, and what was left out.
        """
        best = np.bincount(self.draws.argmax(axis=1), minlength=len(self.strategies))
        rows = []
        for i, name in enumerate(self.strategies):
            summary = summarise_sharpe(self.draws[:, i], self.hdi_prob)
            rows.append(
                {
                    "strategy": name,
                    "sharpe_mean": summary["mean"],
                    "sharpe_std": summary["std"],
                    "hdi_low": summary["hdi_low"],
                    "hdi_high": summary["hdi_high"],
                    "prob_positive": summary["prob_positive"],
                    "prob_best": best[i] / len(self.draws),
                }
            )
        table = pd.DataFrame(rows).sort_values("sharpe_mean", ascending=False, kind="stable")
        table.insert(0, "rank", np.arange(1, len(table) + 1))
        table.attrs.update(
            dependence=self.dependence,
            note=self.note,
            models=dict(self.models),
            hdi_prob=self.hdi_prob,
            periods_per_year=self.periods_per_year,
            rejected=dict(self.rejected),
        )
        return table.reset_index(drop=True)

    @functools.cached_property
    def prob_better(self) -> pd.DataFrame:
        """P(the row's Sharpe ratio is greater than the column's); NaN with itself."""
        names, draws = list(self.strategies), self.draws
        matrix = np.full((len(names), len(names)), np.nan)
        for i, j in itertools.permutations(range(len(names)), 2):
            matrix[i, j] = np.mean(draws[:, i] > draws[:, j])
        return pd.DataFrame(matrix, index=names, columns=names)

    @functools.cached_property
    def differences(self) -> pd.DataFrame:
        """Posterior of each difference of annual Sharpe ratios, one row a pair.

        Columns better, worse (by posterior mean), mean, std, hdi_low, hdi_high, prob_better.
        """
        draws, order = self.draws, np.argsort(-self.draws.mean(axis=0), kind="stable")
        rows = []
        for i, j in itertools.combinations(order, 2):
            summary = summarise_sharpe(draws[:, i] - draws[:, j], self.hdi_prob)
            summary["prob_better"] = summary.pop("prob_positive")
            rows.append({"better": self.strategies[i], "worse": self.strategies[j], **summary})
        columns = ["better", "worse", "mean", "std", "hdi_low", "hdi_high", "prob_better"]
        return pd.DataFrame(rows, columns=columns)

    def plot(self) -> Figure:
        """Plot every Sharpe ratio's posterior mean and interval, best first."""
        return forest_figure(self.table, self.hdi_prob)
