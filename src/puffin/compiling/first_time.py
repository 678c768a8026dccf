"""Hearing of kernels while they are compiled, which is the first time only: then they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import event

__all__ = ["Kernel", "listening"]

Kernel = Any
"""What Numba makes of a function that is compiled when it is called: a dispatcher."""


class _Listener(event.Listener):  # type: ignore[misc]
    """Passes on when a kernel begins and ends, and nothing of the parts compiled meanwhile."""

    def __init__(self, tell: Callable[[Kernel | None], None]) -> None:
        self._tell = tell
        self._depth = 0  # one thread compiles at a time

    def on_start(self, compilation: event.Event) -> None:
        if self._depth == 0:
            self._tell(compilation.data["dispatcher"])
        self._depth += 1

    def on_end(self, _: event.Event) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._tell(None)


@contextmanager
def listening(tell: Callable[[Kernel | None], None]) -> Iterator[None]:
    """Have `tell` called with each kernel as its compilation begins, and with None as it ends."""
    with event.install_listener("numba:compile", _Listener(tell)):
        yield
