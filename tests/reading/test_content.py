"""Bytes of every kind, and more of them than there can be."""

from __future__ import annotations

import gzip
import io
import zipfile

import pandas as pd
import pytest

from puffin.reading import ReadingError, read_bytes, read_file
from puffin.reading import content as content_module

TABLE = "date,a\n" + "".join(f"2020-01-{day:02d},0.0{day % 7}\n" for day in range(1, 29))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\r\r\n"])
def test_encodings_and_ends_of_lines(encoding, ends):
    table = read_bytes(TABLE.replace("\n", ends).encode(encoding))
    assert list(table.numbers) == ["a"]
    assert len(table.numbers) == 28


@pytest.mark.parametrize("at", range(0, 120, 7))
def test_a_gzip_file_that_is_cut_or_changed(at):
    packed = bytearray(gzip.compress(TABLE.encode(), mtime=0))
    with pytest.raises(ReadingError):
        read_bytes(bytes(packed[: max(at % len(packed), 2)]))
    packed[10 + at % (len(packed) - 10)] ^= 255
    with pytest.raises(ReadingError, match="damaged gzip"):
        read_bytes(bytes(packed))


def test_a_cell_without_an_end():
    for cell in ("9" * 200_000, '"' + "x," * 200_000):
        with pytest.raises(ReadingError, match="a cell has more than 131,072 characters"):
            read_bytes(TABLE.encode() + f"2020-01-29,{cell}\n".encode())


@pytest.fixture
def few_bytes(monkeypatch):
    monkeypatch.setattr(content_module, "_MOST_BYTES", 2**20)


def test_a_file_without_an_end(few_bytes, tmp_path):
    endless = tmp_path / "zeros"
    endless.write_bytes(b"0" * (2**20 + 2))
    with pytest.raises(ReadingError, match="zeros holds more than 1 MB"):
        read_file(endless)


def test_little_that_unpacks_to_much(few_bytes, monkeypatch):
    much = b"0.1\n" * 2**19
    with pytest.raises(ReadingError, match="more than 1 MB"):
        read_bytes(gzip.compress(much))
    for names in (["r.csv"], ["xl/workbook.xml", "xl/styles.xml"]):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, much)
        with pytest.raises(ReadingError, match="more than 1 MB"):
            read_bytes(packed.getvalue())
    monkeypatch.setattr(content_module, "_MOST_CELLS", 100)
    parquet = io.BytesIO()
    pd.DataFrame({"a": [0.1] * 200}).to_parquet(parquet)
    with pytest.raises(ReadingError, match="more than 1 MB"):
        read_bytes(parquet.getvalue())
