"""Figures of regimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.posterior.plots import BLUE, GREY, panels, plain_text, time_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["forecast_figure", "probabilities_figure", "regimes_figure", "with_the_next"]

_CALM, _WILD = np.array([0.74, 0.85, 0.93]), np.array([0.82, 0.40, 0.16])
"""The first regime's colour, and the last one's."""

_INK = "#222222"


def _colours(count: int) -> list[Any]:
    places = np.linspace(0.0, 1.0, count) if count > 1 else np.zeros(1)
    return [tuple(_CALM + place * (_WILD - _CALM)) for place in places]


def _names(count: int) -> list[str]:
    names = [f"regime {number}" for number in range(1, count + 1)]
    if count > 1:
        names[0], names[-1] = f"{names[0]} (calmest)", f"{names[-1]} (wildest)"
    return names


def with_the_next(time: pd.Index[Any]) -> pd.Index[Any]:
    """Return times and the one after the last, as far from it as most are from each other."""
    step = time.to_series().diff().median()
    return time.append(pd.Index([time[-1] + step]))


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
    ends = with_the_next(time).repeat(2)[1:-1]
    count = probabilities.shape[1]
    for number, (colour, name) in enumerate(zip(_colours(count), _names(count), strict=True)):
        ax.fill_between(
            ends, 0.0, 1.0, where=list((most == number).repeat(2)), color=colour, alpha=0.55,
            lw=0, transform=ax.get_xaxis_transform(), label=name,
        )  # fmt: skip
    ax.plot(time, values.to_numpy(), color=_INK, lw=0.7)
    ax.margins(x=0.01)
    ax.set_ylabel(label)
    time_axis(ax, time, "period")
    ax.set_title(title, fontsize=10, loc="left")
    _legend(ax, "upper left", count)
    return plain_text(drawn)


def probabilities_figure(probabilities: pd.DataFrame, title: str, ax: Axes | None) -> Figure | Axes:
    """Plot the probabilities of all regimes, one on the other."""
    drawn, [[ax]] = panels(ax, 9.0, 2.8)
    _stack(ax, probabilities.index, probabilities.to_numpy())
    ax.set_ylabel("probability")
    time_axis(ax, probabilities.index, "period")
    ax.set_title(title, fontsize=10, loc="left")
    _legend(ax, "upper left", probabilities.shape[1])
    return plain_text(drawn)


def forecast_figure(regimes: pd.DataFrame, returns: pd.DataFrame, ax: Axes | None) -> Figure | Axes:
    """Plot the probabilities of regimes, and below them quantiles of returns, period by period."""
    drawn, axes = panels(ax, 7.0, 5.0, rows=2)
    above, below = axes[:, 0]
    below.sharex(above)
    _stack(above, regimes.index, regimes.to_numpy())
    _legend(above, "best")
    above.set_ylabel("probability")
    above.set_title("Regime of each period ahead", fontsize=10, loc="left")
    levels = sorted(float(level) for level in returns.columns)
    bands = [(low, high) for low, high in zip(levels, reversed(levels), strict=True) if low < high]
    for place, (low, high) in enumerate(bands, 1):
        below.fill_between(
            returns.index, returns[low], returns[high], color=_paler(place / (len(bands) + 1)),
            lw=0, label=f"{100 * low:.3g}% to {100 * high:.3g}% quantile",
        )  # fmt: skip
    below.axhline(0.0, color=GREY, lw=0.9, ls=":")
    below.margins(x=0.0)
    below.set_ylabel("return")
    below.set_title("Return of each period ahead", fontsize=10, loc="left")
    below.set_xlabel("periods ahead")
    _legend(below, "best")
    return plain_text(drawn)


def _paler(share: float) -> Any:
    """Return a mixture of white and this share of blue."""
    blue = np.array([int(BLUE[at : at + 2], 16) / 255.0 for at in (1, 3, 5)])
    return tuple(1.0 - share * (1.0 - blue))


def _stack(ax: Axes, time: Any, probabilities: Array) -> None:
    count = probabilities.shape[1]
    ax.stackplot(
        time, probabilities.T, colors=_colours(count), labels=_names(count), alpha=0.85, lw=0
    )
    ax.set_ylim(0.0, 1.0)
    ax.margins(x=0.0)


def _legend(ax: Axes, place: Literal["best", "upper left"], columns: int = 1) -> None:
    """Name the colours on a white ground: one that shows through would change them."""
    ax.legend(
        fontsize=8, loc=place, ncols=columns, frameon=True, framealpha=1.0, facecolor="white",
        edgecolor=GREY, labelcolor=_INK,
    )  # fmt: skip
