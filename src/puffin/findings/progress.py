"""How work that takes a while says where it is."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Silence"]


class Progress(Protocol):
    """Told how many steps there will be, and of each as it begins."""

    def expect(self, steps: int) -> None:
        """Add to the number of steps."""

    def begin(self, doing: str) -> None:
        """Begin the next step, and so end the one before."""


class Silence:
    """Progress that is not shown."""

    def expect(self, steps: int) -> None:
        """Do nothing."""

    def begin(self, doing: str) -> None:
        """Do nothing."""
