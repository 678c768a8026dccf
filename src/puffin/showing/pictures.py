"""Small pictures of draws and of paths, as SVG that needs no style sheet around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from puffin.arrays import Array
from puffin.showing.printable import printable

__all__ = ["Density", "Sparkline", "common_span"]

_BLUE = "#3f86c9"
"""A blue that stands out from white and from black."""
_MOST_BINS, _MOST_POINTS = 48, 240
_OUTSIDE = 0.002


@dataclass(frozen=True)
class Density:
    """The density of draws, with its interval darker, its mean, and zero if it is near.

    Attributes
    ----------
    draws : ndarray of shape (n_draws,)
    low, high : float
        The interval.
    label : str
        What it shows, for those who cannot see it.
    span : tuple of float, optional
        The ends of the axis, where several densities share one.
    width, height : int
        In pixels.
    """

    draws: Array
    low: float
    high: float
    label: str
    span: tuple[float, float] | None = None
    width: int = 260
    height: int = 48

    def svg(self) -> str:
        """Return a histogram with bins so narrow that it looks like a density."""
        draws = self.draws[np.isfinite(self.draws)]
        left, right = self.span or common_span([draws])
        if draws.size == 0 or not right > left:
            return _svg("", self.label, self.width, self.height)
        bins = int(np.clip(np.sqrt(draws.size), 8, _MOST_BINS))
        counts, edges = np.histogram(draws, bins, range=(left, right))
        x = (edges - left) / (right - left) * self.width
        y = self.height - 2.0 - counts / max(counts.max(), 1) * (self.height - 6.0)
        middle = 0.5 * (edges[1:] + edges[:-1])
        inside = (middle >= self.low) & (middle <= self.high)
        parts = [_area(x, y, self.height, 0.3)]
        if inside.any():
            first, last = np.flatnonzero(inside)[[0, -1]]
            parts.append(_area(x[first : last + 2], y[first : last + 1], self.height, 0.6))
        for value, style in ((0.0, 'stroke-dasharray="2 2"'), (float(draws.mean()), "")):
            if left < value < right:
                at = (value - left) / (right - left) * self.width
                parts.append(
                    f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{self.height}" '
                    f'stroke="currentColor" stroke-width="1" {style}/>'
                )
        return _svg("".join(parts), self.label, self.width, self.height)


@dataclass(frozen=True)
class Sparkline:
    """A path through time.

    Attributes
    ----------
    values : ndarray of shape (n_times,)
        NaN where there is none.
    label : str
        What it shows, for those who cannot see it.
    width, height : int
        In pixels.
    """

    values: Array
    label: str
    width: int = 260
    height: int = 48

    def svg(self) -> str:
        """Return a line through no more points than there are pixels."""
        values = np.asarray(self.values, dtype=float)
        every = max(1, -(-values.size // _MOST_POINTS))
        rows = np.unique(np.append(np.arange(0, values.size, every), max(values.size - 1, 0)))
        rows = rows[np.isfinite(values[rows])] if values.size else rows[:0]
        if rows.size < 2:
            return _svg("", self.label, self.width, self.height)
        shown = values[rows]
        size = float(np.ptp(shown)) or 1.0
        x = rows / (values.size - 1) * (self.width - 4.0) + 2.0
        y = self.height - 3.0 - (shown - shown.min()) / size * (self.height - 6.0)
        line = (
            f'<polyline points="{_points(x, y)}" fill="none" stroke="{_BLUE}" stroke-width="1.5"/>'
        )
        return _svg(line, self.label, self.width, self.height)


def common_span(several: Sequence[Array]) -> tuple[float, float]:
    """Return the ends of an axis for several variables' draws, without the last few in the tails.

    Zero for both ends where there are no draws.
    """
    ends = [
        np.quantile(draws, (_OUTSIDE, 1.0 - _OUTSIDE))
        for draws in (draws[np.isfinite(draws)] for draws in several)
        if draws.size
    ]
    if not ends:
        return 0.0, 0.0
    return float(min(low for low, _ in ends)), float(max(high for _, high in ends))


def _area(x: Array, y: Array, height: int, opacity: float) -> str:
    """Return the area under steps: y of each bin, x of the edges."""
    across = np.concatenate([x[:1], np.repeat(x[1:-1], 2), x[-1:]])
    along_x = np.concatenate([x[:1], across, x[-1:]])
    along_y = np.concatenate([[height - 2.0], np.repeat(y, 2), [height - 2.0]])
    points = _points(along_x, along_y)
    return f'<polygon points="{points}" fill="{_BLUE}" fill-opacity="{opacity}"/>'


def _points(x: Array, y: Array) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))


def _svg(content: str, label: str, width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(printable(label))}" '
        f'style="vertical-align: middle">{content}</svg>'
    )
