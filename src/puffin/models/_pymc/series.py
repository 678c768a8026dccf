"""Fits at many rows of a series, with progress."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from puffin.inference.settings import Settings

__all__ = ["each_row"]


def each_row(rows: Iterable[int], settings: Settings) -> Iterator[int]:
    """Yield the rows, with a progress bar on the error stream if one is asked for."""
    if not settings.progressbar:
        yield from rows
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(
        list(rows), "Sampling before each row", console=Console(stderr=True), transient=True
    )
