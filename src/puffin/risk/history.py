"""The forecasts that were made, as a file: written one way, and read the ways people save it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.reading.numerals import decimal_mark, read_numerals
from puffin.risk.row_keys import of_texts
from puffin.validation import Labels, row_label

__all__ = ["DATE", "forecast_columns", "history_bytes", "read_history"]

DATE, WEIGHT = "date", "weight"
_SEPARATORS = ",;\t"


def forecast_columns(levels: Sequence[float]) -> list[str]:
    """Return the names of what a row of the history holds; `levels` are those of the tails."""
    kinds = ("value_at_risk", "expected_shortfall")
    return [
        "return", "volatility", "annual_volatility", "annual_volatility_low",
        "annual_volatility_high", *(f"{kind}_{level:g}" for kind in kinds for level in levels),
        WEIGHT,
    ]  # fmt: skip


def history_bytes(history: pd.DataFrame) -> bytes:
    """Return the content of the file of a history."""
    return history.to_csv(index_label=DATE, lineterminator="\n").encode("utf-8")


def read_history(content: bytes, columns: Sequence[str], like: Labels) -> pd.DataFrame:
    """Return the history in the content of a file, in order of time.

    Whatever spreadsheets make of it is understood: other separators, line ends, decimal commas,
    encodings, styles of dates, and orders of rows and columns. A person's own columns stay as they
    are, as text.

    Parameters
    ----------
    content : bytes
    columns : sequence of str
        Those that there must be; they hold numbers.
    like : Index
        The labels of the returns, among which those of the history are.

    Returns
    -------
    DataFrame
        Indexed by labels as `row_label` writes them.

    Raises
    ------
    ValueError
        If it is not understood, or not whole; the message says why and goes on from "it".
    """
    cells = _cells(_text(content))
    missing = [name for name in (DATE, *columns) if name not in cells]
    if missing:
        raise ValueError(f"it has no column {missing[0]!r}")
    mark = _mark(cells[list(columns)])
    numbers = {name: _numbers(cells[name], mark) for name in columns}
    unknown = np.flatnonzero(np.isnan(numbers[WEIGHT]))
    if unknown.size:
        raise ValueError(f"it has no {WEIGHT!r} in row {unknown[0] + 1}")
    labels = of_texts(list(cells[DATE]), like)
    if labels.has_duplicates:
        raise ValueError(f"it has {row_label(labels[labels.duplicated()][0])} twice")
    history = cells.drop(columns=DATE).assign(**numbers)
    history.index = pd.Index(_as_written(cells[DATE], labels), name=DATE)
    if labels.dtype == object:  # text, which has no order of its own
        return history
    return history.iloc[labels.argsort()]


def _as_written(texts: pd.Series[str], labels: Labels) -> list[str]:
    """Return labels as the history has them: those with an offset keep it, others are ours."""
    offset = texts.str.fullmatch(r".*\d\d:\d\d[-+]\d\d:\d\d")
    return [
        text if keeps else row_label(label)
        for text, keeps, label in zip(texts, offset, labels, strict=True)
    ]


def _text(content: bytes) -> str:
    try:
        wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if not text.endswith(("\n", "\r")):
        raise ValueError("it is cut short: its last line has no end")
    return text


def _cells(text: str) -> pd.DataFrame:
    """Return the cells of a table as text."""
    first = text.lstrip().splitlines()[0] if text.strip() else ""
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise ValueError(f"it is no table ({error})") from None
    rows = [[cell.strip() for cell in row] for row in rows if any(map(str.strip, row))]
    if not rows:
        raise ValueError("it is empty")
    header = rows[0]
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(header):
            raise ValueError(
                f"it has {len(row)} cells in row {number} and {len(header)} names of columns"
            )
    cells = pd.DataFrame(rows[1:], columns=header, dtype=object)
    cells = cells.loc[:, [bool(name) or bool(any(cells.iloc[:, place]))
                          for place, name in enumerate(header)]]  # fmt: skip
    if not cells.columns.is_unique:
        raise ValueError(f"it has two columns {cells.columns[cells.columns.duplicated()][0]!r}")
    return cells


def _mark(cells: pd.DataFrame) -> str:
    texts = [str(cell) for cell in cells.to_numpy().ravel()]
    # A comma that is left in a cell did not separate columns.
    return decimal_mark((text for text in texts if "," in text), ";")


def _numbers(cells: pd.Series[str], mark: str) -> Array:
    """Return numbers, exactly where they are written as Python writes them."""
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        found = read_numerals(cells, mark)
    if found.wrong is not None:
        wrong = cells.iloc[found.wrong]
        raise ValueError(f"it has {wrong!r} in column {cells.name!r}, which is no number")
    return found.values / 100.0 if found.percent else found.values
