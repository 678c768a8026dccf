"""A cluster of Ray's."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from itertools import islice
from typing import Any, TypeVar

from puffin.extras import require
from puffin.panel.engines.engine import Done

__all__ = ["RayEngine"]

Task = TypeVar("Task")
Result = TypeVar("Result")

_TASKS_A_WORKER = 3


class RayEngine:
    """The cluster that `ray.init` has connected to.

    Ray runs again what was under way on a worker that died, three times, and then gives it up.

    Raises
    ------
    ImportError
        If Ray is not installed.
    ValueError
        If `ray.init` was not called.
    """

    def __init__(self) -> None:
        self._ray = require("ray", "ray", "backend='ray'")
        if not self._ray.is_initialized():
            raise ValueError(
                "backend='ray' needs a cluster; call ray.init() before, for one of this machine, "
                "or ray.init(address=...)."
            )

    @property
    def workers(self) -> int:
        """Cores of the cluster."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Generator[Done[Task, Result]]:
        """Give each task and its result: see `Engine`."""
        remote, left = self._ray.remote(_called), iter(tasks)
        submitted = {
            remote.remote(work, task): task for task in islice(left, _TASKS_A_WORKER * self.workers)
        }
        try:
            while submitted:
                [reference], _ = self._ray.wait(list(submitted), num_returns=1)
                for another in islice(left, 1):
                    submitted[remote.remote(work, another)] = another
                yield self._done(submitted.pop(reference), reference)
        finally:
            for reference in submitted:
                self._ray.cancel(reference)

    def _done(self, task: Task, reference: Any) -> Done[Task, Any]:
        try:
            return Done(task, self._ray.get(reference))
        except self._ray.exceptions.RayError as error:
            return Done(task, None, f"Ray gave it up: {' '.join(str(error).split())}")


def _called(work: Callable[[Task], Result], task: Task) -> Result:
    return work(task)
