"""The figure of a Sharpe ratio that may have changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.posterior.plots import BLUE, GREY, ORANGE, panels, plain_text, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["change_figure"]


def change_figure(
    path: pd.DataFrame,
    backtest: Mapping[str, float],
    certainty: float,
    hdi_prob: float,
    name: str,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Plot the probabilities, and below them the Sharpe ratio, over the weeks of a path.

    Parameters
    ----------
    path : DataFrame
        Of a `SharpeChange`.
    backtest : mapping
        Summary of the backtest's Sharpe ratio: `mean`, `hdi_low` and `hdi_high`.
    """
    drawn, axes = panels(ax, 7.0, 5.4, rows=2)
    top, bottom = axes[:, 0]
    weeks = path.index
    top.axhline(certainty, color=GREY, lw=0.9, ls=":")
    top.axhline(1.0 - certainty, color=GREY, lw=0.9, ls=":")
    for column, colour, label in (
        ("prob_lower", BLUE, "lower than in the backtest"),
        ("prob_negative", ORANGE, "below zero"),
    ):
        top.plot(weeks, path[column], color=colour, lw=1.6, label=label)
    top.set_ylim(0.0, 1.0)
    top.set_yticks(np.linspace(0.0, 1.0, 6), [f"{100 * p:.0f}%" for p in np.linspace(0, 1, 6)])
    top.set_title(f"{name}: probability that the Sharpe ratio is ...", fontsize=10, loc="left")
    top.legend(fontsize=8, frameon=False, loc="best")
    bottom.axhline(0.0, color=GREY, lw=0.9, ls=":")
    bottom.axhspan(backtest["hdi_low"], backtest["hdi_high"], color=GREY, alpha=0.18, lw=0)
    bottom.axhline(backtest["mean"], color=GREY, lw=1.2, label=f"backtest: {backtest['mean']:.2f}")
    bottom.fill_between(weeks, path["low"], path["high"], color=BLUE, alpha=0.2, lw=0)
    last = path.iloc[-1]
    bottom.plot(
        weeks, path["sharpe"], color=BLUE, lw=1.6,
        label=f"since: {last['sharpe']:.2f}",
    )  # fmt: skip
    bottom.set_title(f"Annual Sharpe ratio, with {hdi_prob:.0%} intervals", fontsize=10, loc="left")
    bottom.legend(fontsize=8, frameon=False, loc="best")
    for panel in (top, bottom):
        panel.margins(x=0.01)
        panel.tick_params(labelsize=8)
    if isinstance(weeks, pd.DatetimeIndex):
        time_axis(top, weeks)
        time_axis(bottom, weeks)
        top.set_xlabel("")
    return plain_text(drawn)
