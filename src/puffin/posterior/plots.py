"""Figures of posteriors. They are returned, never shown; or drawn on axes that are there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.extras import require
from puffin.posterior.intervals import highest_density_interval

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "GREY",
    "ORANGE",
    "density_figure",
    "forest_figure",
    "new_figure",
    "panels",
    "plain_text",
    "time_axis",
]

BLUE, ORANGE, GREY = "#1f5a94", "#d1662a", "#8a8f98"
_COLUMNS = 3
_PANEL_WIDTH, _PANEL_HEIGHT = 0.9, 0.74
"""What a panel takes of its share of axes that are divided; the rest is for titles and labels."""

Drawn = TypeVar("Drawn", bound="Artist")


def new_figure(
    width: float,
    height: float,
    rows: int = 1,
    columns: int = 1,
    margins: Mapping[str, float] | None = None,
) -> tuple[Figure, NDArray[Any]]:
    """Return a figure that belongs to no window, and its axes as an array.

    Without `margins` (left, right, bottom, top, as fractions) labels are measured, and have as much
    space as they need; that takes half the time of drawing.
    """
    require("matplotlib.figure", "plot", "Plotting")
    from puffin.posterior.notebook_figure import NotebookFigure

    layout: Any = "constrained" if margins is None else None
    figure = NotebookFigure(figsize=(width, height), layout=layout)
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=dict(margins or {}))
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
    return figure, axes


def panels(
    ax: Axes | None, width: float, height: float, rows: int = 1, columns: int = 1
) -> tuple[Figure | Axes, NDArray[Any]]:
    """Return what a plot returns, and its axes as an array: of a new figure, or of `ax`.

    Axes that were given are drawn on if there is one panel, and otherwise divided into panels.
    """
    if ax is None:
        return new_figure(width, height, rows, columns)
    if rows == columns == 1:
        inside = [ax]
    else:
        ax.set_axis_off()
        size = (_PANEL_WIDTH if columns > 1 else 1.0) / columns, _PANEL_HEIGHT / rows
        inside = [
            ax.inset_axes((column / columns, 1.0 - (row + 1.0) / rows, *size))
            for row in range(rows)
            for column in range(columns)
        ]
    for one in inside:
        one.spines[["top", "right"]].set_visible(False)
    return ax, np.array(inside, dtype=object).reshape(rows, columns)


def plain_text(figure: Drawn) -> Drawn:
    """Return a figure, or axes, whose text is shown as it is, whatever matplotlib's settings.

    A name with two dollar signs would be mathematics, and one with an underscore or a percent sign
    an error of TeX.
    """
    text_module = require("matplotlib.text", "plot", "Plotting")
    for text in figure.findobj(text_module.Text):
        text.set_parse_math(False)
        text.set_usetex(False)
    return figure


def time_axis(ax: Axes, index: pd.Index[Any], otherwise: str = "row") -> None:
    """Label an axis of dates with as few words as tell them apart, and times with their zone.

    Parameters
    ----------
    index : Index
        What is on the axis: dates, shown in their own zone, or anything else.
    otherwise : str
        What to call anything else.
    """
    if not isinstance(index, pd.DatetimeIndex):
        ax.set_xlabel(otherwise)
        return
    dates = require("matplotlib.dates", "plot", "Plotting")
    # With fewer of the one or more of the other there are spans that the locator warns about.
    locator = dates.AutoDateLocator(minticks=3, maxticks=7, tz=index.tz)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=index.tz))
    if index.tz is not None and (index != index.normalize()).any():
        ax.set_xlabel(str(index.tz))


def density_figure(
    variables: Mapping[str, Array],
    hdi_prob: float,
    marks: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Plot a panel for each variable: density, highest-density interval and mean.

    Parameters
    ----------
    variables : mapping of title to draws of shape (n_draws,)
    marks : mapping of label to value, optional
        Vertical lines in every panel.
    ax : Axes, optional
        Where to draw; a new figure by default.
    """
    columns = min(len(variables), _COLUMNS)
    rows = math.ceil(len(variables) / columns)
    width = 6.0 if columns == 1 else 3.4 * columns
    drawn, axes = panels(ax, width, (3.4 if columns == 1 else 2.6) * rows, rows, columns)
    for panel, (title, draws) in zip(axes.flat, variables.items(), strict=False):
        draw_density(panel, draws, hdi_prob, marks or {})
        panel.set_title(title, fontsize=10)
    for panel in axes.flat[len(variables) :]:
        panel.set_visible(False)
    return plain_text(drawn)


def draw_density(ax: Axes, draws: Array, hdi_prob: float, marks: Mapping[str, float]) -> None:
    """Draw one density with its interval shaded, its mean, and lines at `marks`."""
    low, high = (float(bound) for bound in highest_density_interval(draws, hdi_prob))
    if np.ptp(draws) > 0.0:
        from arviz_stats.base import array_stats

        grid, density, _ = array_stats.kde(draws)
        inside = (grid >= low) & (grid <= high)
        ax.plot(grid, density, color=BLUE, lw=1.8)
        ax.fill_between(grid[inside], density[inside], color=BLUE, alpha=0.2, lw=0)
    mean = float(draws.mean())
    ax.axvline(mean, color=BLUE, lw=1.2, label=f"mean {mean:.3g}")
    ax.plot(
        [], [], color=BLUE, alpha=0.3, lw=6, label=f"{hdi_prob:.0%} HDI {low:.3g} to {high:.3g}"
    )
    for (label, value), style in zip(marks.items(), ("--", ":", "-."), strict=False):
        colour = GREY if value == 0.0 else ORANGE
        text = label if value == 0.0 else f"{label} {value:.3g}"
        ax.axvline(value, color=colour, ls=style, lw=1.2, label=text)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_ylim(bottom=0.0)
    top = ax.get_ylim()[1]
    ax.set_ylim(0.0, top * 1.35)
    ax.legend(fontsize=7.5, frameon=False, loc="upper right", handlelength=1.4)


def forest_figure(table: pd.DataFrame, of: str, ax: Axes | None = None) -> Figure | Axes:
    """Plot the mean and the interval of each row, the first one on top.

    Parameters
    ----------
    table : DataFrame
        Indexed by name, with columns mean, hdi_low and hdi_high.
    of : str
        What they are of.
    ax : matplotlib Axes, optional
    """
    drawn, [[ax]] = panels(ax, 6.0, 1.1 + 0.32 * len(table))
    rows = np.arange(len(table))[::-1]
    ax.axvline(0.0, color=GREY, lw=1.0, ls=":")
    ax.hlines(rows, table["hdi_low"], table["hdi_high"], color=BLUE, lw=2.5, alpha=0.5)
    ax.plot(table["mean"], rows, "o", color=BLUE, ms=5)
    ax.set_yticks(rows, [str(name) for name in table.index])
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xlabel(of)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return plain_text(drawn)
