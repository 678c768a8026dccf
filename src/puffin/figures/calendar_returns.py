"""Returns by year, beside the benchmark's, and how those of months are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.figures.canvas import BLUE, GREY, INK, as_percent, canvas, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["month_histogram", "year_bars"]

_MOST_YEARS = 30
_MOST_LABELS = 8
_BINS = (8, 30)
_FOR_NAMES = 0.2
"""What is left free above the bars, of their height."""


def year_bars(
    years: pd.Series[float], name: str, benchmark: pd.Series[float] | None, benchmark_name: str = ""
) -> Figure:
    """Draw the return of each year, and the benchmark's beside it if there is one.

    Parameters
    ----------
    years : Series
        By year; of more than thirty the last are shown.
    benchmark : Series or None
        Likewise.
    """
    with canvas() as (figure, ax):
        shown = years.iloc[-_MOST_YEARS:]
        at = shown.index.to_numpy()
        width = 0.8 if benchmark is None else 0.4
        shift = 0.0 if benchmark is None else 0.2
        ax.bar(at - shift, 100.0 * shown, width, color=BLUE, label=shortened(name))
        if benchmark is not None:
            other = benchmark.reindex(shown.index)
            ax.bar(
                at + shift, 100.0 * other, width, color=GREY, alpha=0.7,
                label=shortened(benchmark_name),
            )  # fmt: skip
            ax.legend(loc="upper left", ncols=2, frameon=False, fontsize=8.5)
            low, high = ax.get_ylim()
            ax.set_ylim(low, high + _FOR_NAMES * (high - low))
        ax.axhline(0.0, color=INK, lw=0.9)
        step = -(-len(at) // _MOST_LABELS)
        ax.set_xticks(at[::-1][::step], [f"{year}" for year in at[::-1][::step]])
        ax.yaxis.set_major_formatter(as_percent)
        ax.set_ylabel("return of the year")
    return figure


def month_histogram(months: pd.Series[float]) -> Figure:
    """Draw how often months returned how much, and their mean."""
    with canvas() as (figure, ax):
        values = 100.0 * months.to_numpy()
        bins = int(np.clip(2.0 * np.sqrt(values.size), *_BINS))
        ax.hist(values, bins, color=BLUE, alpha=0.55)
        ax.axvline(0.0, color=GREY, lw=1.0)
        ax.axvline(float(values.mean()), color=INK, lw=1.1, ls=(0, (4, 3)))
        ax.xaxis.set_major_formatter(as_percent)
        ax.locator_params(axis="x", nbins=6)
        ax.set_xlabel("return of a month")
        ax.set_ylabel("number of months")
    return figure
