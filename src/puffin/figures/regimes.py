"""Returns or growth of series over the regimes that they were in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.figures.canvas import BLUE, ORANGE, report_style
from puffin.figures.growth import growth_curves
from puffin.findings.regimes import Regimes
from puffin.models.regimes.plots import with_the_next
from puffin.posterior.plots import new_figure, plain_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["regime_growth", "regime_paths"]

_WIDE, _HIGH = 8.0, 2.6
_SHADES = ((BLUE, 0.1), (ORANGE, 0.25))


def regime_paths(found: Mapping[str, Regimes]) -> Figure:
    """Draw the returns of each, shaded by the most probable regime, one below the other."""
    figure: Figure
    with report_style():
        figure, axes = new_figure(_WIDE, _HIGH * len(found), rows=len(found))
        for ax, one in zip(axes[:, 0], found.values(), strict=True):
            one.model.plot_regimes(ax=ax)
    return plain_text(figure)


def regime_growth(wealth: pd.Series[float], one: Regimes) -> Figure:
    """Draw what 1 became, over the more probable of two regimes given all returns.

    Parameters
    ----------
    wealth : Series
        On the index of the returns that have the regimes.
    """
    figure = growth_curves({str(wealth.name): wealth})
    likely = one.model.regime_probabilities("smoothed").to_numpy().argmax(axis=1)
    changes = np.flatnonzero(np.diff(likely, prepend=-1, append=-1))
    times = with_the_next(wealth.index)[changes]
    for begin, end, regime in zip(times[:-1], times[1:], likely[changes[:-1]], strict=True):
        colour, alpha = _SHADES[regime]
        figure.axes[0].axvspan(begin, end, color=colour, alpha=alpha, lw=0)
    return figure
