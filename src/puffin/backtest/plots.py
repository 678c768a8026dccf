"""The figure of a backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from puffin.posterior.plots import BLUE, GREY, ORANGE, panels, plain_text, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["equity_figure"]

_WIDE = 4.0


def equity_figure(
    name: str,
    equity: pd.Series[float],
    drawdown: pd.Series[float],
    before_costs: pd.Series[float] | None,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Plot equity after costs and, if there were any, before, and below them the drawdown.

    Equity is on a log scale where it spans a factor of more than four.
    """
    drawn, axes = panels(ax, 9.0, 4.8, rows=2)
    upper, lower = axes[:, 0]
    time = equity.index
    upper.axhline(1.0, color=GREY, lw=1.0, ls=":")
    if before_costs is not None:
        label = f"before costs {before_costs.iloc[-1]:.3g}"
        upper.plot(before_costs.index, before_costs, color=GREY, lw=1.1, label=label)
    upper.plot(time, equity, color=BLUE, lw=1.6, label=f"after costs {equity.iloc[-1]:.3g}")
    if equity.max() > _WIDE * equity.min():
        _log_scale(upper)
    upper.set_ylabel("equity, from 1")
    upper.set_title(f"Backtest of {name}", fontsize=10, loc="left")
    upper.legend(fontsize=8, frameon=False, loc="upper left")
    percent = 100.0 * drawdown
    lower.fill_between(time, percent, 0.0, color=ORANGE, alpha=0.35, lw=0)
    lower.plot(time, percent, color=ORANGE, lw=0.9)
    lower.set_ylabel("drawdown, %")
    lower.set_ylim(top=0.0)
    lower.sharex(upper)
    upper.tick_params(labelbottom=False)
    for panel in (upper, lower):
        panel.margins(x=0.01)
    time_axis(lower, time)
    return plain_text(drawn)


def _log_scale(ax: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
