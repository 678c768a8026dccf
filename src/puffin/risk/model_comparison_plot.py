"""The figure of volatility models side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.posterior.plots import BLUE, GREY, panels, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["comparison_figure"]


def comparison_figure(table: pd.DataFrame, held_out: int, ax: Axes | None = None) -> Figure | Axes:
    """Plot log evidences, and beside them log scores where periods were held out.

    Parameters
    ----------
    table : DataFrame
        Of a `VolatilityComparison`.
    """
    columns = 2 if held_out else 1
    drawn, axes = panels(ax, 2.0 + 4.0 * columns, 1.2 + 0.32 * len(table), columns=columns)
    evidence = table["log_evidence"] - table["log_evidence"].max()
    _points(axes[0, 0], evidence, table["evidence_error"], "log evidence, less the best")
    axes[0, 0].set_yticks(_rows(table), table.index)
    if held_out:
        scores, right = table["score_difference"], axes[0, 1]
        label = f"mean log score of {held_out} periods, less the best"
        _points(right, scores, table["score_error"], label)
        right.set_yticks(_rows(table), [])
    return plain_text(drawn)


def _rows(table: pd.DataFrame) -> list[int]:
    return list(range(len(table)))[::-1]


def _points(ax: Axes, values: pd.Series[float], errors: pd.Series[float], label: str) -> None:
    """Draw a point for each model, and two standard errors to both sides."""
    rows = np.arange(len(values))[::-1]
    ax.axvline(0.0, color=GREY, lw=1.0, ls=":")
    ax.hlines(rows, values - 2 * errors, values + 2 * errors, color=BLUE, lw=2.5, alpha=0.5)
    ax.plot(values, rows, "o", color=BLUE, ms=5)
    ax.set_ylim(-0.6, len(values) - 0.4)
    ax.set_xlabel(label, fontsize=9)
    ax.locator_params(axis="x", nbins=5)  # more run into each other
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
