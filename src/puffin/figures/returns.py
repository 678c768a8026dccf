"""Returns against what the model expects of them: in the middle, and in the tails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from puffin.figures.canvas import BLUE, GREY, INK, ORANGE, as_percent, canvas
from puffin.findings.expected_returns import ExpectedReturns

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["return_density", "return_tails"]

_MIDDLE = (0.005, 0.995)
_MOST_ON_LINEAR_SCALE = 12
_BELOW_ONE = 0.6
_LEAST_BINS, _MOST_BINS = 8, 48


def return_density(expected: ExpectedReturns) -> Figure:
    """Draw a histogram of the middle 99% of returns under the posterior predictive density."""
    with canvas() as (figure, ax):
        low, high = np.quantile(expected.observed, _MIDDLE)
        margin = 0.1 * (high - low)
        low, high = low - margin, high + margin
        edges = np.linspace(low, high, _number_of_bins(expected.observed.size) + 1)
        counts, _ = np.histogram(expected.observed, edges)
        heights = counts / expected.observed.size / np.diff(edges)
        ax.stairs(heights, 100.0 * edges, fill=True, color=GREY, alpha=0.4)
        grid = np.linspace(low, high, 160)
        ax.plot(100.0 * grid, expected.density(grid), color=BLUE, lw=1.8)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_ylim(bottom=0.0)
        _percent_axis(ax)
    return figure


def return_tails(expected: ExpectedReturns, prob: float, seed: int) -> Figure:
    """Draw how many returns fell into each bin, and how many should, on a log scale if many.

    Bins outside of their interval are orange.
    """
    with canvas() as (figure, ax):
        observed = expected.observed
        edges = np.linspace(observed.min(), observed.max(), _number_of_bins(observed.size) + 1)
        counts, _ = np.histogram(observed, edges)
        low, high = expected.counts(edges, prob, seed)
        most = max(counts.max(), high.max())
        is_log = most > _MOST_ON_LINEAR_SCALE
        floor = _BELOW_ONE if is_log else 0.0
        ax.stairs(
            np.maximum(high, floor), 100.0 * edges, baseline=np.maximum(low, floor), fill=True,
            color=BLUE, alpha=0.3,
        )  # fmt: skip
        middles = 50.0 * (edges[1:] + edges[:-1])
        surprising = (counts < low) | (counts > high)
        for colour, chosen in ((INK, ~surprising), (ORANGE, surprising)):
            shown = chosen & (counts > 0)
            ax.plot(middles[shown], counts[shown], "o", color=colour, ms=3.5)
        if is_log:
            ax.set_yscale("log")
            ax.set_ylim(floor, 1.6 * most)
            ax.yaxis.minorticks_off()
        else:
            ax.set_ylim(0.0, most + 0.5)
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.set_ylabel("number of returns")
        _percent_axis(ax)
    return figure


def _number_of_bins(observations: int) -> int:
    return int(np.clip(1.5 * np.sqrt(observations), _LEAST_BINS, _MOST_BINS))


def _percent_axis(ax: Axes) -> None:
    ax.set_xlabel("return of one period")
    ax.xaxis.set_major_formatter(as_percent)
    ax.locator_params(axis="x", nbins=6)
