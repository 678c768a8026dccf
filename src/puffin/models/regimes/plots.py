"""Figures of regimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.posterior.plots import BLUE, GREY, panels, plain_text, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["forecast_figure", "probabilities_figure", "regimes_figure"]

_CALM, _WILD = np.array([0.74, 0.85, 0.93]), np.array([0.82, 0.40, 0.16])
"""The first regime's colour, and the last one's."""


def _colours(count: int) -> list[Any]:
    places = np.linspace(0.0, 1.0, count) if count > 1 else np.zeros(1)
    return [tuple(_CALM + place * (_WILD - _CALM)) for place in places]


def regimes_figure(
    values: pd.Series[float], probabilities: pd.DataFrame, label: str, title: str, ax: Axes | None
) -> Figure | Axes:
    """Plot returns or prices over a background that is shaded by the most probable regime.

    Parameters
    ----------
    values : Series
        On the index of the probabilities.
    probabilities : DataFrame
        A column for each regime.
    label : str
        What the values are.
    """
    drawn, [[ax]] = panels(ax, 9.0, 3.6)
    most = np.asarray(probabilities).argmax(axis=1)
    time = probabilities.index
    for number, colour in zip(probabilities.columns, _colours(probabilities.shape[1]), strict=True):
        inside = most == list(probabilities.columns).index(number)
        ax.fill_between(
            time, 0.0, 1.0, where=inside, step="post", color=colour, alpha=0.55, lw=0,
            transform=ax.get_xaxis_transform(), label=f"regime {number}",
        )  # fmt: skip
    ax.plot(time, values.to_numpy(), color="#222222", lw=0.7)
    ax.margins(x=0.01)
    ax.set_ylabel(label)
    time_axis(ax, time, "period")
    ax.set_title(title, fontsize=10, loc="left")
    ax.legend(fontsize=8, frameon=False, loc="upper left", ncols=probabilities.shape[1])
    return plain_text(drawn)


def probabilities_figure(probabilities: pd.DataFrame, title: str, ax: Axes | None) -> Figure | Axes:
    """Plot the probabilities of all regimes, one on the other."""
    drawn, [[ax]] = panels(ax, 9.0, 2.8)
    columns = [f"regime {one}" for one in probabilities.columns]
    _stack(ax, probabilities.index, probabilities.to_numpy(), columns)
    time_axis(ax, probabilities.index, "period")
    ax.set_title(title, fontsize=10, loc="left")
    ax.legend(fontsize=8, frameon=True, loc="upper left", ncols=len(columns))
    return plain_text(drawn)


def forecast_figure(regimes: pd.DataFrame, returns: pd.DataFrame, ax: Axes | None) -> Figure | Axes:
    """Plot the probabilities of regimes, and below them quantiles of returns, period by period."""
    drawn, axes = panels(ax, 7.0, 5.0, rows=2)
    _stack(
        axes[0, 0], regimes.index, regimes.to_numpy(), [f"regime {one}" for one in regimes.columns]
    )
    axes[0, 0].legend(fontsize=8, frameon=True, loc="best")
    axes[0, 0].set_title("probability of each regime", fontsize=10, loc="left")
    levels = sorted(float(level) for level in returns.columns)
    for low, high in zip(levels, reversed(levels), strict=True):
        if low < high:
            label = f"{100 * low:.3g}% to {100 * high:.3g}% quantile"
            axes[1, 0].fill_between(
                returns.index, returns[low], returns[high], color=BLUE, alpha=0.2, lw=0, label=label
            )
    axes[1, 0].axhline(0.0, color=GREY, lw=0.9, ls=":")
    axes[1, 0].set_title("return of a period, in the returns' unit", fontsize=10, loc="left")
    axes[1, 0].set_xlabel("periods ahead")
    axes[1, 0].legend(fontsize=8, frameon=False, loc="best")
    return plain_text(drawn)


def _stack(ax: Axes, time: Any, probabilities: Array, labels: list[str]) -> None:
    colours = _colours(len(labels))
    ax.stackplot(time, probabilities.T, colors=colours, labels=labels, alpha=0.85, lw=0)
    ax.set_ylim(0.0, 1.0)
    ax.margins(x=0.0)
