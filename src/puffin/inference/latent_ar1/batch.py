"""Workspace in which a batch of chains is proposed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.lanes import LANES

__all__ = ["CHOICES", "MOST_MEASURES", "ROWS_OF_A_LAW", "SCRATCH", "Batch", "groups_in_cache"]

_ELEMENTS_IN_CACHE = 32768

SCRATCH = 7
"""Vectors of scratch at each time: what linked states leave behind, and single ones fewer."""
ROWS_OF_A_LAW, MOST_MEASURES = 128, 8
"""Of the constants: rows that are a law's; behind them each measure of the states has three."""
CHOICES = ROWS_OF_A_LAW + 3 * MOST_MEASURES
"""Behind those, a row for each choice that a model makes at random besides the states."""


def groups_in_cache(n_times: int) -> int:
    """Return how many groups of eight proposals are quick to make at once."""
    return max(1, _ELEMENTS_IN_CACHE // n_times // LANES)


class Batch(NamedTuple):
    """Scratch and results of `n_groups` times eight proposals, and their random generators.

    Kernels take it as it is.

    Attributes
    ----------
    bits : ndarray of uint64 of shape (4, 8)
        State of the normals' generators; advanced.
    z : ndarray of shape (n_groups, n_times + 1 + n_choices, 8)
        The normals that each proposal was made of: of the states, of mu, and of the choices.
    scratch : ndarray of shape (7, n_times, 8)
        What a sweep leaves behind at each time.
    constants : ndarray of shape (152 + n_choices, 8)
        What a law keeps for the eight proposals at hand, what measures of the states do, and what
        was chosen.
    states : ndarray of shape (n_groups, n_times, 8)
        The proposed h.
    mu, log_weights : ndarray of shape (8 n_groups,)
    """

    bits: NDArray[np.uint64]
    z: Array
    scratch: Array
    constants: Array
    states: Array
    mu: Array
    log_weights: Array

    @classmethod
    def of(
        cls,
        n_times: int,
        stream: np.random.Generator,
        n_groups: int | None = None,
        n_choices: int = 0,
    ) -> Batch:
        """Return a batch, as large as is quick, with generators seeded from `stream`."""
        groups = n_groups or groups_in_cache(n_times)
        return cls(
            bits=stream.integers(0, 2**64, (4, LANES), dtype=np.uint64),
            z=np.zeros((groups, n_times + 1 + n_choices, LANES)),
            scratch=np.empty((SCRATCH, n_times, LANES)),
            constants=np.empty((CHOICES + (n_choices and n_choices + n_times), LANES)),
            states=np.empty((groups, n_times, LANES)),
            mu=np.empty(groups * LANES),
            log_weights=np.empty(groups * LANES),
        )

    @property
    def size(self) -> int:
        """The number of proposals."""
        return self.log_weights.size
