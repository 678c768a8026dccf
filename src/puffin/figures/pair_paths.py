"""A pair's hedge ratio, its z-score with trades, and what trading it earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.figures.canvas import BLUE, GREY, INK, ORANGE, TOLD, canvas, tell_edges
from puffin.findings.pair import PairFindings
from puffin.posterior import gaussian_interval
from puffin.posterior.plots import time_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["hedge_path", "score_path", "trading_path"]

_POINTS = 300
_PROB = 0.94


def hedge_path(pair: PairFindings, name: str) -> Figure:
    """Draw one hedge ratio and its band, as they were known at the time."""
    suffix = "" if len(pair.hedges) == 1 else f"_{name}"
    table = pair.model.hedge
    mean = table[f"hedge_ratio_mean{suffix}"].dropna()
    sd = table[f"hedge_ratio_std{suffix}"].dropna().to_numpy()
    shown, centre = _thinned(len(mean)), mean.to_numpy()
    low, high = gaussian_interval(centre, sd, _PROB)
    with canvas() as (figure, ax):
        ax.fill_between(mean.index[shown], low[shown], high[shown], color=BLUE, alpha=0.3, lw=0)
        ax.plot(mean.index[shown], centre[shown], color=BLUE, lw=1.3, gid=f"{TOLD}hedge ratio")
        tell_edges(ax, mean.index[shown], low[shown], high[shown])
        # The first windows can be so uncertain that the rest would be a line.
        ax.set_ylim(*_most_of(low, high))
        ax.set_ylabel("hedge ratio")
        time_axis(ax, mean.index, "observation")
    return figure


def score_path(pair: PairFindings) -> Figure:
    """Draw the z-score of the last rows, the thresholds, and the positions."""
    known = pair.zscore.dropna().iloc[-_POINTS:]
    held = pair.signals.loc[known.index].to_numpy()
    entry, leave = pair.settings.entry_threshold, pair.settings.exit_threshold
    with canvas() as (figure, ax):
        ax.axhspan(-leave, leave, color=GREY, alpha=0.2, lw=0)
        for level in (-entry, entry):
            ax.axhline(level, color=INK, lw=0.9, ls=(0, (4, 3)))
        ax.plot(known.index, known, color=GREY, lw=0.9, gid=f"{TOLD}z-score")
        for side, colour in ((1, BLUE), (-1, ORANGE)):
            ax.plot(known.index, np.where(held == side, known, np.nan), color=colour, lw=1.5)
        ax.set_ylabel("z-score")
        time_axis(ax, known.index, "observation")
    return figure


def trading_path(pair: PairFindings) -> Figure:
    """Draw what trading the spread made of 1, before and after costs."""
    net = pair.result.equity
    gross = np.concatenate([[1.0], np.cumprod(1.0 + pair.result.gross_returns.to_numpy())])
    shown = _thinned(len(net))
    with canvas() as (figure, ax):
        ax.axhline(1.0, color=GREY, lw=1.0)
        ax.plot(net.index[shown], gross[shown], color=GREY, lw=1.1, gid=f"{TOLD}before costs")
        ax.plot(
            net.index[shown], net.to_numpy()[shown], color=BLUE, lw=1.3, gid=f"{TOLD}after costs"
        )
        ax.set_ylabel("growth of 1")
        time_axis(ax, net.index, "observation")
    return figure


def _thinned(count: int) -> NDArray[np.intp]:
    return np.unique(np.linspace(0, count - 1, min(count, _POINTS)).astype(int))


def _most_of(low: Array, high: Array) -> tuple[float, float]:
    bottom, top = float(np.quantile(low, 0.02)), float(np.quantile(high, 0.98))
    margin = 0.1 * (top - bottom)
    return bottom - margin, top + margin
