"""What one unit of money became, and what others made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.figures.canvas import BLUE, FAINT, GREY, ORANGE, TOLD, canvas, shortened
from puffin.findings.turning_points import turning_points
from puffin.posterior.plots import time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["growth_curves"]

_POINTS = 600
_WIDE = 4.0
_LINES = ((BLUE, 1.4), (GREY, 1.2), (ORANGE, 1.2))


def growth_curves(paths: Mapping[str, pd.Series[float]]) -> Figure:
    """Draw wealth over time, of up to three series, the first on top.

    On a log scale where it spans a factor of more than four: there equal steps are equal returns.
    """
    with canvas() as (figure, ax):
        ax.axhline(1.0, color=FAINT, lw=1.0, zorder=0)
        for order, ((colour, width), (name, wealth)) in enumerate(
            zip(_LINES, paths.items(), strict=False)
        ):
            shown = turning_points(wealth.to_numpy(), _POINTS)
            ax.plot(
                wealth.index[shown], wealth.to_numpy()[shown], color=colour, lw=width,
                label=shortened(name), zorder=3 - order, gid=f"{TOLD}{shortened(name)}",
            )  # fmt: skip
        low = min(1.0, *(float(wealth.min()) for wealth in paths.values()))
        high = max(1.0, *(float(wealth.max()) for wealth in paths.values()))
        if high / low > _WIDE:
            _log_scale(ax, low, high)
        time_axis(ax, next(iter(paths.values())).index, "observation")
        ax.set_ylabel("growth of 1")
        if len(paths) > 1:
            ax.legend(loc="upper left", frameon=False, fontsize=8.5)
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
