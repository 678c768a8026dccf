"""Log-variances of many draws, copied when they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import available_cores

__all__ = ["States", "WithStates"]

_ROWS = 64


class States:
    """Log-variances of draws, which may be taken by weight, and go on after they were drawn.

    The draws of ten years are 80 MB, and most updates are of interest for the next period alone:
    nothing of them is copied before `array` is read.

    Parameters
    ----------
    drawn : ndarray of float32 of shape (n_chains, n_kept, n_times)
    """

    def __init__(self, drawn: NDArray[np.float32]) -> None:
        self._parts = _Parts(drawn, None, np.empty((*drawn.shape[:2], 0), np.float32))

    def extend(self, following: Array) -> States:
        """Return the same with one more period, of shape (n_chains, n_kept), at their end."""
        drawn, taken, later = self._parts
        later = np.concatenate([later, following[..., None]], axis=2, dtype=np.float32)
        return _of(_Parts(drawn, taken, later))

    def take(self, taken: NDArray[np.int64]) -> States:
        """Return the states of some of the draws, by their numbers: shape (n_chains, n_taken)."""
        drawn, known, later = self._parts
        known = taken if known is None else np.take_along_axis(known, taken, axis=1)
        return _of(_Parts(drawn, known, np.take_along_axis(later, taken[..., None], axis=1)))

    @property
    def shape(self) -> tuple[int, int, int]:
        """The numbers of chains, of draws kept of each, and of periods."""
        drawn, _, later = self._parts
        return *later.shape[:2], drawn.shape[2] + later.shape[2]

    @property
    def array(self) -> NDArray[np.float32]:
        """All of them: float32 of shape (n_chains, n_kept, n_times)."""
        drawn, taken, later = self._parts
        if taken is not None or later.shape[2]:
            whole = _copied(drawn, taken, later)
            self._parts = _Parts(whole, None, whole[..., :0])
        return self._parts.drawn


class _Parts(NamedTuple):
    """States as they were drawn, which of these are taken (or all), and their later periods."""

    drawn: NDArray[np.float32]
    taken: NDArray[np.int64] | None
    later: NDArray[np.float32]


def _of(parts: _Parts) -> States:
    states = States(parts.drawn)
    states._parts = parts
    return states


def _copied(
    drawn: NDArray[np.float32], taken: NDArray[np.int64] | None, later: NDArray[np.float32]
) -> NDArray[np.float32]:
    n_chains, n_taken, n_later = later.shape
    n_drawn = drawn.shape[2]
    whole = np.empty((n_chains, n_taken, n_drawn + n_later), np.float32)

    def copy(chain: int) -> None:
        whole[chain, :, n_drawn:] = later[chain]
        for first in range(0, n_taken, _ROWS):
            some = slice(first, first + _ROWS)
            rows = some if taken is None else taken[chain, some]
            whole[chain, some, :n_drawn] = drawn[chain, rows]

    with ThreadPoolExecutor(available_cores()) as pool:
        list(pool.map(copy, range(n_chains)))
    return whole


class WithStates(Mapping[str, Array]):
    """Named draws, and `h` among them, which is copied when it is read."""

    def __init__(self, scalars: Mapping[str, Array], states: States) -> None:
        self._scalars, self._states = scalars, states

    def __getitem__(self, name: str) -> Array:
        return self._states.array if name == "h" else self._scalars[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._scalars
        yield "h"

    def __len__(self) -> int:
        return len(self._scalars) + 1
