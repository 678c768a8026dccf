"""The figure of forecasts through time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from puffin.posterior.plots import BLUE, GREY, ORANGE, panels, plain_text, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["rolling_figure"]

_STYLES = ("-", "--", ":", "-.")


def rolling_figure(
    returned: pd.Series[float], value_at_risk: pd.DataFrame, ax: Axes | None = None
) -> Figure | Axes:
    """Plot the returns that came over minus the value at risk, with the losses beyond it.

    Parameters
    ----------
    returned : Series
    value_at_risk : DataFrame
        On the same index: a column for each level, losses positive.
    """
    drawn, [[ax]] = panels(ax, 9.0, 3.6)
    ax.vlines(returned.index, 0.0, returned, color=GREY, lw=0.8, alpha=0.7)
    ax.plot([], [], color=GREY, lw=2, alpha=0.7, label=str(returned.name or "returns"))
    for place, (level, at_risk) in enumerate(value_at_risk.items()):
        beyond = returned < -at_risk
        ax.plot(
            at_risk.index, -at_risk, color=BLUE, lw=1.2, ls=_STYLES[place % len(_STYLES)],
            label=f"{float(str(level)):.3g} value at risk: {int(beyond.sum())} losses beyond it, "
            f"{float(str(level)) * len(returned):.3g} expected",
        )  # fmt: skip
        ax.plot(returned.index[beyond], returned[beyond], "v", color=ORANGE, ms=4)
    ax.set_ylabel("return")
    ax.margins(x=0.01)
    time_axis(ax, returned.index, "period")
    ax.legend(fontsize=8, frameon=False, loc="best")
    return plain_text(drawn)
