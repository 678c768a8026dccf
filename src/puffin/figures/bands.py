"""A quantity over time, as the band of its posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from puffin.figures.canvas import BLUE, GREY, INK, TOLD, as_percent, canvas, tell_edges
from puffin.posterior.plots import time_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["band_path"]


def band_path(
    table: pd.DataFrame, label: str, *, whole: float | None = None, percent: bool = False
) -> Figure:
    """Draw a mean and its interval over time.

    Parameters
    ----------
    table : DataFrame
        Columns mean, low and high.
    label : str
        What the quantity is.
    whole : float, optional
        Its value over the whole time, as a dashed line.
    percent : bool
        Whether values are fractions, to be shown in percent.
    """
    with canvas() as (figure, ax):
        unit = 100.0 if percent else 1.0
        low, mean, high = (unit * table[name].to_numpy() for name in ("low", "mean", "high"))
        ax.fill_between(table.index, low, high, color=BLUE, alpha=0.28, lw=0)
        ax.plot(table.index, mean, color=BLUE, lw=1.4, gid=f"{TOLD}mean")
        tell_edges(ax, table.index, low, high)
        if whole is not None:
            ax.axhline(unit * whole, color=INK, lw=0.9, ls=(0, (4, 3)))
        if percent:
            ax.yaxis.set_major_formatter(as_percent)
            if low.min() >= 0.0:
                ax.set_ylim(bottom=0.0)
        if low.min() < 0.0 < high.max():
            ax.axhline(0.0, color=GREY, lw=1.0)
        ax.set_ylabel(label)
        time_axis(ax, table.index, "observation")
    return figure
