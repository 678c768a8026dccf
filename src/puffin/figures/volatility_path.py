"""The path of volatility, over the size of the returns, with calms and storms shaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.figures.canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    TOLD,
    as_percent,
    canvas,
    report_style,
)
from puffin.findings.volatility import Volatility
from puffin.posterior.plots import new_figure, plain_text, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_volatility", "volatility_path", "volatility_paths"]

_WIDE, _HIGH = 8.0, 2.6
_MOST_BARS = 150
_SPACE_FOR_NEXT = 0.035
_NEARLY_ALL = 0.995


def volatility_path(volatility: Volatility) -> Figure:
    """Draw the volatility with its interval, the size of returns behind it, and what comes next."""
    with canvas() as (figure, ax):
        draw_volatility(ax, volatility)
    return figure


def volatility_paths(found: Mapping[str, Volatility], hdi_prob: float) -> Figure:
    """Draw the volatility of several series, one below the other, as a figure of its own."""
    figure: Figure
    with report_style():
        figure, axes = new_figure(_WIDE, _HIGH * len(found), rows=len(found))
        for ax, (name, volatility) in zip(axes[:, 0], found.items(), strict=True):
            draw_volatility(ax, volatility)
            ax.set_title(f"{name}: {volatility.model}, {hdi_prob:.0%} intervals", loc="left")
        named = axes[0, 0].get_legend_handles_labels()
        figure.legend(*named, loc="outside lower center", ncols=7, fontsize=7.5, frameon=False)
    return plain_text(figure)


def draw_volatility(ax: Axes, volatility: Volatility) -> None:
    """Draw on given axes; each bar is the largest return of its stretch."""
    path, size = volatility.path, volatility.returns.abs().to_numpy()
    time = _positions(volatility.returns.index)
    starts, edges = _stretches(time)
    heights = np.maximum.reduceat(np.nan_to_num(size), starts)
    _shade(ax, volatility, starts, edges)
    ax.stairs(
        100.0 * heights, edges, fill=True, color=GREY, alpha=0.35, lw=0, label="size of returns"
    )
    shown = _positions(path.index)
    mean, low, high = (100.0 * path[name].to_numpy() for name in ("mean", "hdi_low", "hdi_high"))
    ax.fill_between(shown, low, high, color=BLUE, alpha=0.3, lw=0)
    ax.plot(shown, mean, color=BLUE, lw=1.3, label="volatility", gid=f"{TOLD}volatility")
    if volatility.typical is not None:
        usual = 100.0 * volatility.typical.median
        ax.axhline(usual, color=INK, lw=0.9, ls=(0, (4, 3)), label="typical")
    coming = volatility.next_period.times(100.0)
    span = edges[-1] - edges[0]
    at = edges[-1] + _SPACE_FOR_NEXT * span
    ax.vlines(at, coming.low, coming.high, color=ORANGE, lw=2.5)
    ax.plot([at], [coming.mean], "o", color=ORANGE, ms=4.5, label="next period")
    # A crash of twenty times the usual would flatten the path: its bar runs out at the top.
    top = max(float(high.max()), coming.high, 100.0 * float(np.nanquantile(size, _NEARLY_ALL)))
    ax.set_ylim(0.0, 1.08 * top)
    if volatility.jumps is not None:
        _mark(ax, volatility.returns[volatility.jumps.index], 1.04 * top)
    ax.set_xlim(edges[0] - 0.01 * span, at + _SPACE_FOR_NEXT * span)
    ax.yaxis.set_major_formatter(lambda value, _: as_percent(value))
    ax.set_ylabel("volatility")
    time_axis(ax, path.index, "observation")


def _positions(index: pd.Index[Any]) -> Array:
    """Return where on the axis each label is: days since 1970 for dates, as matplotlib counts."""
    if isinstance(index, pd.DatetimeIndex):
        utc = index if index.tz is None else index.tz_convert("UTC").tz_localize(None)
        return np.asarray(utc.as_unit("us").asi8 / 86_400e6)
    return np.asarray(index.to_numpy(), dtype=np.float64)


def _stretches(time: Array) -> tuple[NDArray[np.intp], Array]:
    """Return the first rows of as many stretches as a figure can show, and their ends in time."""
    starts = np.unique(np.linspace(0, time.size, _MOST_BARS + 1).astype(int)[:-1])
    spacing = float(np.median(np.diff(time)))
    return starts, np.append(time[starts] - 0.5 * spacing, time[-1] + 0.5 * spacing)


def _shade(ax: Axes, volatility: Volatility, starts: NDArray[np.intp], edges: Array) -> None:
    """Shade the stretches most of whose periods were in a time of high, or of low, volatility."""
    counts = np.diff(np.append(starts, len(volatility.regimes)))
    ends = np.repeat(edges, 2)[1:-1]  # of each stretch, so that one alone is shaded too
    for regime, colour, alpha in (("high", ORANGE, 0.22), ("low", BLUE, 0.1)):
        inside = (volatility.regimes == regime).to_numpy()
        most = 2 * np.add.reduceat(inside.astype(int), starts) > counts
        ax.fill_between(
            ends, 0.0, 1.0, where=list(most.repeat(2)),
            transform=ax.get_xaxis_transform(), color=colour, alpha=alpha, lw=0,
            label=f"{regime} volatility",
        )  # fmt: skip


def _mark(ax: Axes, jumped: pd.Series[float], top: float) -> None:
    """Mark returns that jumped, at their size, or at the top where that is beyond it."""
    height = np.minimum(100.0 * jumped.abs().to_numpy(), top)
    ax.plot(_positions(jumped.index), height, "v", color=INK, ms=3.5, label="jump")
