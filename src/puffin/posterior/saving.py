"""Posteriors on disk: named arrays and facts in one file, which is read only if it is unchanged.

The file is an .npz archive, as `numpy.load` reads it: an uncompressed ZIP file of `.npy` arrays,
named group/variable, and of `manifest.json`, which says what it is of and holds its facts. Its
last 64 characters, the archive's comment, are the SHA-256 of all before them. Nothing in it is
compressed or pickled: what it declares cannot be more than what is there, and reading it runs no
code of its own.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO, TypeAlias
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from puffin.saving import write_whole

__all__ = ["Groups", "legible", "pack", "read_file", "write_file"]

Groups: TypeAlias = Mapping[str, Mapping[str, NDArray[Any]]]
"""Arrays by the name of their group and their own."""

_FORMAT, _VERSION = "puffin", 2
_MANIFEST, _SUFFIX = "manifest.json", ".npy"
_ARCHIVE, _NETCDF = b"PK\x03\x04", b"\x89HDF"
_DIGEST, _BLOCK = 64, 1 << 20
_LARGEST_MANIFEST = 1 << 20
_MALFORMED = (
    BadZipFile, EOFError, LookupError, NotImplementedError, OSError, OverflowError, RuntimeError,
    SyntaxError, TokenError, TypeError, ValueError, struct.error,
)  # fmt: skip


def write_file(
    path: str | os.PathLike[str], kind: str, groups: Groups, facts: Mapping[str, Any]
) -> None:
    """Write named groups of arrays, and facts that JSON can hold.

    The file appears under its name only once it is complete; what was there before stays until
    then. The same content makes the same bytes.

    Parameters
    ----------
    kind : str
        What the file is of, such as the name of a class.
    groups : mapping of str to mapping of str to ndarray
        Of numbers, dates, or text of one length; no objects.

    Raises
    ------
    TypeError
        If a fact is nothing that JSON can hold.
    OSError
        If the file cannot be written, or the disk is full.
    """
    manifest = {"format": _FORMAT, "version": _VERSION, "kind": kind, "facts": dict(facts)}
    text = json.dumps(manifest, default=_plain)
    write_whole(Path(path), lambda stream: pack(stream, groups, text))


def pack(stream: BinaryIO, groups: Groups, manifest: str) -> None:
    """Write an archive to a stream that can be searched."""
    with ZipFile(stream, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo(_MANIFEST), manifest)
        for group, arrays in groups.items():
            for name, array in arrays.items():
                # A ZipInfo of its own has no time of writing in it.
                with archive.open(ZipInfo(f"{group}/{name}{_SUFFIX}"), "w", force_zip64=True) as to:
                    npy.write_array(to, np.asanyarray(array), allow_pickle=False)
        archive.comment = b"0" * _DIGEST
    size = stream.seek(0, os.SEEK_END)
    digest = _digest(stream, size - _DIGEST)
    stream.seek(size - _DIGEST)
    stream.write(digest)


def _plain(value: object) -> object:
    """Return a NumPy scalar as a number of Python's own."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} cannot be saved.")


def _digest(stream: BinaryIO, size: int) -> bytes:
    """Return the SHA-256 of the first `size` bytes, in hexadecimal digits."""
    stream.seek(0)
    found, left = hashlib.sha256(), size
    while left > 0:
        block = stream.read(min(left, _BLOCK))
        if not block:
            break
        found.update(block)
        left -= len(block)
    return found.hexdigest().encode("ascii")


def read_file(
    path: str | os.PathLike[str], kind: str
) -> tuple[dict[str, dict[str, NDArray[Any]]], dict[str, Any]]:
    """Return the groups and facts of a file that `write_file` wrote.

    Files of version 1, which were netCDF, are read by another process (`posterior.netcdf`).

    Raises
    ------
    FileNotFoundError
    ValueError
        If the file is damaged, or of something else.
    ImportError
        For a netCDF file without h5netcdf.
    OSError
        If it cannot be read at all.
    """
    name = os.fspath(path)
    if not Path(path).exists():
        raise FileNotFoundError(f"There is no file {name!r}.")
    if not Path(path).is_file():
        raise ValueError(f"{name!r} is no file that can be read.")
    with open(path, "rb") as stream:
        start = stream.read(len(_ARCHIVE))
        if start == _NETCDF:
            from puffin.posterior.netcdf import converted

            groups, manifest = _unpacked(io.BytesIO(converted(Path(path))), name)
        elif start == _ARCHIVE:
            groups, manifest = _unpacked(stream, name)
        else:
            raise ValueError(f"{name!r} is damaged, or not a file that `save` wrote.")
    return groups, _facts(manifest, name, kind)


@contextmanager
def legible(name: str) -> Iterator[None]:
    """Say of what cannot be made of a file's content that the file is damaged."""
    try:
        yield
    except _MALFORMED as error:
        raise ValueError(f"{name!r} is damaged ({error}).") from error


def _unpacked(stream: BinaryIO, name: str) -> tuple[dict[str, dict[str, NDArray[Any]]], Any]:
    size = stream.seek(0, os.SEEK_END)
    digest = _digest(stream, size - _DIGEST)
    if stream.read(_DIGEST) != digest:
        raise ValueError(
            f"{name!r} is damaged: its content is not what was written. Use a copy of it, or fit "
            "again."
        )
    groups: dict[str, dict[str, NDArray[Any]]] = {}
    with legible(name), ZipFile(stream) as archive:
        members = archive.infolist()
        _check_sizes(members, size)
        manifest = json.loads(archive.read(_MANIFEST))
        for member in members:
            if member.filename != _MANIFEST:
                group, _, variable = member.filename.removesuffix(_SUFFIX).partition("/")
                groups.setdefault(group, {})[variable] = _array(archive, member)
    return groups, manifest


def _check_sizes(members: list[ZipInfo], size: int) -> None:
    """Raise ValueError if the members are compressed, or declare more than there is."""
    for member in members:
        if member.compress_type != ZIP_STORED or member.file_size != member.compress_size:
            raise ValueError(f"{member.filename} is compressed")
        if member.filename == _MANIFEST and member.file_size > _LARGEST_MANIFEST:
            raise ValueError("its manifest is too long")
    if sum(member.file_size for member in members) > size:
        raise ValueError("its parts are larger than the whole")


def _array(archive: ZipFile, member: ZipInfo) -> NDArray[Any]:
    """Return an array, read only if it is as large as its header declares."""
    with archive.open(member) as stream:
        if npy.read_magic(stream) != (1, 0):
            raise ValueError(f"{member.filename} is of an unknown version")
        shape, _, dtype = npy.read_array_header_1_0(stream)
        declared = math.prod(shape) * dtype.itemsize
        if dtype.hasobject or declared != member.file_size - stream.tell():
            raise ValueError(f"{member.filename} is not of the size that it declares")
    with archive.open(member) as stream:
        array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _facts(manifest: Any, name: str, kind: str) -> dict[str, Any]:
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise ValueError(f"{name!r} holds something else, not a {kind}.")
    if manifest.get("kind") != kind:
        raise ValueError(f"{name!r} holds {manifest.get('kind')}, not a {kind}.")
    if manifest.get("version") != _VERSION:
        raise ValueError(
            f"{name!r} is in version {manifest.get('version')} of the format; this release reads "
            f"version {_VERSION} and before."
        )
    facts = manifest.get("facts")
    if not isinstance(facts, dict):
        raise ValueError(f"{name!r} is damaged: its facts cannot be read.")
    return facts
