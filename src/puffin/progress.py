"""A progress bar on stderr, or in the notebook that runs the work, where it is asked for."""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Protocol

__all__ = ["progress_bar"]

_COMPILING = " (compiling, first time only)"
_SECONDS_APART = 0.1
_SECONDS_TO_JUDGE = 2.0


class _Bar(Protocol):
    """What shows how far the work is."""

    def advance(self, steps: int) -> None:
        """Count steps that are finished."""

    def say(self, doing: str) -> None:
        """Say what is being done."""


@contextmanager
def progress_bar(doing: str, total: int, shown: bool) -> Iterator[Callable[[int], None]]:
    """Give a function to call with the number of steps finished since the last call."""
    if not shown:
        yield lambda _: None
        return
    from puffin.compiling.first_time import Kernel, listening

    with (_in_notebook if _is_notebook() else _in_terminal)(doing, total) as bar:

        def compiling(kernel: Kernel | None) -> None:
            bar.say(doing if kernel is None else f"{doing}{_COMPILING}")

        with listening(compiling):
            yield bar.advance


@contextmanager
def _in_terminal(doing: str, total: int) -> Iterator[_Bar]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(doing, total=total)

        class OnTerminal:
            def advance(self, steps: int) -> None:
                progress.advance(task, steps)

            def say(self, doing: str) -> None:
                progress.update(task, description=doing)

        yield OnTerminal()


@contextmanager
def _in_notebook(doing: str, total: int) -> Iterator[_Bar]:
    bar = _NotebookBar(doing, total)
    try:
        yield bar
    finally:
        bar.close()


class _NotebookBar:
    """A bar that is one output of a cell, changed in place, and empty at the end.

    It is an element that browsers draw themselves: no widgets, which rich would need.
    """

    def __init__(self, doing: str, total: int) -> None:
        self._doing, self._total, self._done = doing, total, 0
        self._begun = self._shown = time.monotonic()
        self._one_at_a_time = threading.Lock()  # chains run in threads
        self._ipython = importlib.import_module("IPython.display")
        self._output = self._ipython.display(self._element(), display_id=True)

    def advance(self, steps: int) -> None:
        """Count steps, and show them unless the last ones were shown just now."""
        with self._one_at_a_time:
            self._done += steps
            if time.monotonic() - self._shown >= _SECONDS_APART:
                self._show()

    def say(self, doing: str) -> None:
        """Say what is being done."""
        with self._one_at_a_time:
            self._doing = doing
            self._show()

    def close(self) -> None:
        """Leave nothing."""
        self._output.update(self._ipython.HTML(""))

    def _show(self) -> None:
        self._shown = time.monotonic()
        self._output.update(self._element())

    def _element(self) -> object:
        return self._ipython.HTML(
            f'<label>{escape(self._doing)} <progress max="{self._total}" value="{self._done}">'
            f"{self._done} of {self._total}</progress> {self._left()}</label>"
        )

    def _left(self) -> str:
        """Say how much longer it takes, once there is something to judge it by."""
        elapsed = self._shown - self._begun
        if not self._done or elapsed < _SECONDS_TO_JUDGE:
            return ""
        seconds = round(elapsed * (self._total - self._done) / self._done)
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02} left"


def _is_notebook() -> bool:
    """Whether a kernel of Jupyter's runs this, rather than a terminal."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None
