"""What is known of several strategies' Sharpe ratios: table, pairs, draws, plot."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.settings import Settings
from puffin.models.comparison.card import comparison_card, selection_card
from puffin.models.comparison.joint import pooled_diagnostics, pooled_posterior
from puffin.models.comparison.priors import ComparisonPriors
from puffin.models.sharpe.result import SharpePosterior, summarise_sharpe
from puffin.posterior import Posterior, diagnose
from puffin.posterior.arviz_data import ArvizData
from puffin.posterior.plots import density_figure, forest_figure
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import finite_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["SelectedStrategy", "StrategyComparison"]

_SAME_TIMES = 0.95


@dataclass(frozen=True, repr=False)
class SelectedStrategy(Shown, Plotted):
    """What is known of the strategy that looks best, given that it was selected.

    Attributes
    ----------
    strategy : str
    n_strategies : int
        How many it was selected from.
    draws : ndarray of shape (n_chains * n_draws,)
        Of its annual Sharpe ratio, shrunk by the pool.
    mean, std, hdi_low, hdi_high, prob_positive : float
        Their summary.
    prob_best : float
        The probability that none of the others is better.
    alone : SharpePosterior
        What its returns say were it the only strategy.
    """

    strategy: str
    n_strategies: int
    draws: Array
    mean: float
    std: float
    hdi_low: float
    hdi_high: float
    prob_positive: float
    prob_best: float
    alone: SharpePosterior

    def _card(self) -> Card:
        return selection_card(self)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw the density as the best of many, and its mean were it the only strategy."""
        title = f"Annual Sharpe ratio of {self.strategy}, the best of {self.n_strategies}"
        marks = {"alone": self.alone["mean"], "zero": 0.0}
        return density_figure({title: self.draws}, self.alone["hdi_prob"], marks, ax)

    def prob_greater(self, threshold: float) -> float:
        """Return the probability that its Sharpe ratio is greater than `threshold`."""
        return float(np.mean(self.draws > finite_number("threshold", threshold)))


@dataclass(frozen=True, repr=False)
class StrategyComparison(Shown, Plotted):
    """What is known of several strategies' Sharpe ratios, side by side.

    Attributes
    ----------
    posterior : Posterior
        Variables `mu`, `sd` and `sharpe` with dim `strategy`; `prob_active` where a strategy is
        flat at times, 1 for the others; `tau` where pooled.
    alone : dict of str to SharpePosterior
        Each strategy's own posterior, as `bayesian_sharpe` gives it. Unless pooled, those draws
        are the ones of `posterior`, in another order.
    correlation : ndarray of shape (n_strategies, n_strategies)
        Of the Sharpe ratios given the returns, before they are pooled.
    hdi_prob : float
    periods_per_year : float
        The usual one; each strategy is annualised by that of its own dates, which `alone` has.
    rejected : dict of str to str
        Strategies left out because they are invalid, and why.
    priors : ComparisonPriors
    settings : Settings
        How much was drawn, and from which seed.
    note : str
        What a reader must know of the dates: which strategies were compounded onto those of others,
        which have gaps, and whose differ; empty where all strategies have the same.
    """

    posterior: Posterior
    alone: dict[str, SharpePosterior]
    correlation: Array
    hdi_prob: float
    periods_per_year: float
    rejected: dict[str, str]
    priors: ComparisonPriors
    settings: Settings
    note: str

    def _card(self) -> Card:
        return comparison_card(self)

    @property
    def strategies(self) -> tuple[str, ...]:
        """The names of the strategies, in the order given."""
        return tuple(self.alone)

    @property
    def models(self) -> dict[str, str]:
        """What each strategy is modelled by, in words."""
        return {name: one["model"] for name, one in self.alone.items()}

    @property
    def n_observations(self) -> tuple[int, ...]:
        """How many returns of each strategy were used."""
        return tuple(one["n_observations"] for one in self.alone.values())

    @functools.cached_property
    def diagnostics(self) -> dict[str, dict[str, float]]:
        """ess_bulk, ess_tail and r_hat of each Sharpe ratio.

        Of the own draws as they were sampled; where pooled, the effective sizes are those of the
        pooled draws. ArviZ would take these for nearly independent, but all depend on the same
        own draws (`puffin.models.comparison.pooled_size`).
        """
        if self.is_pooled:
            alone = list(self.alone.values())
            return pooled_diagnostics(
                alone, self.correlation, self.priors, self.settings, self.draws
            )
        return {
            name: diagnose(one.posterior.variables["sharpe"]) for name, one in self.alone.items()
        }

    @property
    def dependence(self) -> str:
        """Whether Sharpe ratios depend on each other, "coupled", or none does, "independent"."""
        apart = np.array_equal(self.correlation, np.eye(len(self.correlation)))
        return "independent" if apart else "coupled"

    @functools.cached_property
    def shared_dates(self) -> int:
        """How many dates all strategies have."""
        labels = [one.posterior.coords["time"] for one in self.alone.values()]
        return len(functools.reduce(np.intersect1d, labels))

    @property
    def is_of_different_times(self) -> bool:
        """Whether less than 95% of the dates of the longest strategy are shared by all.

        Each is judged by its own dates, so that part of a difference may be one of their times.
        """
        return self.shared_dates < _SAME_TIMES * max(self.n_observations)

    @property
    def is_pooled(self) -> bool:
        """Whether the strategies have a common prior."""
        return "tau" in self.posterior.variables

    @property
    def draws(self) -> Array:
        """Draws of the annual Sharpe ratios: shape (n_chains * n_draws, n_strategies)."""
        return self.posterior.flat("sharpe")

    @property
    def idata(self) -> ArvizData:
        """The draws as a container for ArviZ: see `Posterior.idata`."""
        return self.posterior.idata

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """One row a strategy, by posterior mean.

        Columns rank, strategy, sharpe_mean, sharpe_std, hdi_low, hdi_high, prob_positive and
        prob_best; `attrs` has the rest: models, note, dependence, and what was left out.
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
        names, rows = list(self.strategies), np.ascontiguousarray(self.draws.T)
        matrix = np.array([np.mean(row > rows, axis=1) for row in rows])
        np.fill_diagonal(matrix, np.nan)
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

    def selected(self) -> SelectedStrategy:
        """Return what is known of the strategy with the greatest posterior mean, as selected.

        The best of many is likely to have been lucky. Its own posterior does not know how many
        others there were; with the common prior of ``pool=True``, which all of them teach, it
        does, and then it does not matter that it was selected. A comparison that is not pooled is
        pooled here. (Bailey & Lopez de Prado 2014 answer by a threshold instead, from the number
        of trials and their spread: `deflated_sharpe_ratio`.)
        """
        pooled = self.posterior if self.is_pooled else self._pooled()
        draws = pooled.flat("sharpe")
        best = int(draws.mean(axis=0).argmax())
        name = self.strategies[best]
        return SelectedStrategy(
            strategy=name,
            n_strategies=draws.shape[1],
            draws=draws[:, best],
            **summarise_sharpe(draws[:, best], self.hdi_prob),
            prob_best=float(np.mean(draws.argmax(axis=1) == best)),
            alone=self.alone[name],
        )

    def _pooled(self) -> Posterior:
        alone = list(self.alone.values())
        return pooled_posterior(alone, self.correlation, self.priors, self.settings)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw every Sharpe ratio's posterior mean and interval, best first."""
        table = self.table.set_index("strategy").rename(columns={"sharpe_mean": "mean"})
        of = f"annual Sharpe ratio: posterior mean and {self.hdi_prob:.0%} interval"
        return forest_figure(table, of, ax)
