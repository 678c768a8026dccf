"""A file that is there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["reserved"]


@contextmanager
def reserved(path: Path) -> Iterator[Callable[[str | bytes], None]]:
    """Give a function that writes to `path`, text in UTF-8, after a check that this is possible.

    What is written goes to a file beside it, which takes its place once it is complete; whatever
    was at `path` before stays until then. A device or pipe is written to directly.

    Raises
    ------
    OSError
        At once, if nothing can be written there.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory; name a file to write.")
    if path.exists() and not path.is_file():
        yield lambda content: _write_to_device(path, content)
        return
    path = Path(os.path.realpath(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no directory {path.parent}.")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path} is write-protected.")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        # Not tempfile, whose files only their owner may read.
        beside.touch(exist_ok=False)
    except OSError as error:
        raise type(error)(f"{path} cannot be written: {error.strerror}.") from None
    try:
        yield lambda content: _replace(path, beside, content)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def _replace(path: Path, beside: Path, content: str | bytes) -> None:
    with beside.open("wb") as stream:
        stream.write(_encoded(content))
        stream.flush()
        os.fsync(stream.fileno())
    if path.exists():
        beside.chmod(path.stat().st_mode & 0o777)
    beside.replace(path)


def _write_to_device(path: Path, content: str | bytes) -> None:
    path.write_bytes(_encoded(content))


def _encoded(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8")
