"""A progress bar on stderr, where it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(doing: str, total: int, shown: bool) -> Iterator[Callable[[int], None]]:
    """Give a function to call with the number of steps finished since the last call."""
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    from puffin.compiling.first_time import Kernel, listening

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=total)

        def compiling(kernel: Kernel | None) -> None:
            remark = "" if kernel is None else " (compiling, first time only)"
            bar.update(task, description=f"{doing}{remark}")

        with listening(compiling):
            yield lambda steps: bar.advance(task, steps)
