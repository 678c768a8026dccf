"""Where machine code is kept, so that the next process need not compile it.

Numba keeps it beside the module, or else in the user's cache directory; `NUMBA_CACHE_DIR` goes
before both. In a container, or as a function in a cloud, often none of these can be written. Then
it is kept in a directory of the user's own among the temporary files, and if that cannot be had
either, nowhere. Numba does not read where it cannot write, so what was compiled when an image was
built is copied there.
"""

from __future__ import annotations

import functools
import os
import shutil
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numba

__all__ = ["kept"]

Function = TypeVar("Function", bound=Callable[..., object])

_WHY = "neither the directory of the package nor that of the user's caches can be written"
_ELSEWHERE = "NUMBA_CACHE_DIR names another place."


def kept(function: Function, options: Mapping[str, object]) -> Function:
    """Return the function compiled on its first call, its machine code kept where it can be."""
    compiled: Function
    try:
        compiled = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # Numba found no directory
        directory = _temporary_directory()
        if directory is None:
            compiled = numba.njit(**options)(function)
        else:
            with _kept_in(directory):
                compiled = numba.njit(cache=True, **options)(function)
            _bring(*_places(compiled))
    return compiled


@contextmanager
def _kept_in(directory: Path) -> Iterator[None]:
    """Have Numba keep what is decorated meanwhile in a directory."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(directory)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def _places(compiled: Any) -> tuple[Path, Path]:
    """Return where a kernel would have been kept, had it been possible, and where it is."""
    place = Path(compiled.stats.cache_path)
    if numba.config.CACHE_DIR:
        return Path(numba.config.CACHE_DIR, place.name), place
    return Path(compiled.py_func.__code__.co_filename).parent / "__pycache__", place


@functools.cache
def _bring(source: Path, target: Path) -> None:
    """Copy machine code, which Numba calls nbc, and then the indexes to it, nbi; each at once."""
    for file in (*source.glob("*.nbc"), *source.glob("*.nbi")):
        if os.access(file, os.R_OK) and not (target / file.name).exists():
            unfinished = target / f"{file.name}.{os.getpid()}"
            shutil.copyfile(file, unfinished)
            unfinished.replace(target / file.name)


@functools.cache
def _temporary_directory() -> Path | None:
    """Return a directory of the user's own, or None; say so, once."""
    try:
        path = Path(tempfile.gettempdir(), _NAME)
        is_new = not path.exists()
        path.mkdir(mode=0o700, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
        if not _is_private(path):
            raise PermissionError(path)
    except OSError:
        warnings.warn(
            f"Compiled code cannot be kept: {_WHY}, nor a temporary one. Each process compiles "
            f"what it uses, for some seconds. {_ELSEWHERE}",
            stacklevel=2,
        )
        return None
    if is_new:
        warnings.warn(f"Compiled code is kept in {path}: {_WHY}. {_ELSEWHERE}", stacklevel=2)
    return path


# Whoever can write to the directory can run code as the user who reads it.
if sys.platform == "win32":
    _NAME = "puffin"

    def _is_private(path: Path) -> bool:  # noqa: ARG001
        """Temporary files are each user's own here."""
        return True
else:
    _NAME = f"puffin-{os.getuid()}"

    def _is_private(path: Path) -> bool:
        """Return whether the path is a directory that only this user can write."""
        facts = path.lstat()
        mine = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid()
        return mine and not facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
