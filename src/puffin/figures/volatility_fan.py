"""The last of the volatility path, and the fan of what may follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from puffin.figures.canvas import BLUE, INK, ORANGE, TOLD, as_percent, canvas, tell_edges
from puffin.findings.volatility import Volatility
from puffin.posterior.plots import time_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["volatility_fan"]


def volatility_fan(volatility: Volatility) -> Figure | None:
    """Draw what volatility was of late and its forecast; None where there is no forecast."""
    forecast = volatility.forecast
    if forecast is None:
        return None
    with canvas() as (figure, ax):
        rows = volatility.returns.index
        ahead = _labels_ahead(rows, forecast.horizon)
        path = 100.0 * volatility.late
        ax.fill_between(path.index, path["hdi_low"], path["hdi_high"], color=BLUE, alpha=0.3, lw=0)
        ax.plot(path.index, path["mean"], color=BLUE, lw=1.3, gid=f"{TOLD}volatility")
        tell_edges(ax, path.index, path["hdi_low"].to_numpy(), path["hdi_high"].to_numpy())
        levels = 100.0 * forecast.volatility.to_numpy().T
        ax.fill_between(ahead, levels[0], levels[-1], color=ORANGE, alpha=0.18, lw=0)
        ax.fill_between(ahead, levels[1], levels[-2], color=ORANGE, alpha=0.3, lw=0)
        ax.plot(ahead, levels[len(levels) // 2], color=ORANGE, lw=1.3, gid=f"{TOLD}forecast")
        tell_edges(ax, ahead, levels[0], levels[-1])
        if volatility.typical is not None:
            usual = 100.0 * volatility.typical.median
            ax.axhline(usual, color=INK, lw=0.9, ls=(0, (4, 3)))
        top = max(float(path["hdi_high"].max()), float(levels[-1].max()))
        ax.set_ylim(0.0, 1.05 * top)
        ax.yaxis.set_major_formatter(as_percent)
        ax.set_ylabel("volatility")
        time_axis(ax, path.index, "observation")
    return figure


def _labels_ahead(rows: pd.Index[Any], horizon: int) -> pd.Index[Any]:
    """Return labels of the periods to come, as far apart as those of late are on average."""
    late = rows[-min(len(rows), 50) :]
    step = (late[-1] - late[0]) / max(len(late) - 1, 1)
    ahead: pd.Index[Any] = pd.Index([late[-1] + step * (i + 1) for i in range(horizon)])
    return ahead
