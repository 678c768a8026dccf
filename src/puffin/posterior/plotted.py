"""Results that can be plotted: all in the same way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Plotted"]


class Plotted(ABC):
    """A result that has a figure."""

    @overload
    def plot(self) -> Figure: ...

    @overload
    def plot(self, *, ax: Axes) -> Axes: ...

    def plot(self, *, ax: Axes | None = None) -> Figure | Axes:
        """Plot the result.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw. A figure of several panels divides it among them.

        Returns
        -------
        Figure or Axes
            A new figure, which is returned and not shown; or `ax`.

        Raises
        ------
        ImportError
            Without matplotlib: it is the extra `plot`.
        """
        return self._figure(ax)

    @abstractmethod
    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw on axes, or on those of a new figure, and return what was drawn on."""
