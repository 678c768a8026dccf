"""Whether another trial is worth running."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from puffin.models.selection import SelectionPriors
from puffin.models.selection.estimates import TrialEstimates
from puffin.models.selection.hierarchy import Hierarchy
from puffin.tuning.trial import Trial

__all__ = ["expected_gain", "is_due"]

_LAST, _FEWEST = 20, 25
_OFTEN, _SELDOM, _MANY = 5, 20, 100


def is_due(n_trials: int) -> bool:
    """Whether to ask after so many trials: every 5th, and every 20th beyond 100."""
    return n_trials >= _FEWEST and n_trials % (_OFTEN if n_trials < _MANY else _SELDOM) == 0


def expected_gain(trials: Sequence[Trial], periods: float, priors: SelectionPriors) -> float:
    """Return what another trial is expected to add to the true Sharpe ratio of the chosen one.

    It is taken to be like one of the last 20: as good and as different as those were before they
    were run (`Hierarchy.expected_gain`). Those that could not be backtested, or have the returns of
    an earlier one, have added nothing.
    """
    columns: dict[bytes, int] = {}
    like = []
    for trial in trials:
        key = trial.excess.tobytes()
        if trial.is_valid and key not in columns:
            columns[key] = len(columns)
            if trial.number >= len(trials) - _LAST:
                like.append(columns[key])
    if not like:
        return 0.0
    if len(columns) < 2:
        return float("inf")
    excess = np.column_stack([np.frombuffer(key) for key in columns])
    hierarchy = Hierarchy.of(TrialEstimates.of(excess, periods), priors)
    return hierarchy.expected_gain(np.array(like)) * len(like) / _LAST
