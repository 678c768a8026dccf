"""Results that can be plotted: all in the same way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, overload

from puffin.arrays import Array
from puffin.posterior.plots import density_figure
from puffin.validation import choice, probability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ParametersPlotted", "Plotted"]


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


class ParametersPlotted(ABC):
    """A model whose parameters have densities that can be plotted."""

    @abstractmethod
    def _scalars(self) -> Mapping[str, Array]:
        """Return the draws of each parameter, of shape (n_chains, n_draws)."""

    @overload
    def plot_posterior(self, param_name: str | None = ..., hdi_prob: float = ...) -> Figure: ...

    @overload
    def plot_posterior(
        self, param_name: str | None = ..., hdi_prob: float = ..., *, ax: Axes
    ) -> Axes: ...

    def plot_posterior(
        self, param_name: str | None = None, hdi_prob: float = 0.94, *, ax: Axes | None = None
    ) -> Figure | Axes:
        """Plot the density of one parameter, or of all, with highest-density intervals."""
        scalars = self._scalars()
        if param_name is not None:
            scalars = {param_name: scalars[choice("param_name", param_name, list(scalars))]}
        draws = {name: one.ravel() for name, one in scalars.items()}
        return density_figure(draws, probability("hdi_prob", hdi_prob), ax=ax)
