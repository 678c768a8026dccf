"""The figure of value at risk and expected shortfall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.posterior.plots import BLUE, ORANGE, panels, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["tail_figure"]

_ERRORS = 2.0


def tail_figure(table: pd.DataFrame, title: str, ax: Axes | None = None) -> Figure | Axes:
    """Plot both losses of each level, with two Monte Carlo standard errors.

    Parameters
    ----------
    table : DataFrame
        Of a `TailRisk`.
    """
    drawn, [[ax]] = panels(ax, 5.5, 1.3 + 0.5 * len(table))
    rows = np.arange(len(table))[::-1]
    for column, colour, label, shift in (
        ("value_at_risk", BLUE, "value at risk", 0.12),
        ("expected_shortfall", ORANGE, "expected shortfall", -0.12),
    ):
        if column in table:
            error = _ERRORS * table[f"{column}_error"]
            ax.errorbar(
                100.0 * table[column], rows + shift, xerr=100.0 * error,
                fmt="o", color=colour, ms=5, capsize=3, label=label,
            )  # fmt: skip
    ax.set_yticks(rows, [f"{100.0 * float(level):g}%" for level in table.index])
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xlim(left=min(0.0, ax.get_xlim()[0]))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}%")
    ax.set_ylabel("probability")
    ax.set_xlabel("loss")
    ax.set_title(title, fontsize=10, loc="left")
    ax.legend(fontsize=8, frameon=False, loc="best")
    return plain_text(drawn)
