"""Axes in the report's style."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.extras import require
from puffin.posterior.plots import BLUE, GREY, ORANGE, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "FAINT",
    "GREY",
    "INK",
    "ORANGE",
    "TOLD",
    "as_percent",
    "canvas",
    "canvas_for_rows",
    "density_curve",
    "report_style",
    "shortened",
    "tell_edges",
]

INK, FAINT = "#1b2733", "#d5dae0"
"""With the blue, orange and grey of every Puffin figure: the only colours of the report's."""

TOLD = "told:"
"""What the gid of a line begins with whose values a page says; its name is the rest."""

WIDTH, HEIGHT = 4.2, 2.5
_MARGINS = {"left": 0.175, "right": 0.985, "bottom": 0.19, "top": 0.97}
_POINTS = 160
_STYLE = {
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.8,
    "ytick.labelsize": 8.8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "axes.edgecolor": GREY,
    "axes.unicode_minus": True,
    "text.usetex": False,
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "puffin",
}


@contextmanager
def report_style() -> Iterator[None]:
    """Set matplotlib to the report's style, whatever the user's own settings."""
    matplotlib = require("matplotlib", "report", "A report")
    with (
        matplotlib.rc_context(_changed(matplotlib)),
        warnings.catch_warnings(),
    ):
        # Names in other scripts are only measured with matplotlib's font; the page's shows them.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


def _changed(matplotlib: Any) -> dict[str, Any]:
    """Return the settings that are not the report's already: setting one takes a while.

    Without the backend, which matplotlib would not set back.
    """
    wanted = {**matplotlib.rcParamsDefault, **_STYLE}
    del wanted["backend"]
    return {name: value for name, value in wanted.items() if matplotlib.rcParams[name] != value}


@contextmanager
def canvas() -> Iterator[tuple[Figure, Axes]]:
    """Give a figure in the report's style, and its only axes, with space for short labels."""
    with report_style():
        figure, axes = new_figure(WIDTH, HEIGHT, margins=_MARGINS)
        yield figure, axes[0, 0]


@contextmanager
def canvas_for_rows(height: float) -> Iterator[tuple[Figure, Axes]]:
    """Give a figure whose rows have names, of any length, at the left."""
    with report_style():
        figure, axes = new_figure(WIDTH, height)
        yield figure, axes[0, 0]


def density_curve(draws: Array) -> tuple[Array, Array]:
    """Return a grid and a kernel density on it, with as many points as a figure can show."""
    if np.ptp(draws) == 0.0:
        return draws[:1], np.ones(1)
    from arviz_stats.base import array_stats

    fine, density, _ = array_stats.kde(draws)
    grid = np.linspace(fine[0], fine[-1], _POINTS)
    return grid, np.interp(grid, fine, density)


def tell_edges(ax: Axes, x: pd.Index[Any], low: Array, high: Array) -> None:
    """Have a page say where the edges of a band are, those of the line told before it."""
    for name, edge in (("low", low), ("high", high)):
        ax.plot(x, edge, color=BLUE, alpha=0.0, lw=0.5, gid=f"{TOLD}{name}")


def as_percent(value: float, _position: float = 0.0) -> str:
    """Return the label of a tick on an axis in percent."""
    return f"{value:g}%".replace("-", "−")


def shortened(name: str, length: int = 18) -> str:
    """Return a name that leaves space for the figure beside it."""
    return name if len(name) <= length else f"{name[: length - 1]}…"
