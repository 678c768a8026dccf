"""The figure of how soon a spread returns to its mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from puffin.posterior.plots import BLUE, panels, plain_text
from puffin.showing.numbers import probability, significant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from puffin.models.pairs.mean_reversion import MeanReversion

__all__ = ["reversion_figure"]


def reversion_figure(found: MeanReversion, ax: Axes | None = None) -> Figure | Axes:
    """Plot the density of the half-life on a log scale, and say how likely there is one."""
    from arviz_stats.base import array_stats
    from matplotlib.ticker import LogLocator, NullLocator

    drawn, [[ax]] = panels(ax, 6.0, 3.4)
    grid, density, _ = array_stats.kde(np.log10(found.draws))
    half_life = 10.0**grid
    inside = (half_life >= found.hdi_low) & (half_life <= found.hdi_high)
    ax.plot(half_life, density, color=BLUE, lw=1.8)
    level = f"{found.hdi_prob:.0%} HDI"
    bounds = f"{significant(found.hdi_low)} to {significant(found.hdi_high)}"
    ax.fill_between(half_life[inside], density[inside], color=BLUE, alpha=0.2, lw=0,
                    label=f"{level} {bounds}")  # fmt: skip
    ax.axvline(found.half_life, color=BLUE, lw=1.2, label=f"median {significant(found.half_life)}")
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_ylim(0.0, 1.35 * float(density.max()))
    ax.set_xlabel("periods in which a deviation halves, if the spread returns to a mean")
    chance = probability(found.prob_mean_reverting)
    ax.set_title(f"It returns to a mean with {chance} probability", fontsize=10, loc="left")
    ax.legend(fontsize=7.5, frameon=False, loc="upper right")
    return plain_text(drawn)
