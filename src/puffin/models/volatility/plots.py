"""Figures of volatility."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.posterior.plots import BLUE, GREY, panels, plain_text, time_axis
from puffin.validation import ReturnSeries

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["forecast_figure", "volatility_figure"]


def volatility_figure(
    series: ReturnSeries, table: pd.DataFrame, hdi_prob: float, method: str, ax: Axes | None = None
) -> Figure | Axes:
    """Plot the size of returns, and over it the volatility with its interval.

    Parameters
    ----------
    table : DataFrame
        Columns mean, hdi_low and hdi_high.
    """
    drawn, [[ax]] = panels(ax, 9.0, 3.6)
    time = table.index
    ax.vlines(time, 0.0, np.abs(series.values), color=GREY, lw=0.6, alpha=0.45)
    ax.plot([], [], color=GREY, lw=2, alpha=0.6, label=f"size of {series.name}")
    ax.fill_between(
        time, table["hdi_low"], table["hdi_high"], color=BLUE, alpha=0.25, lw=0,
        label=f"{hdi_prob:.0%} interval",
    )  # fmt: skip
    ax.plot(time, table["mean"], color=BLUE, lw=1.4, label="volatility (posterior mean)")
    top = max(float(table["hdi_high"].max()), float(np.nanquantile(np.abs(series.values), 0.999)))
    ax.set_ylim(0.0, 1.15 * top)
    ax.margins(x=0.01)
    ax.set_ylabel("per period, in the returns' unit")
    time_axis(ax, time, "period")
    ax.set_title(f"Volatility of {series.name}: {method}", fontsize=10, loc="left")
    ax.legend(fontsize=8, frameon=False, loc="upper right", ncols=3)
    return plain_text(drawn)


def forecast_figure(
    volatility: pd.DataFrame, returns: pd.DataFrame, ax: Axes | None = None
) -> Figure | Axes:
    """Plot quantiles of volatility, and below them of returns, period by period.

    Parameters
    ----------
    volatility, returns : DataFrame
        Of a `VolatilityForecast`: a row for each step, a column for each quantile.
    """
    drawn, axes = panels(ax, 7.0, 5.0, rows=2)
    for panel, table, title in zip(
        axes[:, 0], (volatility, returns), ("volatility", "return"), strict=True
    ):
        levels = sorted(float(level) for level in table.columns)
        for low, high in zip(levels, reversed(levels), strict=True):
            if low < high:
                label = f"{100 * low:.3g}% to {100 * high:.3g}% quantile"
                panel.fill_between(
                    table.index, table[low], table[high], color=BLUE, alpha=0.2, lw=0, label=label
                )
        centre = min(levels, key=lambda level: abs(level - 0.5))
        panel.plot(table.index, table[centre], color=BLUE, lw=1.4, marker="o", ms=3,
                   label=f"{100 * centre:.3g}% quantile")  # fmt: skip
        panel.set_title(f"{title} of a period, in the returns' unit", fontsize=10, loc="left")
        panel.margins(x=0.02)
    axes[0, 0].legend(fontsize=8, frameon=False, loc="best")
    axes[1, 0].axhline(0.0, color=GREY, lw=0.9, ls=":")
    axes[1, 0].set_xlabel("periods ahead")
    return plain_text(drawn)
