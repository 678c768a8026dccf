"""How far below the last peak, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from puffin.figures.canvas import GREY, ORANGE, TOLD, as_percent, canvas
from puffin.findings.turning_points import turning_points
from puffin.posterior.plots import time_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["underwater_curve"]

_POINTS = 600


def underwater_curve(below: pd.Series[float]) -> Figure:
    """Draw how far below its highest level so far a series is."""
    with canvas() as (figure, ax):
        shown = turning_points(below.to_numpy(), _POINTS)
        x, y = below.index[shown], 100.0 * below.to_numpy()[shown]
        ax.fill_between(x, y, 0.0, color=ORANGE, alpha=0.35, lw=0)
        ax.plot(x, y, color=ORANGE, lw=1.0, gid=f"{TOLD}below the peak")
        ax.axhline(0.0, color=GREY, lw=1.0)
        ax.set_ylim(1.08 * min(float(y.min()), -1e-6), 0.0)
        ax.yaxis.set_major_formatter(as_percent)
        ax.set_ylabel("below the last peak")
        time_axis(ax, below.index, "observation")
    return figure
