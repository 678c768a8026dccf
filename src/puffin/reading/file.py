"""From a file, a text or a frame to a table of numbers in order of time."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from puffin.reading.aside import why_aside
from puffin.reading.cells import texts_of
from puffin.reading.content import bounded, opened
from puffin.reading.date_column import DateColumn, found_dates
from puffin.reading.errors import ReadingError
from puffin.reading.grid import Grid, gridded, split_rows
from puffin.reading.headers import Name, joined
from puffin.reading.labels import ROW
from puffin.reading.month_grid import unfolded
from puffin.reading.numerals import Numerals, decimal_mark, is_numeral, read_numerals
from puffin.reading.quotes import found_bars, plain_names
from puffin.reading.returns import place
from puffin.reading.rules import MISSING_CODES
from puffin.reading.table import Request, Table
from puffin.reading.tidy import one_row_a_date

__all__ = ["read_bytes", "read_file", "read_frame", "read_text"]

_SAMPLE = 2_000
_TOLD = 8
_BEFORE_THREE = re.compile(r"\.\d{3}(?!\d)")


def read_file(path: Path, request: Request | None = None) -> Table:
    """Return the table in a file (CSV, Parquet or Excel), or on standard input if it is "-".

    Raises
    ------
    ReadingError
        If there is no such file, or it is not understood.
    ImportError
        For Parquet without pyarrow, for Excel without openpyxl.
    """
    if str(path) == "-":
        content = bounded(sys.stdin.buffer, "standard input")
        return read_bytes(content, request, name="standard input")
    if path.is_dir():
        raise ReadingError(f"{path} is a directory; give a CSV, Parquet or Excel file.")
    try:
        with path.open("rb") as stream:
            content = bounded(stream, str(path))
    except FileNotFoundError:
        raise ReadingError(f"there is no file {path}.") from None
    return read_bytes(content, request, name=str(path))


def read_bytes(content: bytes, request: Request | None = None, *, name: str = "the file") -> Table:
    """Return the table in the bytes of a file; `name` is what messages call it."""
    request = request or Request()
    found = opened(content, name)
    if isinstance(found, str):
        return read_text(found, request, name=name)
    if isinstance(found, pd.DataFrame):
        return read_frame(found, request, name=name)
    grid = gridded(found.rows, ";", name)
    others = f"sheet{'' if len(found.others) == 1 else 's'} {', '.join(found.others)}"
    left_out = (*grid.left_out, others) if found.others else grid.left_out
    return _of_grid(replace(grid, left_out=left_out), request)


def read_text(text: str, request: Request | None = None, *, name: str = "the text") -> Table:
    """Return the table in the text of a CSV file."""
    if not text.strip():
        raise ReadingError(f"{name} is empty.")
    rows, separator = split_rows(text, name)
    return _of_grid(gridded(rows, separator, name), request or Request())


def read_frame(
    frame: pd.DataFrame, request: Request | None = None, *, name: str = "the frame"
) -> Table:
    """Return the table in a frame, whose dates are its index or a column."""
    if not len(frame):
        raise ReadingError(f"{name} has a header but no rows.")
    if not isinstance(frame.index, pd.RangeIndex):
        taken = {None, *frame.columns}
        frame = frame.reset_index(names=["" if one in taken else one for one in frame.index.names])
    frame = frame.set_axis([_name(one) for one in frame.columns], axis="columns")
    if frame.columns.has_duplicates:
        repeated = frame.columns[frame.columns.duplicated()][0]
        raise ReadingError(f"{name} has more than one column named {joined(repeated)!r}.")
    return _of_columns(frame, ".", request or Request(), ())


def _name(label: Any) -> Name:
    return tuple(map(str, label)) if isinstance(label, tuple) else str(label)


def _of_grid(grid: Grid, request: Request) -> Table:
    asked = {"comma": ",", "point": "."}.get(request.decimal or "")
    mark = asked or decimal_mark(_sample(grid.frame), grid.separator)
    return _of_columns(grid.frame, mark, request, grid.left_out)


def _sample(frame: pd.DataFrame) -> list[str]:
    """Return the numbers that say what commas and points are.

    Of a column without commas, whose points cannot all separate thousands, one number is enough.
    """
    sample: list[str] = []
    for column in range(frame.shape[1]):
        cells = frame.iloc[:_SAMPLE, column].map(str).tolist()
        pointed = [cell for cell in cells if "." in cell]
        plain = not all(map(_BEFORE_THREE.search, pointed)) and not any("," in one for one in cells)
        if pointed or not plain:
            sample += filter(is_numeral, pointed[:1] if plain else cells)
    return sample


def _of_columns(frame: pd.DataFrame, mark: str, request: Request, left_out: Sequence[str]) -> Table:
    frame, of_years = unfolded(frame)
    dates = found_dates(frame, request.date_column, request.date_order)
    frame, dates, again = one_row_a_date(frame, dates)
    left_out = [*left_out, *([of_years] if of_years else []), *again]
    data = frame.drop(columns=[*dates.used, *dates.left_out], errors="ignore")
    bars = found_bars(list(data.columns))
    names = {**plain_names(list(data.columns)), **bars.prices}
    data = data.set_axis([names[one] for one in data.columns], axis="columns")
    table = _of_data(data, _index(dates, len(frame)), mark, [names[one] for one in bars.others])
    return replace(
        table,
        dates_said="" if dates.dates is None else dates.dates.said,
        prices=frozenset(bars.prices.values()),
        bars={one: _bars(table.numbers, fields, names) for one, fields in bars.fields.items()},
        bars_said=bars.said,
        left_out=(
            *left_out,
            *_by_reason(dates.left_out),
            *table.left_out,
        ),
        request=request,
    )


def _of_data(data: pd.DataFrame, index: pd.Index[Any], mark: str, others: Sequence[str]) -> Table:
    """Return the numbers in columns that hold no dates; `others` are no strategies of their own."""
    numerals = {name: _numerals(data[name], mark) for name in data.columns}
    numbers = pd.DataFrame({name: one.values for name, one in numerals.items()}, index=index)
    text = [name for name in data.columns if name not in others and _is_text(numerals[name])]
    if len(text) == len(data.columns) - len(others):
        text = []
    aside = _aside({name: numerals[name] for name in data.columns if name not in (*others, *text)})
    reasons = {name: _wrong(data[name], numerals[name], index) for name in data.columns}
    rejected = {
        name: reason for name, reason in reasons.items() if reason is not None and name not in text
    }
    return Table(
        numbers=_in_order_of_time(numbers.drop(columns=[*rejected, *text])),
        columns=tuple(name for name in data.columns if name not in (*others, *text, *aside)),
        percent=frozenset(name for name, one in numerals.items() if one.percent),
        money=frozenset(name for name, one in numerals.items() if one.money),
        rejected=rejected,
        left_out=(
            *_by_reason({**dict.fromkeys(text, "text"), **aside}),
            *([_few(others)] if others else []),
        ),
    )


def _aside(numerals: Mapping[str, Numerals]) -> dict[str, str]:
    """Return the columns that are no strategies, and why; none if that would be all of them."""
    reasons = {name: why_aside(name, one) for name, one in numerals.items()}
    aside = {name: why for name, why in reasons.items() if why}
    return aside if len(aside) < len(reasons) else {}


def _by_reason(reasons: Mapping[Any, str]) -> list[str]:
    """Return for each reason the columns left out for it."""
    return [
        f"{_few([name for name, one in reasons.items() if one == why])} ({why})"
        for why in dict.fromkeys(reasons.values())
    ]


def _few(names: Sequence[Name]) -> str:
    """Return names in a list, of which only the first are told if there are many."""
    told = [joined(name) or "an unnamed column" for name in names]
    more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD + 1 else ""
    return ", ".join(told[:_TOLD] if more else told) + more


def _index(dates: DateColumn, rows: int) -> pd.Index[Any]:
    """Return the dates of the rows, or their numbers.

    Raises
    ------
    ReadingError
        If a row has no date, or two have the same.
    """
    if dates.dates is None:
        # Not a RangeIndex: columns that start late still meet the others on the same row.
        return pd.Index(np.arange(rows), name=ROW)
    index = dates.dates.index
    missing = np.flatnonzero(index.isna())
    if missing.size:
        raise ReadingError(f"row {missing[0] + 1} has no date.")
    repeated = index[index.duplicated()]
    if len(repeated):
        first = repeated[0]
        shown = f"{first:%Y-%m-%d}" if first == first.normalize() else str(first)
        count = "a date" if len(repeated) == 1 else f"{len(repeated)} dates"
        raise ReadingError(
            f"the file repeats {count}, first {shown}; keep one row a date, and a column for each "
            "asset or strategy."
        )
    return index


def _in_order_of_time(numbers: pd.DataFrame) -> pd.DataFrame:
    return numbers.sort_index() if isinstance(numbers.index, pd.DatetimeIndex) else numbers


def _numerals(column: pd.Series[Any], mark: str) -> Numerals:
    if pd.api.types.is_bool_dtype(column.dtype) or _is_dates(column):
        return Numerals(np.full(len(column), np.nan), 0)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return Numerals(column.to_numpy(dtype=np.float64, na_value=np.nan), None)
    found = read_numerals(texts_of(column), mark)
    coded = np.isin(found.values, MISSING_CODES) & (found.values.min(initial=0.0) < -99.0)
    return replace(found, values=np.where(coded, np.nan, found.values))


def _is_dates(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_datetime64_any_dtype(column.dtype)


def _is_text(found: Numerals) -> bool:
    """Whether a column holds no number at all, and something else."""
    return found.wrong is not None and bool(np.isnan(found.values).all())


def _wrong(column: pd.Series[Any], found: Numerals, index: pd.Index[Any]) -> str | None:
    """Say what a column holds instead of numbers, and where first."""
    name = str(column.name)
    if _is_dates(column):
        return f"column {name!r} holds dates, not numbers (is it the --date-column?)."
    if found.wrong is None and found.bare is None:
        return None
    row = next(one for one in (found.wrong, found.bare) if one is not None)
    cell, where = (
        str(column.iloc[row]),
        place(column.set_axis(index), np.arange(len(column)) == row),
    )
    if found.wrong is None:
        return (
            f"column {name!r} has percent signs in some rows and none in others, first {cell!r} "
            f"{where}; write all of them in one way."
        )
    if cell in ("True", "False", "TRUE", "FALSE", "true", "false"):
        return f"column {name!r} holds true and false, not numbers."
    decimals = re.fullmatch(r"[-+]?\d*,\d+", cell) is not None
    advice = "; write decimals with a point" if decimals else ""
    return f"column {name!r} must hold numbers; found {cell!r} {where}{advice}."


def _bars(
    numbers: pd.DataFrame, fields: Mapping[str, Name], names: Mapping[Name, str]
) -> pd.DataFrame:
    """Return the bars behind a price: open, high, low, close, adjusted, volume."""
    there = {kind: names[name] for kind, name in fields.items() if names[name] in numbers}
    return pd.DataFrame({kind: numbers[name] for kind, name in there.items()})
