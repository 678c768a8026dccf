"""The search for a strategy's settings."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from puffin.backtest import Costs
from puffin.backtest.costs import CostOptions
from puffin.extras import require
from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed
from puffin.models.selection import SelectionPriors
from puffin.models.settings import check_priors, checked_seed
from puffin.progress import progress_bar
from puffin.tuning.evaluation import Evaluation, Tunable
from puffin.tuning.gain import expected_gain, is_due
from puffin.tuning.proposals import Proposals, default_sampler
from puffin.tuning.result import TunedStrategy, tuned
from puffin.tuning.space import Space, distributions_of
from puffin.tuning.store import PRICES, SearchStore
from puffin.tuning.terms import digest_of, name_of
from puffin.tuning.trial import Trial
from puffin.validation import (
    DataLike,
    as_prices,
    check_positive_prices,
    positive_integer,
    positive_number,
    probability,
)
from puffin.validation import periods_per_year as infer_periods_per_year

__all__ = ["BayesianOptimizer"]

_FEWEST_DAYS = 60
_FEWEST_HELD_OUT = 20


class BayesianOptimizer:
    """Search for a strategy's settings, and say how much of the best result is left.

    Each trial is a walk-forward backtest after costs, on the same days as all others. What their
    returns say of each other decides what to try next; Optuna keeps the study, and its samplers can
    be had instead. The returns of all trials say what is known of each (`puffin.best_of_trials` has
    the model): their posteriors after selection, which cannot be told
    from the best, and whether another trial is worth running. The last part of the prices is held
    out: the search is not given it, and `TunedStrategy.open_holdout` opens it.

    The chosen trial is the one with the highest posterior mean, which borrows from trials that
    trade alike: a setting among neighbours that did well is preferred to a lone peak.

    Parameters
    ----------
    strategy : class, function or Strategy
        What makes a strategy of settings: ``strategy(**settings)`` or, of a dataclass's instance,
        the same with these fields changed. A ValueError that it raises rules a setting out.
    space : mapping of str to (low, high), list or Optuna distribution, optional
        What is tried of each setting: whole numbers from low to high, or real numbers if one of
        the two is; one of a list. The strategies that ship have one
        (`puffin.tuning.space.DEFAULT_SPACES`).
    n_trials : int, default 200
        The most trials.
    timeout : float, optional
        Seconds after which no further trial begins.
    least_gain : float or None, default 0.0001
        Stop when another trial is expected to add less than this to the true annual Sharpe ratio
        of the chosen one; None never does. Asked from the 25th trial on, of the very next one: many
        later ones together may add more (Notes).
    train, test : int, default 378 and 252
        Rows to fit on, and to trade before the next fit, as in `puffin.backtest.walk_forward`. A
        strategy without a ``fit`` needs `train` for its averages: one that decides later holds cash
        until then.
    holdout : float, default 0.2
        Share of the rows that is held out, at the end; 0 for none.
    sampler : callable, optional
        Returns a sampler of Optuna's given a seed, such as ``lambda seed:
        optuna.samplers.TPESampler(seed=seed)``, in place of expected improvement. It is made afresh
        for each trial, so that a search that goes on proposes what it would have; one that keeps a
        state of its own, such as GridSampler, belongs into a study. The search ends when it has
        nothing more to try.
    study : optuna.Study, optional
        One of yours, that maximises, with its own sampler and storage: it is asked and told. Trials
        that it had before, of an earlier search too, are not known by their returns and are not
        counted; the result says so.
    store : path, optional
        A directory in which every trial is kept. A search that was killed goes on there, to the
        same answer, and one that ended goes on with more trials. The strategy has to be the same
        still: one that would have other returns now is refused.
    samples : int, default 4000
        Draws of the posterior.
    hdi_prob : float, default 0.94
    periods_per_year : float, optional
        By default read off the dates.
    priors : SelectionPriors, optional
    random_seed : int, SeedSequence, Generator or None
        Of proposals and draws. A store keeps the first.
    progressbar : bool, default False
    **costs
        commission_bps, slippage_bps, borrow_rate and risk_free_rate, as in `puffin.backtest.run`.

    Notes
    -----
    What to try next is the setting with the highest expected improvement under a Gaussian process
    (`puffin.tuning.improvement`). How alike two settings are is found from all daily returns, not
    from the few ratios (`puffin.tuning.likeness`): estimates of settings that trade alike have
    nearly the same error, and their difference is sharp. No setting is run twice; a search in which
    all were run ends.

    A sampler of Optuna's, or a study's, knows no returns. It is told a trial's posterior mean by
    itself, which shrinks all by nearly the same factor, since all are over the same days. What all
    trials say together changes with each of them, while what a study was told stays.

    `least_gain` looks one trial ahead, and takes it for one like the last 20. In simulated searches
    with edges the default stopped after 48 trials on average, with a true ratio 0.07 below that
    after 200 (16 searches); 0.001 after 29, 0.11 below. Where backtests cost little, let them run.

    Optuna's pruners are not asked: a trial that is cut short has returns of some of the days, and
    the posterior after selection compares all trials on all of them. To leave it out would count
    too few trials, and so leave too much of the best. The objective is the Sharpe ratio; there is
    none of utility yet.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_equities()[["KO", "PEP"]].loc["2010":]
    >>> search = pf.BayesianOptimizer(
    ...     pf.strategies.MovingAverageCross, n_trials=30, commission_bps=5, random_seed=1
    ... )
    >>> tuned = search.fit(prices)  # doctest: +SKIP
    >>> print(tuned.sentence)  # doctest: +SKIP
    """

    def __init__(
        self,
        strategy: Tunable,
        space: Space | None = None,
        *,
        n_trials: int = 200,
        timeout: float | None = None,
        least_gain: float | None = 0.0001,
        train: int = 378,
        test: int = 252,
        holdout: float = 0.2,
        sampler: Callable[[int], Any] | None = None,
        study: Any = None,
        store: str | os.PathLike[str] | None = None,
        samples: int = 4000,
        hdi_prob: float = 0.94,
        periods_per_year: float | None = None,
        priors: SelectionPriors | None = None,
        random_seed: Seed = None,
        progressbar: bool = False,
        **costs: Unpack[CostOptions],
    ) -> None:
        self.strategy = strategy
        self.distributions = distributions_of(space, strategy)
        self.n_trials = positive_integer("n_trials", n_trials)
        self.timeout = None if timeout is None else positive_number("timeout", timeout)
        self.least_gain = None if least_gain is None else positive_number("least_gain", least_gain)
        self.train, self.test = positive_integer("train", train), positive_integer("test", test)
        self.holdout = 0.0 if holdout == 0 else probability("holdout", holdout)
        self.sampler, self.study = sampler, study
        if study is not None:
            _check_study(study, sampler)
        elif sampler is not None:
            _check_sampler(sampler)
        self.store = None if store is None else SearchStore(Path(store))
        self.samples = positive_integer("samples", samples, minimum=100)
        self.hdi_prob = probability("hdi_prob", hdi_prob)
        self.periods_per_year = (
            None
            if periods_per_year is None
            else positive_number("periods_per_year", periods_per_year)
        )
        self.priors = check_priors(priors, SelectionPriors)
        self.random_seed = checked_seed(random_seed)
        self.progressbar = progressbar
        Costs(**costs)
        self.costs = costs

    def __repr__(self) -> str:
        settings = ", ".join(self.distributions)
        return f"BayesianOptimizer({name_of(self.strategy)}: {settings}; {self.n_trials} trials)"

    def fit(self, prices: DataLike, *, date: str | None = None) -> TunedStrategy:
        """Search, and return the chosen strategy with what is known of it.

        Parameters
        ----------
        prices : DataFrame or array-like of shape (n_rows, n_assets)
            As in `puffin.backtest.run`.
        date : str, optional
            The column that holds the dates of polars (or pandas) frames.

        Returns
        -------
        TunedStrategy

        Warns
        -----
        RuntimeWarning
            If interrupted by Ctrl-C: the answer is that of the trials that are finished.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid, prices are too few, or no setting can be backtested.
        LookAheadError
            If the strategy's weights change with prices that come later: the first trial is
            checked, and the chosen one.
        SearchStoreError
            If the store is of another search, another run is using it, or a kept trial has other
            returns now: the first one and the chosen one are run again.
        """
        evaluation = self._evaluation(prices, date)
        with contextlib.ExitStack() as stack:
            seed, known, own = fixed_seed(self.random_seed), [], secrets.token_hex()
            if self.store is not None:
                stack.enter_context(self.store.locked())
                terms = self._settled(self.store, evaluation, seed)
                seed, own = int(terms["random_seed"]), digest_of(terms)
                known = self.store.trials(list(self.distributions), len(evaluation.days))
                self._check_first(self.store, evaluation, known)
            proposals = self._proposals(evaluation, seed, own, known)
            unknown = proposals.catch_up(known)
            if self.store is not None and self.store.is_exhausted(len(known)):
                proposals.exhausted = True
            stopped = self._search(evaluation, proposals, known)
            _check_any(known)
            found = tuned(
                strategy=self.strategy,
                trials=tuple(known),
                evaluation=evaluation,
                study=proposals.study,
                search=own,
                store=self.store,
                seed=seed,
                stopped=stopped,
                unknown_trials=unknown,
                samples=self.samples,
                hdi_prob=self.hdi_prob,
                priors=self.priors,
            )
            chosen = found.backtest()  # which is checked not to look ahead, as the first trial was
            if self.store is not None:
                self.store.check(found.best, evaluation.excess(chosen))
            return found

    def _check_first(self, store: SearchStore, evaluation: Evaluation, known: list[Trial]) -> None:
        """Refuse to go on with another strategy: the first trial with returns is run again."""
        first = next((one for one in known if one.is_valid), None)
        if first is not None:
            again = evaluation.trial(first.number, self.strategy, first.params, check=False)
            store.check(first, again.excess)

    def _search(self, evaluation: Evaluation, proposals: Proposals, trials: list[Trial]) -> str:
        """Add trials until one more is not to be run, and return why not."""
        began, done = time.monotonic(), len(trials)
        with progress_bar("Trials", self.n_trials, self.progressbar) as advance:
            advance(min(done, self.n_trials))
            try:
                while len(trials) < self.n_trials:
                    if proposals.exhausted:
                        return "the sampler has nothing more to try"
                    if self.timeout is not None and time.monotonic() - began > self.timeout:
                        return f"the {self.timeout:g} seconds were over"
                    gain = self._gain(evaluation, trials)
                    if self.least_gain is not None and gain < self.least_gain:
                        return f"another trial is expected to add {gain:.1g} to the Sharpe ratio"
                    self._add(evaluation, proposals, trials)
                    advance(1)
            except KeyboardInterrupt:
                if not any(one.is_valid for one in trials):
                    raise
                warnings.warn(
                    f"Interrupted after {len(trials)} of {self.n_trials} trials.",
                    RuntimeWarning,
                    stacklevel=3,
                )
                return "it was interrupted"
        return f"all {self.n_trials} trials were run"

    def _gain(self, evaluation: Evaluation, trials: list[Trial]) -> float:
        """Return what another trial is expected to add; infinite where it is not asked yet."""
        if self.least_gain is None or not is_due(len(trials)):
            return float("inf")
        return expected_gain(trials, evaluation.periods_per_year, self.priors)

    def _add(self, evaluation: Evaluation, proposals: Proposals, trials: list[Trial]) -> None:
        """Run another trial; it is on the disk before the study is told of it."""
        asked = proposals.ask(len(trials))
        first = not any(one.is_valid for one in trials)
        trial = evaluation.trial(len(trials), self.strategy, asked.params, check=first)
        if self.store is not None:
            self.store.write(trial)
        trials.append(trial)
        proposals.tell(asked, trial)
        if self.store is not None and proposals.exhausted:
            self.store.write_exhausted(len(trials))

    def _evaluation(self, prices: DataLike, date: str | None) -> Evaluation:
        panel = as_prices(prices, date=date)
        check_positive_prices("prices", panel, "for returns to exist")
        rows = len(panel.index)
        cut = rows - round(self.holdout * rows)
        if cut - self.train - 1 < _FEWEST_DAYS:
            raise ValueError(
                f"train={self.train} and holdout={self.holdout:g}: {max(cut - self.train - 1, 0)} "
                f"rows are left to search by, of the {rows:,} that prices has, and at least "
                f"{_FEWEST_DAYS} are needed. Give more prices, or smaller ones of the two."
            )
        if self.holdout and rows - cut - 1 < _FEWEST_HELD_OUT:
            raise ValueError(
                f"holdout={self.holdout:g} of {rows} rows is too little to judge by: at least "
                f"{_FEWEST_HELD_OUT + 1} rows are needed, or 0 for none."
            )
        periods = self.periods_per_year or infer_periods_per_year(panel.index)
        return Evaluation(panel, self.train, self.test, cut, periods, self.costs)

    def _proposals(
        self, evaluation: Evaluation, seed: int, own: str, trials: list[Trial]
    ) -> Proposals:
        priors, periods = self.priors, evaluation.periods_per_year
        prior_sd = float(np.linalg.norm([priors.level_sd, priors.spread_sd, priors.own_sd]))
        if self.study is not None:
            return Proposals(self.study, self.distributions, None, seed, periods, prior_sd, own)
        sampler = self.sampler or default_sampler(trials, self.distributions)
        return Proposals.new(self.distributions, sampler, seed, periods, prior_sd, own)

    def _settled(self, store: SearchStore, evaluation: Evaluation, seed: int) -> dict[str, Any]:
        optuna = require("optuna", "tune", "Tuning a strategy")
        asked = {
            "strategy": name_of(self.strategy),
            "space": {
                name: optuna.distributions.distribution_to_json(one)
                for name, one in self.distributions.items()
            },
            "train": self.train,
            "test": self.test,
            "holdout": self.holdout,
            "periods_per_year": evaluation.periods_per_year,
            "costs": dict(self.costs),
            "sampler": name_of(
                self.study.sampler if self.study else self.sampler or default_sampler
            ),
            PRICES: evaluation.digest,
            "random_seed": seed,
        }
        return store.settle(asked, "random_seed" if self.random_seed is None else "")


def _check_study(study: Any, sampler: object) -> None:
    optuna = require("optuna", "tune", "Tuning a strategy")
    if not isinstance(study, optuna.Study):
        raise TypeError(f"study must be one of Optuna's; found {type(study).__name__}.")
    if list(study.directions) != [optuna.study.StudyDirection.MAXIMIZE]:
        raise ValueError(
            "study must maximise one value: optuna.create_study(direction='maximize')."
        )
    if sampler is not None:
        raise ValueError("A study has its own sampler; leave out one of study and sampler.")


def _check_sampler(sampler: Callable[[int], Any]) -> None:
    """Refuse one that cannot be made afresh for each trial."""
    samplers = require("optuna", "tune", "Tuning a strategy").samplers
    if isinstance(sampler(0), samplers.GridSampler):
        raise ValueError(
            "sampler is a GridSampler, which shuffles its grid by its seed and would repeat points "
            "if it is made afresh for each trial. Give study=optuna.create_study("
            "direction='maximize', sampler=...) with it, or a BruteForceSampler."
        )


def _check_any(trials: list[Trial]) -> None:
    """Refuse a search of which nothing could be backtested."""
    if not any(one.is_valid for one in trials):
        raise ValueError(
            f"None of {len(trials)} settings could be backtested. The last one: "
            f"{trials[-1].label}: {trials[-1].reason}"
        )
