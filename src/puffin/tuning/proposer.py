"""What to try next, given the returns of all trials so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from puffin.arrays import Array
from puffin.tuning.cube import Cube
from puffin.tuning.improvement import SAME, Improvement
from puffin.tuning.likeness import Likeness
from puffin.tuning.trial import Trial

__all__ = ["Proposer"]

_AT_RANDOM = 10
"""Trials before the first that is proposed."""
_GROWTH, _MOST_FITTED, _MOST = 2, 40, 300
"""By how much trials grow until the likeness is found again; of how many, at most, it is found,
and by how many others are judged."""
_ALL = 1000
"""Settings of which every one is asked; of more, some are."""
_CANDIDATES, _BEST, _ROUNDS = 64, 5, 2


@dataclass
class Proposer:
    """Expected improvement by what trials earned, and how alike their returns are.

    The first ten settings are drawn at random. How alike settings are is found again whenever there
    are twice as many trials, from the trials until then: what is proposed depends on the trials and
    the stream only, so that a search that was killed goes on to the same settings.

    Attributes
    ----------
    trials : sequence of Trial
        All so far, in order; more may be added to it.
    cube : Cube
    """

    trials: Sequence[Trial]
    cube: Cube
    _places: list[Array] = field(default_factory=list)
    _likeness: tuple[int, Likeness] | None = None

    @property
    def exhausted(self) -> bool:
        """Whether every setting was run."""
        few = len(self.trials) >= self.cube.size
        return few and len(np.unique(self._tried(), axis=0)) >= self.cube.size

    def propose(self, stream: np.random.Generator) -> dict[str, Any]:
        """Return the setting to run next."""
        tried = self._tried()
        could = np.array([one.is_valid for one in self.trials], dtype=bool)
        if len(tried) < _AT_RANDOM or could.sum() < _AT_RANDOM // 2:
            return self.cube.params(self._untried(tried, stream))
        rows = self._taken(could)
        ratios = np.array([self.trials[row].ratio for row in rows if could[row]])
        improvement = Improvement.of(self._fitted(could), tried[rows], could[rows], ratios)
        return self.cube.params(self._best(improvement, stream))

    def _tried(self) -> Array:
        """Return where trials are, of shape (n_trials, n_settings)."""
        new = [one.params for one in self.trials[len(self._places) :]]
        self._places.extend(self.cube.places(new))
        return np.array(self._places).reshape(-1, len(self.cube.axes))

    def _untried(self, tried: Array, stream: np.random.Generator) -> Array:
        """Return a place at random that was not tried, if there is one."""
        places = self._all(stream)
        new = (cdist(places, tried) > SAME).all(axis=1)
        return np.asarray(stream.choice(places[new] if new.any() else places))

    def _taken(self, could: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return which trials are gone by: of very many the best, and some of each rank below."""
        if could.size <= _MOST:
            return np.arange(could.size)
        ratios = np.array([one.ratio if one.is_valid else -np.inf for one in self.trials])
        order = np.argsort(-ratios, kind="stable")
        best = _MOST // 3
        others = np.linspace(best, could.size - 1, _MOST - best).astype(int)
        return np.sort(order[np.concatenate([np.arange(best), others])])

    def _fitted(self, could: NDArray[np.bool_]) -> Likeness:
        """Return how alike settings are, from the trials when it was last asked."""
        due = _AT_RANDOM
        while _GROWTH * due <= could.size:
            due *= _GROWTH
        if self._likeness is None or self._likeness[0] != due:
            rows = np.flatnonzero(could[:due])
            if rows.size < 2:  # of too few: the first, whenever that is asked
                rows = np.flatnonzero(could)[: _AT_RANDOM // 2]
            some = np.linspace(0, rows.size - 1, min(rows.size, _MOST_FITTED)).astype(int)
            excess = np.column_stack([self.trials[row].excess for row in rows[some]])
            z = (excess - excess.mean(axis=0)) / excess.std(axis=0)
            self._likeness = due, Likeness.of(self.cube, self._tried()[rows[some]], z)
        return self._likeness[1]

    def _best(self, improvement: Improvement, stream: np.random.Generator) -> Array:
        """Return the place of the highest improvement: of all, or near the best that is found."""
        places = self._all(stream)
        if self.cube.size <= _ALL:
            return np.asarray(places[improvement(places).argmax()])
        near = self.cube.near(improvement.best(_BEST), _CANDIDATES, stream)
        places = np.concatenate([places, near])
        gains = improvement(places)
        for _ in range(_ROUNDS):
            nearer = self.cube.near(places[np.argsort(-gains)[:_BEST]], _CANDIDATES // 2, stream)
            places, gains = np.concatenate([places, nearer]), np.append(gains, improvement(nearer))
        return np.asarray(places[gains.argmax()])

    def _all(self, stream: np.random.Generator) -> Array:
        """Return all places, or some at random where they are too many."""
        if self.cube.size <= _ALL:
            return self.cube.all()
        return self.cube.random(_CANDIDATES, stream)
