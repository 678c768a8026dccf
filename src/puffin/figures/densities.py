"""Posterior densities: of one Sharpe ratio, and of several differences under each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from puffin.arrays import Array
from puffin.figures.canvas import (
    BLUE,
    FAINT,
    GREY,
    INK,
    ORANGE,
    canvas,
    canvas_for_rows,
    density_curve,
    shortened,
)
from puffin.findings.quantity import SignedQuantity
from puffin.showing.numbers import probability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ridges", "sharpe_density"]


def sharpe_density(draws: Array, sharpe: Mapping[str, Any]) -> Figure:
    """Draw a Sharpe ratio's density, interval and mean.

    What lies below zero is orange, what lies above is blue: the areas are the probabilities.
    """
    with canvas() as (figure, ax):
        grid, density = density_curve(draws)
        top = float(density.max())
        _two_sided(ax, grid, density, 0.0)
        low, high, bar = sharpe["hdi_low"], sharpe["hdi_high"], -0.09 * top
        ax.hlines(bar, low, high, color=INK, lw=2.5)
        ax.plot([sharpe["mean"]], [bar], "o", color=INK, ms=5.5)
        ax.set_ylim(-0.2 * top, 1.08 * top)
        margin = 0.08 * float(grid[-1] - grid[0])
        ax.set_xlim(float(grid[0]) - margin, float(grid[-1]) + margin)
        _no_vertical_axis(ax)
        ax.set_xlabel("annual Sharpe ratio")
    return figure


def ridges(rows: Mapping[str, SignedQuantity], label: str) -> Figure:
    """Draw a density a row: what lies above zero is blue, what lies below is orange.

    The probability of being above zero stands at the right.
    """
    with canvas_for_rows(0.75 + 0.42 * len(rows)) as (figure, ax):
        curves = {name: density_curve(row.draws) for name, row in rows.items()}
        left = min(0.0, *(float(grid[0]) for grid, _ in curves.values()))
        right = max(0.0, *(float(grid[-1]) for grid, _ in curves.values()))
        for i, (name, (grid, density)) in enumerate(curves.items()):
            base = float(len(rows) - 1 - i)
            ax.axhline(base, color=FAINT, lw=0.8, zorder=0)
            _two_sided(ax, grid, 0.86 * density / density.max(), base)
            ax.text(
                1.02,
                base + 0.2,
                probability(rows[name].prob_positive),
                transform=ax.get_yaxis_transform(),
                va="center",
            )
        ax.axvline(0.0, color=GREY, lw=1.0)
        ax.set_yticks([len(rows) - 0.8 - i for i in range(len(rows))], map(shortened, rows))
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.set_ylim(-0.15, len(rows))
        ax.set_xlim(left, right)
        ax.set_xlabel(label)
    return figure


def _two_sided(ax: Axes, grid: Array, density: Array, base: float) -> None:
    """Fill a curve over `base` in orange below zero and in blue above."""
    if grid[0] < 0.0 < grid[-1]:
        place = int(np.searchsorted(grid, 0.0))
        density = np.insert(density, place, np.interp(0.0, grid, density))
        grid = np.insert(grid, place, 0.0)
    for colour, side in ((ORANGE, grid <= 0.0), (BLUE, grid >= 0.0)):
        if side.any():
            ax.fill_between(grid[side], base, base + density[side], color=colour, alpha=0.35, lw=0)
            ax.plot(grid[side], base + density[side], color=colour, lw=1.5)


def _no_vertical_axis(ax: Axes) -> None:
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
