"""What is asked of whoever runs the work."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

__all__ = ["Done", "Engine"]

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Done(Generic[Task, Result]):
    """A piece of work that has ended.

    Attributes
    ----------
    task
        What it was given.
    result
        What it returned; None where its worker was lost.
    lost : str
        Why there is no result: what happened to the worker, time after time. Empty where there is.
    """

    task: Task
    result: Result | None
    lost: str = ""


class Engine(Protocol):
    """Runs a function on many tasks, in any order and anywhere.

    Pure functions: a task whose worker was killed is run again, by another worker.
    """

    @property
    def workers(self) -> int:
        """How many tasks run at once."""

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Generator[Done[Task, Result]]:
        """Give each task and its result as soon as it is there; closing this ends the work."""
