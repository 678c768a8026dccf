"""Returns of several series over the regimes that they were in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from puffin.figures.canvas import report_style
from puffin.findings.regimes import Regimes
from puffin.posterior.plots import new_figure, plain_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["regime_paths"]

_WIDE, _HIGH = 8.0, 2.6


def regime_paths(found: Mapping[str, Regimes]) -> Figure:
    """Draw the returns of each, shaded by the most probable regime, one below the other."""
    figure: Figure
    with report_style():
        figure, axes = new_figure(_WIDE, _HIGH * len(found), rows=len(found))
        for ax, one in zip(axes[:, 0], found.values(), strict=True):
            one.model.plot_regimes(ax=ax)
    return plain_text(figure)
