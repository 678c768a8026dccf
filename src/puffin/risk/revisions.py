"""Returns of the past that are not what they were."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.risk.row_keys import labels_of, matched
from puffin.validation import ReturnSeries, row_label

__all__ = ["Overlap"]

_CHANGED, _ANOTHER = 0.01, 0.1
"""In standard deviations of the returns. Prices in cents that are scaled by a dividend and rounded
again move returns by up to some hundredths; those of assets with a correlation of 0.95 differ by
more than a tenth in three rows of four."""

_MOST = 0.5


class Overlap:
    """The returns of a past that is known, and the same rows as they are now.

    A return has changed if it is off by more than a hundredth of the returns' standard deviation:
    prices that are adjusted again, for a dividend since, move less than that.

    Parameters
    ----------
    known : Series
        Returns as they were, in order of time.
    now : ReturnSeries

    Attributes
    ----------
    labels : Index
        Of the rows that are in both.
    moved : ndarray of bool of shape (n_labels,)
        Which of these have changed.
    gone, inserted : Index
        Labels of the past that are no longer there, and new ones among it.
    later : ndarray of int
        Positions in `now` of what came since.
    """

    def __init__(self, known: pd.Series[float], now: ReturnSeries) -> None:
        labels = labels_of(now)
        before, after = matched(known.index, labels)
        there = before.get_indexer(after)
        shared = np.flatnonzero(there >= 0)
        if isinstance(after, pd.DatetimeIndex):
            end = int(after.searchsorted(before[-1], side="right"))
        else:  # what has no order of its own comes later where it stands later
            end = int(shared.max(initial=-1)) + 1
        self.labels = known.index[there[shared]]
        self.gone = known.index[~before.isin(after)]
        self.inserted = labels[:end][there[:end] < 0]
        self.later = np.arange(end, now.values.size)
        self._before, self._after = known.to_numpy()[there[shared]], now.values[shared]
        self._distance = np.abs(self._before - self._after) / np.nanstd(now.values)
        self.moved = self._distance > _CHANGED

    def is_another_series(self) -> bool:
        """Whether most of the past differs by more than a tenth of the standard deviation.

        Its last return apart, which is often provisional. Rows with a return of zero before and
        now say nothing.
        """
        telling = ((self._before != 0.0) | (self._after != 0.0))[:-1]
        distance = self._distance[:-1][telling]
        return bool(distance.size and np.mean(distance > _ANOTHER) > _MOST)

    def first_difference(self) -> str:
        """Return how many returns have changed, and the first of them, in words."""
        first = int(np.flatnonzero(self.moved)[0])
        return (
            f"first {row_label(self.labels[first])}: {self._before[first]:.4%} then, "
            f"{self._after[first]:.4%} now."
        )

    def revisions(self) -> tuple[str, ...]:
        """Return what has changed in the past, a sentence each; nothing if nothing has."""
        found = []
        if self.moved.any():
            changed = _count(int(self.moved.sum()), "return has", "returns have")
            found.append(f"{changed} changed since they were fitted, {self.first_difference()}")
        if len(self.gone):
            found.append(
                f"{_count(len(self.gone), 'row is', 'rows are')} no longer there, first "
                f"{row_label(self.gone[0])}."
            )
        if len(self.inserted):
            found.append(
                f"{_count(len(self.inserted), 'row is', 'rows are')} new among those fitted "
                f"before, first {row_label(self.inserted[0])}."
            )
        return tuple(found)


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
