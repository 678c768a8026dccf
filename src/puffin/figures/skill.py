"""What many estimates make of each: a funnel of luck, and how far each is shrunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.figures.canvas import BLUE, FAINT, GREY, ORANGE, canvas, canvas_for_rows, shortened
from puffin.models.hierarchical import BayesianHierarchical

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["funnel", "shrinkage"]


def funnel(model: BayesianHierarchical, named: list[str]) -> Figure:
    """Draw estimates against their standard errors; luck is within two of these of the mean."""
    table = model.table
    chosen = table["asset"].isin(named)
    mean = float(model.groups["mean"].iloc[-1])
    edges = np.array([0.0, 1.08 * float(table["std_error"].max())])
    with canvas() as (figure, ax):
        ax.fill_betweenx(edges, mean - 2.0 * edges, mean + 2.0 * edges, color=FAINT, lw=0)
        ax.axvline(mean, color=GREY, lw=1.0, ls=":")
        for which, colour in ((~chosen, BLUE), (chosen, ORANGE)):
            part = table[which]
            ax.plot(part["estimate"], part["std_error"], "o", color=colour, ms=4, alpha=0.7)
        ax.set_ylim(edges[1], 0.0)
        ax.set_ylabel("standard error")
        ax.set_xlabel(f"{model.fitted.unit.label}, by itself")
    return figure


def shrinkage(table: pd.DataFrame, label: str) -> Figure:
    """Draw each row's posterior mean and interval, and its estimate by itself."""
    heights = np.arange(len(table))[::-1]
    with canvas_for_rows(0.85 + 0.27 * len(table)) as (figure, ax):
        ax.hlines(heights, *table[["estimate", "mean"]].to_numpy().T, color=GREY, lw=0.8)
        ax.hlines(heights, table["hdi_low"], table["hdi_high"], color=BLUE, lw=3.5, alpha=0.45)
        ax.plot(table["mean"], heights, "o", color=BLUE, ms=5)
        ax.plot(table["estimate"], heights, "x", color=ORANGE, ms=5)
        ax.axvline(0.0, color=GREY, lw=1.0)
        ax.set_yticks(heights, [shortened(name) for name in table["asset"]])
        ax.set_ylim(-0.6, len(table) - 0.4)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(label)
    return figure
