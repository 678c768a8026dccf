"""A file that is there whole or not at all."""

from __future__ import annotations

import io
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TypeAlias

__all__ = ["Fill", "leftovers", "reserved", "write_whole"]

Fill: TypeAlias = "Callable[[BinaryIO], object]"
"""What writes the content of a file to a stream that can be read and searched, too."""

_RANDOM_BYTES = 4


@contextmanager
def reserved(path: Path) -> Iterator[Callable[[str | bytes], None]]:
    """Give a function that writes to `path`, text in UTF-8, after a check that this is possible.

    What is written goes to a file beside it, which takes its place once it is complete and on the
    disk; whatever was at `path` before stays until then. A device or pipe is written to directly.

    Raises
    ------
    OSError
        At once, if nothing can be written there; later, if the disk is full.
    """
    with _beside(path) as replace:
        yield lambda content: replace(lambda stream: stream.write(_encoded(content)))


def write_whole(path: Path, fill: Fill) -> None:
    """Write what `fill` writes to `path`, as `reserved` does.

    Raises
    ------
    OSError
        If nothing can be written there, or the disk is full. What was at `path` stays.
    """
    with _beside(path) as replace:
        replace(fill)


def leftovers(path: Path) -> list[Path]:
    """Return what runs that were killed left beside `path`, and runs at work have there."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{{2 * _RANDOM_BYTES}}}")
    return sorted(one for one in path.parent.iterdir() if name.fullmatch(one.name))


@contextmanager
def _beside(path: Path) -> Iterator[Callable[[Fill], None]]:
    """Give a function that replaces `path` by what is filled in."""
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory; name a file to write.")
    if path.exists() and not path.is_file():
        yield lambda fill: _write_to_device(path, fill)
        return
    path = Path(os.path.realpath(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no directory {path.parent}.")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path} is write-protected.")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(_RANDOM_BYTES)}")
    try:
        # Not tempfile, whose files only their owner may read.
        beside.touch(exist_ok=False)
        beside.unlink()  # Work goes on for minutes until it is filled, and may be killed.
    except OSError as error:
        raise type(error)(f"{path} cannot be written: {error.strerror}.") from None
    try:
        yield lambda fill: _replace(path, beside, fill)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def _replace(path: Path, beside: Path, fill: Fill) -> None:
    with _named(path), beside.open("w+b") as stream:
        fill(stream)
        stream.flush()
        os.fsync(stream.fileno())
    if path.exists():
        beside.chmod(path.stat().st_mode & 0o777)
    beside.replace(path)
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    """Make a rename last through a loss of power, on systems that can."""
    if os.name == "nt":
        return
    # The file is there by now, and whole: that a file system has no such call is no failure.
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_to_device(path: Path, fill: Fill) -> None:
    content = io.BytesIO()
    fill(content)
    with _named(path):
        path.write_bytes(content.getvalue())


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error of the system's, such as that a disk is full, name the file."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None


def _encoded(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8")
