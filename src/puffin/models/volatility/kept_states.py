"""Log-variances of many draws: changed and copied only when they are read."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import available_cores
from puffin.inference.settings import Settings
from puffin.inference.threads import go_on, in_threads
from puffin.validation import choice, positive_integer

__all__ = ["KeptStates", "WithStates", "thinning"]

_ROWS = 64
_MOST_STATES = 200_000_000 // 4
_READING = threading.Lock()


def thinning(keep_states: str | int, settings: Settings, n_times: int) -> int:
    """Return every how many draws log-variances are kept: see `StochasticVolatilityModel.fit`."""
    if isinstance(keep_states, str):
        if choice("keep_states", keep_states, ("auto", "all")) == "all":
            return 1
        thin = -(-settings.chains * settings.draws * n_times // _MOST_STATES)
    else:
        thin = positive_integer("keep_states", keep_states)
    return min(thin, settings.draws)


class KeptStates:
    """Log-variances of draws, in the returns' unit, which may be taken by weight and go on.

    The draws of ten years are 80 MB, and most fits and updates are of interest for the next period
    alone: nothing is done to them before `array` is read.

    Parameters
    ----------
    sampled : ndarray of float32 of shape (n_chains, n_kept, n_times)
        As the sampler left them: this is theirs from now on.
    shift : float
        What they are more in the returns' unit (`Unit.log_variance`).
    """

    def __init__(self, sampled: NDArray[np.float32], shift: float = 0.0) -> None:
        later = np.empty((*sampled.shape[:2], 0), np.float32)
        self._parts = _Parts(_Sampled(sampled, shift), None, later)

    def extend(self, following: Array) -> KeptStates:
        """Return the same with one more period, of shape (n_chains, n_kept), at their end."""
        sampled, taken, later = self._parts
        later = np.concatenate([later, following[..., None]], axis=2, dtype=np.float32)
        return _of(_Parts(sampled, taken, later))

    def take(self, taken: NDArray[np.int64]) -> KeptStates:
        """Return the states of some of the draws, by their numbers: shape (n_chains, n_taken)."""
        sampled, known, later = self._parts
        known = taken if known is None else np.take_along_axis(known, taken, axis=1)
        return _of(_Parts(sampled, known, np.take_along_axis(later, taken[..., None], axis=1)))

    @property
    def shape(self) -> tuple[int, int, int]:
        """The numbers of chains, of draws kept of each, and of periods."""
        sampled, _, later = self._parts
        return *later.shape[:2], sampled.n_times + later.shape[2]

    @property
    def array(self) -> NDArray[np.float32]:
        """All of them: float32 of shape (n_chains, n_kept, n_times)."""
        with _READING:
            sampled, taken, later = self._parts
            if taken is not None or later.shape[2]:
                whole = _copied(sampled.array, taken, later)
                self._parts = _Parts(_Sampled(whole), None, whole[..., :0])
            return self._parts.sampled.array


class _Sampled:
    """A sampler's states, shared by all that were made of them, moved into the returns' unit once.

    In place: they are not held twice.
    """

    def __init__(self, states: NDArray[np.float32], shift: float = 0.0) -> None:
        self._states, self._shift = states, np.float32(shift)

    @property
    def n_times(self) -> int:
        return int(self._states.shape[2])

    @property
    def array(self) -> NDArray[np.float32]:
        if self._shift:
            self._states += self._shift
            self._shift = np.float32(0.0)
        return self._states


class _Parts(NamedTuple):
    """States as they were sampled, which of these are taken (or all), and their later periods."""

    sampled: _Sampled
    taken: NDArray[np.int64] | None
    later: NDArray[np.float32]


def _of(parts: _Parts) -> KeptStates:
    states = KeptStates.__new__(KeptStates)
    states._parts = parts
    return states


def _copied(
    sampled: NDArray[np.float32], taken: NDArray[np.int64] | None, later: NDArray[np.float32]
) -> NDArray[np.float32]:
    n_chains, n_taken, n_later = later.shape
    n_sampled = sampled.shape[2]
    whole = np.empty((n_chains, n_taken, n_sampled + n_later), np.float32)

    def copy(chain: int) -> None:
        whole[chain, :, n_sampled:] = later[chain]
        for first in range(0, n_taken, _ROWS):
            go_on()
            some = slice(first, first + _ROWS)
            rows = some if taken is None else taken[chain, some]
            whole[chain, some, :n_sampled] = sampled[chain, rows]

    in_threads(copy, range(n_chains), available_cores())
    return whole


class WithStates(Mapping[str, Array]):
    """Named draws, and `h` among them, which is copied when it is read."""

    def __init__(self, scalars: Mapping[str, Array], states: KeptStates) -> None:
        self._scalars, self._states = scalars, states

    def __getitem__(self, name: str) -> Array:
        return self._states.array if name == "h" else self._scalars[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._scalars
        yield "h"

    def __len__(self) -> int:
        return len(self._scalars) + 1
