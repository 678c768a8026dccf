"""Processes of this machine, by joblib."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from puffin.panel.engines.engine import Done

__all__ = ["JoblibEngine"]

Task = TypeVar("Task")
Result = TypeVar("Result")

_MOST_DEATHS = 3
_SECONDS_APART = 1.0


@dataclass(frozen=True)
class JoblibEngine:
    """As many processes as there are `workers`; with one, this process itself.

    joblib gives up all that is under way when a process is killed. What has not finished is then
    run again, in new processes. The first unfinished task is always under way, so after three
    deaths it is run alone, and given up if its process dies once more.
    """

    workers: int

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Generator[Done[Task, Result]]:
        """Give each task and its result: see `Engine`."""
        left = dict(enumerate(tasks))
        deaths = dict.fromkeys(left, 0)
        while left:
            first = next(iter(left))
            alone = deaths[first] >= _MOST_DEATHS
            try:
                for number, result in self._results(work, dict(islice(left.items(), 1)) if alone
                                                    else left):  # fmt: skip
                    yield Done(left.pop(number), result)
            except BrokenExecutor as error:
                if alone:
                    yield Done(left.pop(first), None, f"its process was killed: {_line(error)}")
                else:
                    deaths[next(iter(left), first)] += 1

    def _results(
        self, work: Callable[[Task], Result], tasks: Mapping[int, Task]
    ) -> Iterator[tuple[int, Result]]:
        from joblib import Parallel, delayed

        run = Parallel(n_jobs=self.workers, return_as="generator_unordered")
        found: Iterator[tuple[int, Result]] = run(
            delayed(_numbered)(work, number, task, os.getpid())
            for number, task in list(tasks.items())
        )
        return found


def _numbered(
    work: Callable[[Task], Result], number: int, task: Task, caller: int
) -> tuple[int, Result]:
    """Return the result with the task's number. This is what a process runs."""
    if os.getpid() != caller:
        _end_with_parent(os.getppid())
    return number, work(task)


@functools.cache
def _end_with_parent(parent: int) -> None:
    """From now on, end this process soon after its parent has: one that was killed tells nobody."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_SECONDS_APART)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())
