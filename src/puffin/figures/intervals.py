"""Point and interval a row: a forest plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from puffin.figures.canvas import BLUE, FAINT, GREY, as_percent, canvas_for_rows, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Row", "forest"]


@dataclass(frozen=True)
class Row:
    """One line of a forest plot."""

    name: str
    mean: float
    low: float
    high: float


def forest(rows: Sequence[Row], label: str, *, percent: bool = False) -> Figure:
    """Draw each row's mean and interval, the first on top."""
    with canvas_for_rows(0.85 + 0.27 * len(rows)) as (figure, ax):
        heights = np.arange(len(rows))[::-1]
        unit = 100.0 if percent else 1.0
        for height, row in zip(heights, rows, strict=True):
            ax.axhline(height, color=FAINT, lw=0.8, zorder=0)
            ax.hlines(height, unit * row.low, unit * row.high, color=BLUE, lw=3.5, alpha=0.45)
            ax.plot(unit * row.mean, height, "o", color=BLUE, ms=5)
        ax.axvline(0.0, color=GREY, lw=1.0)
        ax.set_yticks(heights, [shortened(row.name) for row in rows])
        ax.set_ylim(-0.6, len(rows) - 0.4)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_xlabel(label)
        if percent:
            ax.xaxis.set_major_formatter(as_percent)
            ax.locator_params(axis="x", nbins=6)
    return figure
