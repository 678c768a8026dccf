"""Which of several ways to read a column's dates is right: the whole column decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from puffin.reading.errors import ReadingError

__all__ = ["Candidate", "Days", "in_order", "most_likely"]

Days = NDArray[np.datetime64]

_MARGIN = 0.1
_WEEKEND = 0.1
_SAID = {
    **dict.fromkeys(("dmY", "dmy"), "day first"),
    **dict.fromkeys(("mdY", "mdy"), "month first"),
    "ymd": "year first",
}


@dataclass(frozen=True)
class Candidate:
    """A way to read the dates, and what they are then.

    Attributes
    ----------
    order : str
        As in `DateForm`.
    days : ndarray of datetime64[D]
    """

    order: str
    days: Days

    @property
    def said(self) -> str:
        """What comes first, where that is worth saying."""
        return _SAID.get(self.order, "")


def in_order(values: NDArray[Any]) -> bool:
    """Whether values never fall, or never rise."""
    return bool((values[1:] >= values[:-1]).all() or (values[1:] <= values[:-1]).all())


def most_likely(candidates: Sequence[Candidate], example: str) -> Candidate:
    """Return the candidate whose dates look like those of a series in time.

    Dates in order of time are preferred to others, then dates in even steps (first days of months,
    trading days) to uneven ones, then trading days without weekends.

    Raises
    ------
    ReadingError
        If day and month could still be swapped.
    """
    left = [one for one in candidates if in_order(one.days)] or list(candidates)
    left = _best([(_unevenness(one.days), one) for one in left], _MARGIN)
    left = _best([(_weekend_share(one.days), one) for one in left], _WEEKEND)
    first = left[0]
    for other in left[1:]:
        swapped = {first.order[0], other.order[0]} == {"d", "m"}
        if swapped and (first.days != other.days).any():
            raise ReadingError(
                f"dates such as {example} could be read day first or month first, and nothing "
                "settles it; say --date-order day or --date-order month, or write them as "
                "YYYY-MM-DD."
            )
    return first


def _best(scored: Sequence[tuple[float, Candidate]], margin: float) -> list[Candidate]:
    least = min(score for score, _ in scored)
    return [one for score, one in scored if score <= least + margin]


def _unevenness(days: Days) -> float:
    """Return the mean absolute log ratio of the steps between dates to their median."""
    steps = np.diff(np.unique(days)).astype(np.float64)
    if steps.size < 3:
        return 0.0
    repeats = 1.0 - (steps.size + 1.0) / days.size
    return float(np.abs(np.log(steps / np.median(steps))).mean() + repeats)


def _weekend_share(days: Days) -> float:
    """Return the share of Saturdays and Sundays among five or more dates."""
    if days.size < 5:
        return 0.0
    return 1.0 - float(np.is_busday(days).mean())
