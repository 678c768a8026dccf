"""Bytes become text, or the cells of a spreadsheet, or a frame."""

from __future__ import annotations

import datetime
import gzip
import importlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from puffin.extras import require
from puffin.reading.dates import looks_like_date
from puffin.reading.errors import ReadingError
from puffin.reading.numerals import looks_like_number

__all__ = ["Content", "Sheet", "bounded", "opened"]


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its rows as text, and the names of others that hold anything."""

    rows: list[list[str]]
    others: tuple[str, ...] = ()


Content = str | Sheet | pd.DataFrame
"""The text of a CSV file, a sheet of a workbook, or the frame of a Parquet file."""

_GZIP, _PARQUET, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WIDE = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_MOST_BYTES = 2**28
_MOST_CELLS = 2**27
_SAMPLE = 400
_NEITHER = "is neither CSV nor Parquet, nor an Excel workbook (.xlsx); save it as CSV."


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def bounded(stream: _Stream, name: str) -> bytes:
    """Return all bytes of a stream, of which there may be no end.

    Raises
    ------
    ReadingError
        If they are more than can be a table of returns, unpacked or not.
    """
    content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise _too_large(name)
    return content


def _too_large(name: str) -> ReadingError:
    return ReadingError(
        f"{name} holds more than {_MOST_BYTES >> 20} MB; give fewer columns or rows at a time."
    )


def opened(content: bytes, name: str) -> Content:
    """Return what a file holds, found by its first bytes, whatever its name ends with.

    Parameters
    ----------
    content : bytes
    name : str
        What messages call it.

    Raises
    ------
    ReadingError
        If it is empty, damaged, or of another kind.
    ImportError
        For Parquet without pyarrow, for Excel without openpyxl.
    """
    if content.startswith(_GZIP):
        content = _unzipped(content, name)
    if content.startswith(_PARQUET):
        return _parquet(content, name)
    if content.startswith(_ZIP):
        only = _only_file(content, name)
        if only is None or only.startswith((_ZIP, _GZIP)):
            return _workbook(content, name)
        return opened(only, name)
    if content.startswith(_OLD_EXCEL):
        raise ReadingError(f"{name} is an old Excel workbook (.xls); save it as .xlsx or CSV.")
    return _text(content, name)


def _unzipped(content: bytes, name: str) -> bytes:
    try:
        return bounded(gzip.GzipFile(fileobj=io.BytesIO(content)), name)
    except (OSError, EOFError, zlib.error):
        raise ReadingError(f"{name} is a damaged gzip file.") from None


def _only_file(content: bytes, name: str) -> bytes | None:
    """Return the file in an archive that holds one; None for a workbook, which has many."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) != 1:
                return None
            with archive.open(names[0]) as file:
                return bounded(file, name)
    except ReadingError:
        raise
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, zlib.error):
        return None


def _parquet(content: bytes, name: str) -> pd.DataFrame:
    require("pyarrow", "parquet", "Reading Parquet")
    parquet = importlib.import_module("pyarrow.parquet")
    try:
        declared = parquet.ParquetFile(io.BytesIO(content)).metadata
        if declared.num_rows * max(declared.num_columns, 1) <= _MOST_CELLS:
            return pd.read_parquet(io.BytesIO(content), engine="pyarrow")
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ReadingError(f"{name} is a damaged Parquet file ({reason}).") from None
    raise _too_large(name)


def _text(content: bytes, name: str) -> str:
    wide = next((coding for mark, coding in _WIDE.items() if content.startswith(mark)), None)
    wide = wide or _wide_without_mark(content[:_SAMPLE])
    if wide is None and b"\x00" in content:
        raise ReadingError(f"{name} {_NEITHER}")
    try:
        text = content.decode(wide or "utf-8-sig")
    except UnicodeDecodeError:
        if wide is not None:
            raise ReadingError(f"{name} {_NEITHER}") from None
        text = _western(content)
    if not text.strip():
        raise ReadingError(f"{name} is empty.")
    return text


def _wide_without_mark(start: bytes) -> str | None:
    """Return which UTF-16 text is in, if every second byte is zero as it is for Latin letters."""
    first, second = start[::2].count(0), start[1::2].count(0)
    if min(first, second) > 0 or max(first, second) < 0.9 * len(start) / 2.0:
        return None
    return "utf-16-be" if first else "utf-16-le"


def _western(content: bytes) -> str:
    """Return text in the code page of Windows, which has the euro sign, or in Latin-1."""
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _workbook(content: bytes, name: str) -> Sheet:
    """Return the first sheet with rows of dates and numbers, or else the first with any rows."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            is_workbook = "xl/workbook.xml" in archive.namelist()
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        is_workbook = False
    if not is_workbook:
        raise ReadingError(f"{name} {_NEITHER}")
    if unpacked > _MOST_BYTES:
        raise _too_large(name)
    openpyxl = require("openpyxl", "excel", "Reading Excel files")
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {sheet.title: _rows(sheet.iter_rows()) for sheet in book.worksheets}
    except Exception as error:
        raise ReadingError(f"{name} is a damaged Excel workbook ({error}).") from None
    full = {title: rows for title, rows in sheets.items() if any(map(any, rows))}
    if not full:
        raise ReadingError(f"{name} is empty.")
    taken = next((title for title, rows in full.items() if _holds_numbers(rows)), next(iter(full)))
    return Sheet(full[taken], tuple(title for title in full if title != taken))


def _holds_numbers(rows: Sequence[Sequence[str]]) -> bool:
    data = [sum(looks_like_number(cell) or looks_like_date(cell) for cell in row) for row in rows]
    return sum(cells > 1 for cells in data) > 1


def _rows(rows: Iterable[Iterable[Any]]) -> list[list[str]]:
    return [[_cell(cell.value) for cell in row] for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else f"{value:%Y-%m-%d}"
    return repr(value) if isinstance(value, float) else str(value)
