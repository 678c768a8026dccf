"""The figure of a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.posterior import gaussian_interval
from puffin.posterior.plots import BLUE, GREY, ORANGE, panels, plain_text, time_axis
from puffin.validation import PairPrices

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["pairs_figure"]

_COLOURS = (ORANGE, "#3a8f5c", "#7a5ba6", "#b8860b")
_PROB = 0.94


def pairs_figure(
    pair: PairPrices,
    table: pd.DataFrame,
    zscore: pd.Series[float],
    signals: pd.Series[int],
    thresholds: tuple[float, float],
    unit: str,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Plot prices, hedge ratios with bands, and z-score with thresholds and trades."""
    drawn, axes = panels(ax, 9.0, 7.4, 3)
    prices, ratios, scores = axes[:, 0]
    for panel in axes[1:, 0]:
        panel.sharex(prices)
    _draw_prices(prices, pair, unit)
    _draw_ratios(ratios, pair, table)
    _draw_scores(scores, zscore, signals, thresholds)
    for panel in axes[:2, 0]:
        panel.tick_params(labelbottom=False)
    time_axis(scores, pair.index)
    prices.margins(x=0.01)
    return plain_text(drawn)


def _draw_prices(ax: Axes, pair: PairPrices, unit: str) -> None:
    ax.plot(pair.index, pair.y, color=BLUE, lw=1.1, label=f"{unit} of {pair.name}")
    for name, colour, values in zip(pair.hedges, _cycle(pair), pair.X.T, strict=True):
        ax.plot(pair.index, values, color=colour, lw=1.1, label=f"{unit} of {name}")
    ax.set_ylabel(unit)
    ax.set_title(f"{pair.name} hedged with {', '.join(pair.hedges)}", fontsize=10, loc="left")
    ax.legend(fontsize=8, frameon=False, loc="upper left", ncols=4)


def _draw_ratios(ax: Axes, pair: PairPrices, table: pd.DataFrame) -> None:
    single = len(pair.hedges) == 1
    for name, colour in zip(pair.hedges, _cycle(pair), strict=True):
        suffix = "" if single else f"_{name}"
        mean, sd = table[f"hedge_ratio_mean{suffix}"], table[f"hedge_ratio_std{suffix}"]
        low, high = gaussian_interval(mean, sd, _PROB)
        ax.fill_between(table.index, low, high, color=colour, alpha=0.25, lw=0)
        ax.plot(table.index, mean, color=colour, lw=1.2, label=f"of {name}, mean and 94% band")
    ax.axhline(0.0, color=GREY, lw=0.6)
    ax.set_ylabel("hedge ratio")
    ax.legend(fontsize=8, frameon=False, loc="upper left", ncols=2)


def _draw_scores(
    ax: Axes, zscore: pd.Series[float], signals: pd.Series[int], thresholds: tuple[float, float]
) -> None:
    ax.plot(zscore.index, zscore, color=GREY, lw=0.8, zorder=1)
    for side, colour, label in ((1, BLUE, "long the spread"), (-1, ORANGE, "short the spread")):
        held = zscore.where((signals == side).to_numpy())
        ax.plot(zscore.index, held, color=colour, lw=1.3, label=label, zorder=2)
        entered = (signals == side) & (signals.shift(1, fill_value=0) != side)
        marker = "^" if side == 1 else "v"
        ax.scatter(
            zscore.index[entered], zscore[entered], marker=marker, s=22, color=colour, zorder=3
        )
    left = (signals == 0) & (signals.shift(1, fill_value=0) != 0) & zscore.notna()
    ax.scatter(
        zscore.index[left], zscore[left], marker="o", s=14, facecolors="white", edgecolors=GREY,
        zorder=3, label="left",
    )  # fmt: skip
    entry, leave = thresholds
    for level in (-entry, entry):
        ax.axhline(level, color=GREY, lw=0.8, ls="--")
    ax.axhspan(-leave, leave, color=GREY, alpha=0.15, lw=0)
    largest = np.nanmax(np.abs(zscore)) if zscore.notna().any() else entry
    ax.set_ylim(*(np.array([-1.1, 1.25]) * max(float(largest), entry)))
    ax.set_ylabel("z-score")
    ax.legend(fontsize=8, frameon=False, loc="upper left", ncols=3)


def _cycle(pair: PairPrices) -> list[str]:
    return [_COLOURS[i % len(_COLOURS)] for i in range(len(pair.hedges))]
