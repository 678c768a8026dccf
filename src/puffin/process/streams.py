"""Standard streams that may be closed, full, or read by a program that leaves early."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["OutputError", "ReaderGoneError", "open_streams"]


class OutputError(Exception):
    """Standard output takes nothing.

    No `OSError`: libraries on the way would take that for their own business, and exit.
    """


class ReaderGoneError(OutputError):
    """Whoever read standard output reads no more."""


def open_streams() -> None:
    """Make standard streams that can be used, whatever the process was started with.

    A stream that is closed is opened on the null device, so that no file takes its number. What
    cannot be encoded on standard output is written as "?"; what goes wrong there is an
    `OutputError`, once. Nobody can be told that standard error takes nothing: what is said there is
    then lost.

    Raises
    ------
    OutputError
        If standard output is closed: whatever a command finds would be lost.
    """
    is_closed = sys.stdout is None
    for number in range(3):
        if not _is_open(number):
            os.open(os.devnull, os.O_RDWR)  # It gets the lowest number that is free: this one.
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.stderr = _text(_Messages(2, "wb", closefd=False), sys.stderr, "backslashreplace")
    sys.stdout = _text(_Output(1, "wb", closefd=False), sys.stdout, "replace")
    if is_closed:
        raise OutputError("standard output is closed; send it to a file, or to /dev/null.")


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _text(file: io.FileIO, like: TextIO | None, errors: str) -> io.TextIOWrapper:
    if os.name == "nt" and isinstance(like, io.TextIOWrapper) and like.isatty():
        like.reconfigure(errors=errors)  # A console there takes text, and no bytes.
        return like
    encoding = "utf-8" if like is None else like.encoding
    by_line = file.isatty() or file.fileno() == 2
    return io.TextIOWrapper(io.BufferedWriter(file), encoding, errors, line_buffering=by_line)


class _Output(io.FileIO):
    """Standard output, whose first failure is an `OutputError`, and which then swallows the rest.

    The rest is what is still in buffers above: it must not fail again when the process ends.
    """

    _is_lost = False

    def write(self, content: ReadableBuffer, /) -> int:
        """Write bytes, or say why that is impossible."""
        if not self._is_lost:
            try:
                return super().write(content)
            except OSError as error:
                self._is_lost = True
                if error.errno == errno.EPIPE:
                    raise ReaderGoneError from None
                raise OutputError(f"standard output cannot be written: {error.strerror}.") from None
        return memoryview(content).nbytes


class _Messages(io.FileIO):
    """Standard error, which never fails."""

    def write(self, content: ReadableBuffer, /) -> int:
        """Write bytes, if that is possible."""
        try:
            return super().write(content)
        except OSError:
            return memoryview(content).nbytes
