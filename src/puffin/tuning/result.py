"""A strategy that was tuned, and what is known of it."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from puffin.backtest import BacktestResult, Strategy
from puffin.models.selection import BestOfTrials, SelectionPriors
from puffin.models.selection.best_of_trials import best_of_excess
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.tuning.card import tuned_card
from puffin.tuning.coordinates import parallel_coordinates
from puffin.tuning.evaluation import Evaluation, Tunable, built
from puffin.tuning.holdout import OpenedHoldout, opened
from puffin.tuning.store import Opening, SearchStore
from puffin.tuning.trial import Trial

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["TunedStrategy", "tuned"]


@dataclass(frozen=True, eq=False, repr=False)
class TunedStrategy(Shown, Plotted):
    """The chosen settings of a strategy, and what is known of all that were tried.

    Attributes
    ----------
    strategy : Strategy
        With the chosen settings.
    best : Trial
        The chosen one.
    trials : tuple of Trial
        All, in order; those that could not be backtested say why.
    selection : BestOfTrials
        The posterior of all that could be.
    study : optuna.Study
        For Optuna's own plots and dashboards.
    search : str
        What this search's trials in the study have as `puffin_search`; others may be in it.
    stopped : str
        Why there are no more trials.
    unknown_trials : int
        How many trials a study that was handed in had before, of which no returns are known: the
        posterior does not count them.
    evaluation : Evaluation
        Prices, days and costs.
    store : SearchStore or None
    seed : int
    openings : list of Opening
        When the holdout was opened; empty while it is locked.
    """

    strategy: Strategy
    best: Trial
    trials: tuple[Trial, ...]
    selection: BestOfTrials
    study: Any
    search: str
    stopped: str
    unknown_trials: int
    evaluation: Evaluation
    store: SearchStore | None
    seed: int
    openings: list[Opening]

    def _card(self) -> Card:
        return tuned_card(self)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw each trial's posterior against the ratio that it showed."""
        return self.selection._figure(ax)

    @property
    def params(self) -> Mapping[str, Any]:
        """The chosen settings."""
        return self.best.params

    @property
    def sentence(self) -> str:
        """What is left of the apparent Sharpe ratio, in a sentence."""
        return self.selection.sentence

    @functools.cached_property
    def table(self) -> pd.DataFrame:
        """One row a trial that could be backtested, by posterior mean.

        Columns trial (its number) and the settings, then those of `BestOfTrials.table`.
        """
        table = self.selection.table
        of_label = {one.label: one for one in self.trials}
        rows = [of_label[label] for label in table["trial"]]
        settings = pd.DataFrame([dict(one.params) for one in rows])
        numbers = pd.Series([one.number for one in rows], name="trial")
        return pd.concat([numbers, settings, table.drop(columns="trial")], axis=1)

    @functools.cached_property
    def returns(self) -> pd.DataFrame:
        """Excess returns after costs: a row for each day of the search, a column for each trial."""
        valid = [one for one in self.trials if one.is_valid]
        return pd.DataFrame(
            np.column_stack([one.excess for one in valid]),
            self.evaluation.days,
            [one.number for one in valid],
        )

    def backtest(self) -> BacktestResult:
        """Return the backtest of the chosen strategy over the days of the search."""
        return self.evaluation.search(self.strategy)

    def plot_parallel_coordinates(self) -> Axes:
        """Return Optuna's plot of the settings of all trials, coloured by their posterior means."""
        means = dict(zip(self.table["trial"], self.table["mean"], strict=True))
        return parallel_coordinates(self.study, self.search, means)

    def open_holdout(self) -> OpenedHoldout:
        """Open the days that were held out, and return how the chosen strategy did on them.

        They can be opened once: whatever is decided after it was decided knowing them. Opening
        them is written down first, in the store if there is one, and every later opening says how
        often they were opened before. Without a store only this result remembers.

        Returns
        -------
        OpenedHoldout

        Raises
        ------
        ValueError
            If nothing was held out.
        """
        if self.evaluation.cut == len(self.evaluation.panel.index):
            raise ValueError("Nothing was held out: holdout was 0.")
        if self.store is None:
            return self._opened()
        with self.store.locked():
            self.openings[:] = self.store.openings()
            return self._opened()

    def _opened(self) -> OpenedHoldout:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self.openings.append(Opening(now, self.best.number, len(self.trials)))
        if self.store is not None:
            self.store.write_openings(self.openings)
        return opened(
            self.evaluation.held_out(self.strategy),
            self.selection.draws[:, self.selection.best],
            tuple(self.openings),
            self.seed,
        )


def tuned(
    *,
    strategy: Tunable,
    trials: tuple[Trial, ...],
    evaluation: Evaluation,
    study: Any,
    search: str,
    store: SearchStore | None,
    seed: int,
    stopped: str,
    unknown_trials: int,
    samples: int,
    hdi_prob: float,
    priors: SelectionPriors,
) -> TunedStrategy:
    """Return what trials say; at least one of them could be backtested."""
    valid = {one.label: one for one in trials if one.is_valid}
    selection = best_of_excess(
        list(valid),
        np.column_stack([one.excess for one in valid.values()]),
        evaluation.periods_per_year,
        samples,
        hdi_prob=hdi_prob,
        priors=priors,
        seed=seed,
    )
    best = valid[selection.chosen]
    return TunedStrategy(
        strategy=built(strategy, best.params),
        best=best,
        trials=trials,
        selection=selection,
        study=study,
        search=search,
        stopped=stopped,
        unknown_trials=unknown_trials,
        evaluation=evaluation,
        store=store,
        seed=seed,
        openings=[] if store is None else store.openings(),
    )
