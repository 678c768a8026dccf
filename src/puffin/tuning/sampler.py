"""The sampler of a search that knows its trials' returns, as Optuna asks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import optuna

from puffin.tuning.proposer import Proposer

__all__ = ["ReturnsSampler"]


class ReturnsSampler(optuna.samplers.BaseSampler):  # type: ignore[misc]
    """What a proposer proposes.

    Parameters
    ----------
    proposer : Proposer
        Of a search, whose settings are those that are asked for.
    distributions : mapping of str to optuna distribution
    seed : int
    """

    def __init__(self, proposer: Proposer, distributions: Mapping[str, Any], seed: int) -> None:
        self._proposer, self._distributions, self._seed = proposer, distributions, seed
        self._others = optuna.samplers.RandomSampler(seed=seed)

    def infer_relative_search_space(
        self,
        study: optuna.Study,  # noqa: ARG002
        trial: optuna.trial.FrozenTrial,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Return the settings of the search, which are proposed together."""
        return dict(self._distributions)

    def sample_relative(
        self,
        study: optuna.Study,  # noqa: ARG002
        trial: optuna.trial.FrozenTrial,  # noqa: ARG002
        search_space: dict[str, Any],  # noqa: ARG002
    ) -> dict[str, Any]:
        """Return the setting to run next."""
        return self._proposer.propose(np.random.default_rng(self._seed))

    def after_trial(
        self,
        study: optuna.Study,
        trial: optuna.trial.FrozenTrial,  # noqa: ARG002
        state: optuna.trial.TrialState,  # noqa: ARG002
        values: Sequence[float] | None,  # noqa: ARG002
    ) -> None:
        """End the search once every setting was run."""
        if self._proposer.exhausted:
            study.stop()

    def sample_independent(
        self,
        study: optuna.Study,
        trial: optuna.trial.FrozenTrial,
        param_name: str,
        param_distribution: Any,
    ) -> Any:
        """Return a value of what is no setting of the search, at random."""
        return self._others.sample_independent(study, trial, param_name, param_distribution)
