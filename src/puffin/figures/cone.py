"""Growth as it was expected, growth as it came, and falls likewise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from puffin.figures.canvas import BLUE, GREY, INK, ORANGE, TOLD, as_percent, canvas, tell_edges
from puffin.findings.cone import Cone
from puffin.findings.expected_drawdown import ExpectedDrawdown
from puffin.findings.turning_points import turning_points
from puffin.posterior.plots import time_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["cone_path", "drawdown_histogram"]

_POINTS = 200
_BINS = 30


def cone_path(cone: Cone) -> Figure:
    """Draw the quantiles of what was expected as two bands, and what came over them."""
    with canvas() as (figure, ax):
        even = np.unique(np.linspace(0, len(cone.expected) - 1, _POINTS).astype(int))
        x, levels = cone.expected.index[even], cone.expected.to_numpy()[even].T
        lowest, low, middle, high, highest = levels
        ax.fill_between(x, lowest, highest, color=BLUE, alpha=0.18, lw=0)
        ax.fill_between(x, low, high, color=BLUE, alpha=0.3, lw=0)
        ax.plot(x, middle, color=BLUE, lw=1.0, ls=(0, (4, 3)), gid=f"{TOLD}expected")
        tell_edges(ax, x, lowest, highest)
        shown = turning_points(cone.actual.to_numpy(), _POINTS)
        ax.plot(
            cone.actual.index[shown], cone.actual.to_numpy()[shown], color=INK, lw=1.5,
            gid=f"{TOLD}came",
        )  # fmt: skip
        ax.axhline(1.0, color=GREY, lw=0.8)
        ax.set_ylabel("growth of 1")
        time_axis(ax, cone.expected.index, "observation")
    return figure


def drawdown_histogram(found: ExpectedDrawdown) -> Figure:
    """Draw the largest falls of simulated histories, and the one that happened."""
    with canvas() as (figure, ax):
        ax.hist(100.0 * found.simulated, _BINS, color=BLUE, alpha=0.4)
        ax.axvline(100.0 * found.observed, color=ORANGE, lw=2.0)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.xaxis.set_major_formatter(as_percent)
        ax.locator_params(axis="x", nbins=6)
        ax.set_xlabel("largest fall from a peak")
    return figure
