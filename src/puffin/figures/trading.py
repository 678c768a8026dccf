"""What a backtest held, how much it traded, and what costs took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.backtest.result import BacktestResult
from puffin.figures.canvas import BLUE, GREY, INK, ORANGE, TOLD, as_percent, canvas
from puffin.findings.turning_points import turning_points
from puffin.posterior.plots import time_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["cost_path", "position_path", "turnover_bars"]

_POINTS, _BARS = 200, 40


def position_path(result: BacktestResult) -> Figure:
    """Draw what was long and what was short, as shares of equity, and the one less the other."""
    weights = 100.0 * result.weights
    long, short = weights.clip(lower=0.0).sum(axis=1), weights.clip(upper=0.0).sum(axis=1)
    net = (long + short).to_numpy()
    shown = np.union1d(
        turning_points(long.to_numpy(), _POINTS), turning_points(short.to_numpy(), _POINTS)
    )
    with canvas() as (figure, ax):
        time = weights.index[shown]
        for part, colour, label in ((long, BLUE, "long"), (short, ORANGE, "short")):
            if part.to_numpy().any():
                ax.fill_between(
                    time, part.to_numpy()[shown], 0.0, color=colour, alpha=0.35, lw=0, step="post",
                    label=label,
                )  # fmt: skip
        ax.step(time, net[shown], where="post", color=INK, lw=1.0, label="net", gid=f"{TOLD}net")
        ax.axhline(0.0, color=GREY, lw=0.8)
        ax.yaxis.set_major_formatter(as_percent)
        ax.set_ylabel("share of equity")
        ax.legend(fontsize=8.0, frameon=False, loc="upper left", ncols=3)
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.18 * (high - low))
        time_axis(ax, weights.index, "observation")
    return figure


def turnover_bars(result: BacktestResult) -> Figure:
    """Draw the turnover of each of as many stretches of time as a figure can show, a year."""
    turnover = result.turnover
    starts = np.unique(np.linspace(0, len(turnover), _BARS + 1).astype(int)[:-1])
    mean = pd.Series(
        np.add.reduceat(turnover.to_numpy(), starts) / np.diff(np.append(starts, len(turnover))),
        turnover.index[starts],
    )
    with canvas() as (figure, ax):
        ends = mean.index.append(turnover.index[-1:])
        height = result.periods_per_year * np.append(mean.to_numpy(), mean.iloc[-1])
        ax.fill_between(ends, height, 0.0, step="post", color=BLUE, alpha=0.55, lw=0)
        ax.axhline(result.periods_per_year * float(turnover.mean()), color=INK, lw=0.9,
                   ls=(0, (4, 3)))  # fmt: skip
        ax.set_ylim(bottom=0.0)
        ax.set_ylabel("times equity a year")
        time_axis(ax, turnover.index, "observation")
    return figure


def cost_path(result: BacktestResult) -> Figure:
    """Draw how much of equity each kind of cost has taken so far, one on top of the other."""
    taken = 100.0 * result.costs.cumsum()
    shown = np.unique(np.linspace(0, len(taken) - 1, _POINTS).astype(int))
    with canvas() as (figure, ax):
        below = np.zeros(shown.size)
        for (kind, one), colour in zip(taken.items(), (BLUE, ORANGE, GREY), strict=False):
            if not one.to_numpy().any():
                continue
            above = below + one.to_numpy()[shown]
            ax.fill_between(
                taken.index[shown], below, above, color=colour, alpha=0.55, lw=0, label=str(kind)
            )
            below = above
        ax.legend(fontsize=8.0, frameon=False, loc="upper left")
        ax.set_ylim(bottom=0.0)
        ax.yaxis.set_major_formatter(as_percent)
        ax.set_ylabel("taken so far")
        time_axis(ax, taken.index, "observation")
    return figure
