"""Every trial's posterior against what it showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from puffin.posterior.intervals import highest_density_interval
from puffin.posterior.plots import BLUE, GREY, ORANGE, panels, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from puffin.models.selection.result import BestOfTrials

__all__ = ["apparent_figure"]


def apparent_figure(best: BestOfTrials, ax: Axes | None) -> Figure | Axes:
    """Draw true Sharpe ratios, with their intervals, against apparent ones."""
    drawn, [[axes]] = panels(ax, 6.4, 4.6)
    apparent, mean = best.estimates.sharpe, best.draws.mean(axis=0)
    low, high = highest_density_interval(best.draws.T, best.hdi_prob)
    axes.vlines(apparent, low, high, color=GREY, alpha=0.35, linewidth=1.0)
    axes.plot(apparent, mean, "o", color=BLUE, markersize=3.5, alpha=0.8, label="a trial")
    at = best.best
    axes.vlines(apparent[at], low[at], high[at], color=ORANGE, linewidth=2.0)
    axes.plot(apparent[at], mean[at], "o", color=ORANGE, markersize=7.0, label="the chosen one")
    ends = np.array([min(apparent.min(), 0.0), max(apparent.max(), 0.0)])
    axes.plot(ends, ends, color=GREY, linestyle="--", linewidth=1.0, label="nothing lost")
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    axes.set_xlabel("apparent annual Sharpe ratio")
    axes.set_ylabel("true annual Sharpe ratio")
    axes.set_title(f"The best of {best.n_trials} trials: what is left", loc="left")
    axes.legend(frameon=False)
    return plain_text(drawn)
