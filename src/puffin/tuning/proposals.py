"""Optuna's study, asked for one trial at a time: by the returns of all, or by a sampler of its own.

A trial's proposal depends on the trials before it, its number and the seed, and on nothing else:
before each, the sampler is made afresh, with a seed of that number. So a search that was killed and
goes on proposes what it would have proposed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from puffin.extras import require
from puffin.inference.chains import Purpose
from puffin.tuning.cube import Cube
from puffin.tuning.proposer import Proposer
from puffin.tuning.trial import Trial

__all__ = ["NUMBER", "SEARCH", "Proposals", "default_sampler", "quiet"]

SEARCH, NUMBER = "puffin_search", "puffin_trial"
"""What a trial in a study says: of which search it is, and which of that search's it is."""


def default_sampler(
    trials: Sequence[Trial], distributions: Mapping[str, Any]
) -> Callable[[int], Any]:
    """Return what makes samplers by the returns of trials, which may become more."""
    require("optuna", "tune", "Tuning a strategy")
    from puffin.tuning.sampler import ReturnsSampler

    proposer = Proposer(trials, Cube.of(distributions))
    return functools.partial(ReturnsSampler, proposer, distributions)


@dataclass
class Proposals:
    """A study that is asked what to try, and told what came of it.

    Attributes
    ----------
    study : optuna.Study
    distributions : mapping of str to optuna distribution
    sampler : callable, optional
        Returns a sampler, given a seed. Without it the study's own is asked.
    seed : int
    periods : float
        In a year.
    prior_sd : float
        Of the ratio of a trial by itself.
    search : str
        What tells this search from others that use the study.
    exhausted : bool
        Whether the sampler has nothing more to try, which it says when it is told of the last.
    """

    study: Any
    distributions: Mapping[str, Any]
    sampler: Callable[[int], Any] | None
    seed: int
    periods: float
    prior_sd: float
    search: str
    exhausted: bool = False

    @classmethod
    def new(
        cls,
        distributions: Mapping[str, Any],
        sampler: Callable[[int], Any],
        seed: int,
        periods: float,
        prior_sd: float,
        search: str,
    ) -> Proposals:
        """Return those of a study of their own, in memory."""
        optuna = require("optuna", "tune", "Tuning a strategy")
        with quiet(optuna):
            study = optuna.create_study(direction="maximize")
        return cls(study, distributions, sampler, seed, periods, prior_sd, search)

    def ask(self, number: int) -> Any:
        """Return Optuna's trial to run next: `params` are the setting."""
        if self.sampler is not None:
            key = (self.seed, number, int(Purpose.PROPOSED_TRIAL))
            self.study.sampler = self.sampler(int(np.random.SeedSequence(key).generate_state(1)[0]))
        asked = self.study.ask(dict(self.distributions))
        asked.set_user_attr(SEARCH, self.search)
        asked.set_user_attr(NUMBER, number)
        return asked

    def tell(self, asked: Any, trial: Trial) -> None:
        """Tell what came of it.

        Parameters
        ----------
        asked : optuna.Trial or int
            What was asked, or its number in the study.
        trial : Trial
        """
        states = require("optuna", "tune", "Tuning a strategy").trial.TrialState
        try:
            if trial.is_valid:
                self.study.tell(asked, trial.told(self.periods, self.prior_sd))
            else:
                # Samplers take a pruned trial for worse than any; one that failed they forget.
                self.study.tell(asked, state=states.PRUNED)
        except RuntimeError as error:
            # A sampler that is through the grid stops Optuna's loop, which refuses, having none;
            # the study has been told by then.
            if "Study.stop" not in str(error):
                raise
            self.exhausted = True

    def catch_up(self, trials: Sequence[Trial]) -> int:
        """Tell of the trials of earlier runs, and return how many others were told before.

        Those that the study has open still are told; those that it does not have are added. It has
        one if search, number and setting are the same: the number alone is in every search.
        """
        states = require("optuna", "tune", "Tuning a strategy").trial.TrialState
        had, found = self.study.get_trials(deepcopy=False), set()
        own = [one for one in had if one.user_attrs.get(SEARCH) == self.search]
        own = [one for one in own if one.state != states.FAIL]
        for trial in trials:
            one = next((one for one in own if _is(one, trial)), None)
            if one is None:
                self._add(trial)
                continue
            found.add(one.number)
            if one.state == states.RUNNING:
                self.tell(one.number, trial)
        for one in own:
            if one.state == states.RUNNING and one.number not in found:
                # Its run was killed, and it is run again.
                self.study.tell(one.number, state=states.FAIL)
        told = (states.COMPLETE, states.PRUNED)
        return sum(one.state in told and one.number not in found for one in had)

    def _add(self, trial: Trial) -> None:
        optuna = require("optuna", "tune", "Tuning a strategy")
        states, mean = optuna.trial.TrialState, None
        if trial.is_valid:
            mean = trial.told(self.periods, self.prior_sd)
        self.study.add_trial(
            optuna.trial.create_trial(
                state=states.COMPLETE if trial.is_valid else states.PRUNED,
                value=mean,
                params=dict(trial.params),
                distributions=dict(self.distributions),
                user_attrs={SEARCH: self.search, NUMBER: trial.number},
            )
        )


def _is(one: Any, trial: Trial) -> bool:
    """Whether a trial that a study has of a search is this one."""
    return bool(one.user_attrs.get(NUMBER) == trial.number and one.params == dict(trial.params))


@contextmanager
def quiet(optuna: Any) -> Iterator[None]:
    """Keep Optuna from saying on stderr that there is a study now."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(level)
