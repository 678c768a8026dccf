"""A file becomes a frame: CSV (any usual separator, plain or gzipped) or Parquet.

Where columns are not separated by commas, numbers may have decimal commas.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
import warnings
from pathlib import Path

import pandas as pd

from puffin.cli.failures import BadInputError
from puffin.extras import require

__all__ = ["listed_columns", "read_frame", "writes_decimal_comma"]

_SEPARATORS = ",;\t|"
_LISTED = 12
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d*,\d+(e[-+]?\d+)?\s*", re.IGNORECASE)
_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"


def read_frame(path: Path) -> pd.DataFrame:
    """Return the table in a file, or on standard input if the path is "-".

    Raises
    ------
    BadInputError
        If there is no such file, it is empty, or it is neither CSV nor Parquet.
    ImportError
        For Parquet without pyarrow.
    """
    content = _content(path)
    if content.startswith(_GZIP):
        content = _unzipped(content, path)
    if content.startswith(_PARQUET):
        return _checked(_read_parquet(content, path), path)
    if not content.strip():
        raise BadInputError(f"{path} is empty.")
    if b"\x00" in content[:4096] or content.startswith(_ZIP):
        raise BadInputError(f"{path} is neither CSV nor Parquet; save it as CSV.")
    return _checked(_read_csv(content, path), path)


def _content(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    if path.is_dir():
        raise BadInputError(f"{path} is a directory; give a CSV or Parquet file.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInputError(f"there is no file {path}.") from None


def _unzipped(content: bytes, path: Path) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError):
        raise BadInputError(f"{path} is a damaged gzip file.") from None


def _read_parquet(content: bytes, path: Path) -> pd.DataFrame:
    require("pyarrow", "parquet", "Reading Parquet")
    try:
        return pd.read_parquet(io.BytesIO(content), engine="pyarrow")
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInputError(f"{path} is a damaged Parquet file ({reason}).") from None


def _read_csv(content: bytes, path: Path) -> pd.DataFrame:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    text = text.lstrip("\r\n")
    separator = _separator(text.splitlines()[0])
    header = [name.strip() for name in next(csv.reader(io.StringIO(text), delimiter=separator))]
    _check_header(header, path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.StringIO(text),
                sep=separator,
                decimal=_decimal(text, separator),
                header=0,
                names=header,
                index_col=False,
                skipinitialspace=True,
                low_memory=False,
            )
    except pd.errors.ParserWarning:
        raise BadInputError(f"{path} is not a CSV file: rows are longer than the header.") from None
    except (pd.errors.ParserError, ValueError) as error:
        reason = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise BadInputError(f"{path} is not a CSV file: {reason}.") from None


def _separator(header: str) -> str:
    outside_quotes = "".join(header.split('"')[::2])
    return max(_SEPARATORS, key=outside_quotes.count)


def _decimal(text: str, separator: str) -> str:
    """Return what a table's numbers have before their decimals: a comma if its first row does."""
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    next(rows)
    first = next((row for row in rows if row), [])
    commas = separator != "," and any(writes_decimal_comma(cell) for cell in first)
    return "," if commas else "."


def writes_decimal_comma(text: str) -> bool:
    """Return whether this is a number with a decimal comma, such as 0,0125."""
    return _DECIMAL_COMMA.fullmatch(text) is not None


def listed_columns(frame: pd.DataFrame) -> str:
    """Return a sentence that names the columns of a frame, up to a dozen."""
    names = [repr(name) for name in frame.columns]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"there are {', '.join(names[:_LISTED])}{more}." if names else "there are none."


def _check_header(header: list[str], path: Path) -> None:
    if len(header) > 1 and all(_is_number(name) for name in header[1:]):
        raise BadInputError(
            f"{path} has no header: its first line must name the columns; found {header[1]!r}."
        )
    for place, name in enumerate(header):
        if not name and place > 0:
            raise BadInputError(f"{path} has no name for column {place + 1}.")
        if name in header[:place]:
            raise BadInputError(f"{path} has more than one column named {name!r}.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _checked(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    if frame.empty:
        raise BadInputError(f"{path} has a header but no rows.")
    return frame.rename(columns=str)
