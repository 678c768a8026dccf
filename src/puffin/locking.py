"""One run at a time: a file that stands for a lock, which the system lifts when a process ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["held"]


@contextmanager
def held(path: Path, error: type[Exception]) -> Iterator[None]:
    """Hold the lock for as long as the block runs; the file, whatever is in it, is not written to.

    Parameters
    ----------
    path : Path
        The file, made if it is not there.
    error : type
        What is raised if it cannot be a lock, or another run holds it.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except OSError as failure:
        raise error(
            f"{path} cannot be used as a lock ({failure.strerror}); it must be a plain file that "
            "may be written. Use another directory, or move it away."
        ) from None
    try:
        _hold(handle, path, error)
        yield
    finally:
        os.close(handle)


def _hold(handle: int, path: Path, error: type[Exception]) -> None:
    try:
        import fcntl
    except ImportError:  # no such lock on Windows
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise error(f"Another run is using {path.parent}; wait until it is done.") from None
