"""A progress bar on stderr, for work that takes more than a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from puffin.showing.printable import printable

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from puffin.compiling.first_time import Kernel

__all__ = ["Bar", "progress_bar"]

_PATIENCE = 1.0


class Bar:
    """Counts steps, on a bar that need not be shown yet."""

    def __init__(self, bar: RichProgress) -> None:
        self._bar = bar
        self._steps = 0
        self._begun = 0
        self._task = bar.add_task("Starting", total=None, remark="")

    def expect(self, steps: int) -> None:
        """Add to the number of steps."""
        self._steps += steps
        # A bar of one step would stand still: without a total it moves.
        self._bar.update(self._task, total=self._steps if self._steps > 1 else None)

    def begin(self, doing: str) -> None:
        """Begin the next step."""
        from rich.markup import escape

        description = escape(printable(doing))
        self._bar.update(self._task, description=description, completed=self._begun)
        self._begun += 1

    def compiling(self, kernel: Kernel | None) -> None:
        """Say that a kernel is being compiled, or, with None, no longer."""
        remark = "" if kernel is None else " (compiling, first time only)"
        self._bar.update(self._task, remark=remark)


@contextmanager
def progress_bar() -> Iterator[Bar]:
    """Give a bar that appears if the work takes more than a second, and is gone at the end."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from puffin.compiling.first_time import listening

    bar = Progress(
        TextColumn("{task.description}{task.fields[remark]}"),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    if not bar.console.is_terminal:
        yield Bar(bar)
        return
    later = threading.Timer(_PATIENCE, bar.start)
    later.daemon = True
    later.start()
    shown = Bar(bar)
    try:
        with listening(shown.compiling):
            yield shown
    finally:
        later.cancel()
        later.join()
        bar.stop()
