"""Bytes become text, or the cells of a spreadsheet, or a frame."""

from __future__ import annotations

import datetime
import gzip
import importlib
import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any, Protocol

import pandas as pd

from puffin.extras import require
from puffin.reading.errors import ReadingError

__all__ = ["Content", "bounded", "opened"]

Content = str | list[list[str]] | pd.DataFrame
"""The text of a CSV file, the rows of a spreadsheet, or the frame of a Parquet file."""

_GZIP, _PARQUET, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"PAR1", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WIDE = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_MOST_BYTES = 2**28
_MOST_CELLS = 2**27
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
        return _workbook(content, name)
    if content.startswith(_OLD_EXCEL):
        raise ReadingError(f"{name} is an old Excel workbook (.xls); save it as .xlsx or CSV.")
    return _text(content, name)


def _unzipped(content: bytes, name: str) -> bytes:
    try:
        return bounded(gzip.GzipFile(fileobj=io.BytesIO(content)), name)
    except (OSError, EOFError, zlib.error):
        raise ReadingError(f"{name} is a damaged gzip file.") from None


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
    for mark, encoding in _WIDE.items():
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                raise ReadingError(f"{name} {_NEITHER}") from None
    if b"\x00" in content:
        raise ReadingError(f"{name} {_NEITHER}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if not text.strip():
        raise ReadingError(f"{name} is empty.")
    return text


def _workbook(content: bytes, name: str) -> list[list[str]]:
    """Return the rows of the first sheet that has any, as text."""
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
        sheets = [_rows(sheet.iter_rows()) for sheet in book.worksheets]
    except Exception as error:
        raise ReadingError(f"{name} is a damaged Excel workbook ({error}).") from None
    full = [rows for rows in sheets if any(map(any, rows))]
    if not full:
        raise ReadingError(f"{name} is empty.")
    return full[0]


def _rows(rows: Iterable[Iterable[Any]]) -> list[list[str]]:
    return [[_cell(cell.value) for cell in row] for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ") if value.time() != datetime.time() else f"{value:%Y-%m-%d}"
    return repr(value) if isinstance(value, float) else str(value)
