"""Figures of correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.posterior.plots import panels, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["correlation_figure"]

_MOST_LABELS, _MOST_NUMBERS = 40, 12


def correlation_figure(table: pd.DataFrame, title: str, ax: Axes | None = None) -> Figure | Axes:
    """Plot a matrix of correlations, with numbers where there are few."""
    size = len(table)
    width = float(np.clip(0.45 * size, 4.0, 9.0))
    drawn, [[ax]] = panels(ax, width + 1.0, width)
    image = ax.imshow(table.to_numpy(), cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    every = max(1, -(-size // _MOST_LABELS))
    places = list(range(0, size, every))
    names = [str(table.columns[place]) for place in places]
    ax.set_xticks(places, names, rotation=90, fontsize=8)
    ax.set_yticks(places, names, fontsize=8)
    if size <= _MOST_NUMBERS:
        for (row, column), value in np.ndenumerate(table.to_numpy()):
            colour = "white" if abs(value) > 0.7 else "black"
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=7, color=colour)
    ax.figure.colorbar(image, ax=ax, label="correlation", shrink=0.8)
    ax.set_title(title, fontsize=10, loc="left")
    return plain_text(drawn)
