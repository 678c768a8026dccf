"""What a store knows of the past, against the returns as they are now: the same series, or refused.

An ordinary revision changes a few returns, and is named. Where most of them differ, or none is
there, these are the returns of something else, and nothing is fitted on with them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from puffin.risk.revisions import Overlap
from puffin.risk.row_keys import labels_of, matched, of_texts
from puffin.risk.store import RiskStore, StoreError
from puffin.validation import ReturnSeries, row_label

__all__ = ["history_before", "history_up_to", "known_past"]


def known_past(place: RiskStore, known: ReturnSeries, series: ReturnSeries) -> Overlap:
    """Return how the returns that a model was fitted to are among those of now.

    Raises
    ------
    StoreError
        If they are another series.
    """
    past = Overlap(known.pandas, series)
    advice = (
        f"For another asset, column or unit use another directory; if {series.name!r} is the same "
        f"and its past was corrected, move {place.history_path} away and refit (--refit, "
        "or refit=True)."
    )
    if not len(past.labels):
        ends, labels = row_label(known.pandas.index[-1]), labels_of(series)
        raise StoreError(
            f"Nothing of the past that {place.path} knows, which ends at {ends}, is in these "
            f"returns ({row_label(labels[0])} to {row_label(labels[-1])}). They must overlap. "
            f"{advice}"
        )
    if past.is_another_series():
        raise StoreError(
            f"Most of the past that {place.path} knows is different in these returns: "
            f"{int(past.moved.sum()):,} of {past.moved.size:,}, {past.first_difference()} {advice}"
        )
    return past


def history_up_to(place: RiskStore, known: ReturnSeries, levels: Sequence[float]) -> pd.DataFrame:
    """Return the history as far as the model knows the returns.

    What is later was written by a run that was killed before it wrote the model.

    Raises
    ------
    StoreError
        If it is missing, ends before the model's last return, or is of other returns.
    """
    labels = labels_of(known)
    history = place.history(levels, labels)
    if history is None:
        raise StoreError(
            f"{place.path} has a model and no history.csv. Put it back, or refit (--refit, or "
            "refit=True) to begin a new one."
        )
    keys, known_keys = matched(of_texts(list(history.index), labels), labels)
    last = np.flatnonzero(keys == known_keys[-1])
    if not last.size:
        raise StoreError(
            f"{place.history_path} is cut short: it has no row of "
            f"{row_label(labels[-1])}, up to which the model knows the returns. Put a copy of it "
            "back, or refit (--refit, or refit=True): that adds the last row alone."
        )
    history = history.iloc[: last[-1] + 1]
    _check_same(place, history, known)
    return history


def history_before(place: RiskStore, series: ReturnSeries, levels: Sequence[float]) -> pd.DataFrame:
    """Return the history before the last return of a series to which a model is to be fitted.

    Raises
    ------
    StoreError
        If it is of other returns.
    """
    labels = labels_of(series)
    history = place.history(levels, labels)
    if history is None or not len(history):
        return pd.DataFrame()
    keys, known = matched(of_texts(list(history.index), labels), labels)
    if isinstance(keys, pd.DatetimeIndex):
        end = int(keys.searchsorted(known[-1]))
    else:
        last = np.flatnonzero(keys == known[-1])
        end = int(last[0]) if last.size else len(history)
    history = history.iloc[:end]
    _check_same(place, history, series)
    return history


def _check_same(place: RiskStore, history: pd.DataFrame, series: ReturnSeries) -> None:
    """Raise StoreError if the returns in the history are not those of the series."""
    if not len(history):
        return
    labels = of_texts(list(history.index), labels_of(series))
    past = Overlap(pd.Series(history["return"].to_numpy(), labels), series)
    if past.is_another_series():
        raise StoreError(
            f"{place.history_path} is of other returns: {int(past.moved.sum()):,} of "
            f"{past.moved.size:,} differ, {past.first_difference()} It was left as it is. Put a "
            "copy of it back if something else has saved it; or move it away and refit (--refit, "
            "or refit=True) to begin a new one; for another asset, column or unit use another "
            "directory."
        )
