"""Threads whose work ends early when nobody waits for it any more.

Python raises Ctrl-C in the main thread alone, and no thread can be stopped from outside. So work in
threads is done in pieces of a fraction of a second, and asks `go_on` before each of them; the main
thread does not wait for the last piece.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TypeVar

__all__ = ["UnwantedError", "go_on", "in_threads"]

Item = TypeVar("Item")
Result = TypeVar("Result")
_NOTICE = 0.1
_this_thread = threading.local()


class UnwantedError(BaseException):
    """Nobody waits for this work. No `Exception`: nothing is to be done instead."""


@dataclass(frozen=True)
class _Stop:
    """Whether some work is to stop: by itself, or because that which it is part of is."""

    whole: _Stop | None
    event: threading.Event = field(default_factory=threading.Event)

    def is_set(self) -> bool:
        return self.event.is_set() or (self.whole is not None and self.whole.is_set())


def go_on() -> None:
    """Raise `UnwantedError` if nobody waits for the work of this thread any more."""
    stop: _Stop | None = getattr(_this_thread, "stop", None)
    if stop is not None and stop.is_set():
        raise UnwantedError


def in_threads(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    threads: int,
    done: Callable[[int], None] = lambda _: None,
) -> list[Result]:
    """Return what the work makes of each item, in order.

    If it fails for one, the others are stopped and waited for. If the user presses Ctrl-C, they are
    stopped, and end by themselves soon after `KeyboardInterrupt` has gone on to the caller.

    Parameters
    ----------
    work : callable
        In pieces, each begun by `go_on`.
    items : iterable
    threads : int
        How many work at a time.
    done : callable
        Told 1 for each result, in the thread that waits.
    """
    stop = _Stop(getattr(_this_thread, "stop", None))

    def run(item: Item) -> Result:
        _this_thread.stop = stop
        return work(item)

    pool, found = ThreadPoolExecutor(threads), []
    try:
        for future in [pool.submit(run, item) for item in items]:
            while not wait([future], _NOTICE).done:
                pass  # Where another thread got the signal, a wait without an end would sleep on.
            found.append(future.result())
            done(1)
    except BaseException as error:
        stop.event.set()
        pool.shutdown(wait=isinstance(error, Exception), cancel_futures=True)
        raise
    pool.shutdown()
    return found
