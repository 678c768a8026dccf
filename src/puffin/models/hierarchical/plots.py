"""Figures of many assets' alphas. They are returned, never shown; or drawn on axes given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.models.hierarchical.fitted import FittedHierarchy
from puffin.models.hierarchical.unit import AlphaUnit
from puffin.posterior.plots import BLUE, GREY, ORANGE, panels, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

__all__ = ["funnel_figure", "interval_figure", "shrinkage_figure"]

_FDR = 0.1
_MOST_SHOWN = 40


def funnel_figure(fitted: FittedHierarchy, ax: Axes | None) -> Figure | Axes:
    """Plot estimates against their standard errors: luck fills a funnel, skill is outside it.

    The edges of the funnel are where an estimate is two standard errors from the mean of all;
    assets that are named with a tenth of false ones expected are marked. The legend is above the
    points, that it covers none.
    """
    drawn, [[ax]] = panels(ax, 6.4, 4.2)
    table, named = fitted.table, fitted.skilled(_FDR, 0.0)
    chosen = table["asset"].isin(named.assets).to_numpy()
    mean = float(fitted.groups["mean"].iloc[-1])
    errors = np.array([0.0, 1.05 * float(table["std_error"].max())])
    ax.fill_betweenx(
        errors, mean - 2.0 * errors, mean + 2.0 * errors, color=GREY, alpha=0.15, lw=0,
        label="luck: 2 standard errors about the mean of all",
    )  # fmt: skip
    ax.axvline(mean, color=GREY, lw=1.0, ls=":")
    for which, colour, label in (
        (~chosen, BLUE, "not named"),
        (chosen, ORANGE, f"named, {_FDR:.0%} false ones expected"),
    ):
        if which.any():
            part = table[which]
            ax.plot(
                part["estimate"], part["std_error"], "o", color=colour, ms=3.5, alpha=0.6,
                label=f"{label} ({which.sum():,})",
            )  # fmt: skip
    ax.set_ylim(errors[1], 0.0)
    ax.set_ylabel("standard error")
    _label_alpha(ax, fitted.unit, f"{fitted.unit.label} by itself")
    if fitted.unit.name == "return":
        ax.yaxis.set_major_formatter(_percent())
    _legend_above(ax)
    return plain_text(drawn)


def shrinkage_figure(fitted: FittedHierarchy, ax: Axes | None) -> Figure | Axes:
    """Plot where each estimate is drawn to: above by itself, below its posterior mean."""
    drawn, [[ax]] = panels(ax, 6.4, 3.4)
    table = fitted.table
    ends = table[["estimate", "mean"]].to_numpy().T
    alpha = float(np.clip(40.0 / len(table), 0.05, 0.6))
    ax.plot(ends, [[1.0], [0.0]] * np.ones(len(table)), color=GREY, lw=0.8, alpha=alpha)
    ax.plot(ends[0], np.ones(len(table)), "o", color=ORANGE, ms=4, alpha=max(alpha, 0.2))
    ax.plot(ends[1], np.zeros(len(table)), "o", color=BLUE, ms=4, alpha=max(alpha, 0.2))
    ax.axvline(0.0, color=GREY, lw=1.0, ls=":")
    ax.set_yticks([1.0, 0.0], ["by itself", "posterior mean"])
    ax.set_ylim(-0.3, 1.3)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    _label_alpha(ax, fitted.unit, fitted.unit.label)
    return plain_text(drawn)


def interval_figure(
    table: pd.DataFrame, unit: AlphaUnit, threshold: float, hdi_prob: float, ax: Axes | None
) -> Figure | Axes:
    """Plot the posterior mean and interval of the first rows of a table, and their estimates."""
    shown = table.head(_MOST_SHOWN)
    drawn, [[ax]] = panels(ax, 6.4, 1.2 + 0.26 * max(len(shown), 1))
    rows = np.arange(len(shown))[::-1]
    ax.axvline(threshold, color=GREY, lw=1.0, ls=":")
    label = f"posterior mean and {hdi_prob:.0%} interval"
    ax.hlines(rows, shown["hdi_low"], shown["hdi_high"], color=BLUE, lw=2.5, alpha=0.5)
    ax.plot(shown["mean"], rows, "o", color=BLUE, ms=4, label=label)
    ax.plot(shown["estimate"], rows, "x", color=ORANGE, ms=4, label="by itself")
    ax.set_yticks(rows, shown["asset"])
    ax.set_ylim(-0.6, max(len(shown), 1) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    _label_alpha(ax, unit, unit.label)
    _legend_above(ax)
    return plain_text(drawn)


def _legend_above(ax: Axes) -> None:
    ax.legend(
        fontsize=8, frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.0
    )


def _label_alpha(ax: Axes, unit: AlphaUnit, label: str) -> None:
    ax.set_xlabel(label)
    if unit.name == "return":
        ax.xaxis.set_major_formatter(_percent())


def _percent() -> PercentFormatter:
    """Return what writes fractions in percent."""
    from matplotlib.ticker import PercentFormatter

    return PercentFormatter(1.0)
