"""A cluster of Dask's."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from itertools import islice
from typing import Any, TypeVar

from puffin.extras import require
from puffin.panel.engines.engine import Done

__all__ = ["DaskEngine"]

Task = TypeVar("Task")
Result = TypeVar("Result")

_TASKS_A_WORKER = 3


class DaskEngine:
    """The workers of a `distributed.Client`.

    Dask runs again what was under way on a worker that died, and gives a task up once three workers
    have died of it (its setting `distributed.scheduler.allowed-failures`).

    Parameters
    ----------
    client : distributed.Client, optional
        By default the one that was made last.

    Raises
    ------
    ImportError
        If Dask's `distributed` is not installed.
    ValueError
        If there is no client, or none of its workers.
    """

    def __init__(self, client: Any = None) -> None:
        self._dask = require("distributed", "dask", "backend='dask'")
        self._client = self._default() if client is None else client
        if not self.workers:
            raise ValueError("backend: the Dask client has no workers yet; start some first.")

    def _default(self) -> Any:
        try:
            return self._dask.default_client()
        except ValueError:
            raise ValueError(
                "backend='dask' needs a client, and there is none; make one before, such as "
                "client = distributed.Client(n_workers=4, threads_per_worker=1)."
            ) from None

    @property
    def workers(self) -> int:
        """Threads of all workers."""
        return int(sum(self._client.nthreads().values()))

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Generator[Done[Task, Result]]:
        """Give each task and its result: see `Engine`."""
        left = iter(tasks)
        submitted = {
            self._client.submit(work, task, pure=False): task
            for task in islice(left, _TASKS_A_WORKER * self.workers)
        }
        finished = self._dask.as_completed(list(submitted))
        try:
            for future in finished:
                for another in islice(left, 1):
                    later = self._client.submit(work, another, pure=False)
                    submitted[later] = another
                    finished.add(later)
                yield _done(submitted.pop(future), future)
        finally:
            self._client.cancel(list(submitted))


def _done(task: Task, future: Any) -> Done[Task, Any]:
    """Return a task with its result, which is worked out again if its worker has died since."""
    if future.status in ("error", "cancelled"):
        return Done(task, None, f"Dask gave it up: {future.exception() or future.status}")
    return Done(task, future.result())
