"""A row for each date and instrument becomes a row for each date."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.reading.cells import texts_of
from puffin.reading.date_column import DateColumn
from puffin.reading.headers import Name, joined, letters
from puffin.reading.numerals import looks_like_number
from puffin.reading.rules import INSTRUMENT_NAMES

__all__ = ["one_row_a_date"]

_LEAST_FULL = 0.4


def one_row_a_date(
    frame: pd.DataFrame, dates: DateColumn
) -> tuple[pd.DataFrame, DateColumn, list[str]]:
    """Return the table without repeated rows, and with a column for each instrument.

    Rows that repeat another, date and all, are left out. Where dates still repeat, and one column
    says whose each row is (ticker, symbol, ..., or any text with which every date is there once),
    the others become one column for each instrument. A table without dates is returned as it is.

    Returns
    -------
    frame : DataFrame
    dates : DateColumn
    left_out : list of str
        What was done, for people.
    """
    if dates.dates is None or not dates.dates.index.has_duplicates:
        return frame, dates, []
    again = _repeated(frame)
    said = [f"{again.sum()} repeated row{'' if again.sum() == 1 else 's'}"] if again.any() else []
    frame, dates = frame[~again].reset_index(drop=True), _kept(dates, ~again)
    assert dates.dates is not None
    index = dates.dates.index
    instrument = _instrument(frame, dates, index) if index.has_duplicates else None
    if instrument is None:
        return frame, dates, said
    wide = _pivoted(frame, index, instrument, [*dates.used, *dates.left_out])
    rows = pd.DatetimeIndex(index.unique()).sort_values()
    return wide, replace(dates, dates=replace(dates.dates, index=rows), used=()), said


def _repeated(frame: pd.DataFrame) -> NDArray[np.bool_]:
    texts = pd.DataFrame({place: texts_of(frame.iloc[:, place]) for place in range(frame.shape[1])})
    return texts.duplicated().to_numpy(dtype=np.bool_)


def _kept(dates: DateColumn, rows: NDArray[np.bool_]) -> DateColumn:
    assert dates.dates is not None
    return replace(dates, dates=replace(dates.dates, index=dates.dates.index[rows]))


def _instrument(frame: pd.DataFrame, dates: DateColumn, index: pd.DatetimeIndex) -> Name | None:
    """Return the column that says whose each row is, or None.

    Most of them have rows on most dates; a list of trades has not.
    """
    rest = [name for name in frame.columns if name not in (*dates.used, *dates.left_out)]
    for name in sorted(rest, key=lambda name: letters(name) not in INSTRUMENT_NAMES):
        texts = texts_of(frame[name])
        named = letters(name) in INSTRUMENT_NAMES
        if len(rest) < 2 or not (named or not texts.map(looks_like_number).any()):
            continue
        cells = index.nunique() * texts.nunique()
        if (texts == "").any() or len(frame) < _LEAST_FULL * cells:
            continue
        if not pd.MultiIndex.from_arrays([index, texts]).has_duplicates:
            return name
    return None


def _pivoted(
    frame: pd.DataFrame, index: pd.DatetimeIndex, instrument: Name, without: list[Name]
) -> pd.DataFrame:
    """Return a column for each field and instrument, named by both."""
    whose = texts_of(frame[instrument])
    fields = [name for name in frame.columns if name not in (instrument, *without)]
    telling = [name for name in fields if not _is_label(frame[name], whose)] or fields
    columns: dict[tuple[str, str], pd.Series[Any]] = {}
    for name in telling:
        wide = frame[name].set_axis(pd.MultiIndex.from_arrays([index, whose])).unstack()
        for one in wide.columns:
            columns[(joined(name), str(one))] = wide[one].reset_index(drop=True)
    table = pd.DataFrame(dict(enumerate(columns.values())))
    names = pd.Index(list(columns), tupleize_cols=False)
    return table.set_axis(names, axis="columns")


def _is_label(column: pd.Series[Any], whose: pd.Series[Any]) -> bool:
    """Whether a column says no more than whose the row is: a currency, an exchange."""
    texts = texts_of(column)
    return not texts.map(looks_like_number).any() or bool(
        (texts.groupby(whose.to_numpy()).nunique() <= 1).all()
        and texts.nunique() <= whose.nunique()
        and len(texts) > 2 * whose.nunique()
    )
