"""What one unit of money became."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.figures.canvas import BLUE, GREY, canvas
from puffin.posterior.plots import time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["growth_curve"]

_POINTS = 300
_WIDE = 4.0


def growth_curve(wealth: pd.Series[float]) -> Figure:
    """Draw wealth over time, on a log scale where it spans a factor of more than four."""
    with canvas() as (figure, ax):
        x, y = wealth.index, wealth.to_numpy()
        shown = np.unique(np.linspace(0, y.size - 1, min(y.size, _POINTS)).astype(int))
        # The deepest point and the peak are what a reader looks for: thinning must not lose them.
        shown = np.union1d(shown, [int(y.argmin()), int(y.argmax())])
        ax.axhline(1.0, color=GREY, lw=1.0)
        ax.plot(x[shown], y[shown], color=BLUE, lw=1.3)
        if y.max() / y.min() > _WIDE:
            _log_scale(ax, float(min(1.0, y.min())), float(max(1.0, y.max())))
        time_axis(ax, x, "observation")
        ax.set_ylabel("growth of 1")
    return figure


def _log_scale(ax: Axes, low: float, high: float) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

    ax.set_yscale("log")
    powers = 10.0 ** np.arange(-12, 13)
    ticks = np.sort(np.concatenate([powers, 2 * powers, 5 * powers]))
    inside = ticks[(ticks >= low * 0.98) & (ticks <= high * 1.02)]
    ax.yaxis.set_major_locator(FixedLocator(list(inside if inside.size < 9 else powers)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_ylim(low * 0.9, high * 1.1)
