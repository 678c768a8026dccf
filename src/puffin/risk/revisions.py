"""Returns of the past that are not what they were."""

from __future__ import annotations

import numpy as np

from puffin.validation import ReturnSeries, row_label

__all__ = ["revisions"]

_SHARE_OF_SD = 0.01


def revisions(known: ReturnSeries, now: ReturnSeries) -> tuple[str, ...]:
    """Return what has changed in the past of a series, a sentence each; nothing if nothing has.

    A return has changed if it is off by more than a hundredth of the returns' standard deviation:
    prices that are adjusted again, for a dividend since, move less than that.
    """
    before, after = known.pandas, now.pandas
    after = after[after.index <= before.index[-1]]
    shared = before.index.intersection(after.index)
    moved = (before[shared] - after[shared]).abs() > _SHARE_OF_SD * float(np.nanstd(known.values))
    found = []
    if moved.any():
        first = shared[moved.to_numpy()][0]
        found.append(
            f"{_count(int(moved.sum()), 'return has', 'returns have')} changed since they were "
            f"fitted, first {row_label(first)}: {before[first]:.4%} then, {after[first]:.4%} now."
        )
    gone, inserted = before.index.difference(after.index), after.index.difference(before.index)
    if len(gone):
        found.append(
            f"{_count(len(gone), 'row is', 'rows are')} no longer there, first "
            f"{row_label(gone[0])}."
        )
    if len(inserted):
        found.append(
            f"{_count(len(inserted), 'row is', 'rows are')} new among those fitted before, first "
            f"{row_label(inserted[0])}."
        )
    return tuple(found)


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
