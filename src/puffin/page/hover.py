"""What a figure's lines are worth, for the script that says it under the pointer.

A line with a gid ``told:name`` is read out: the script takes its points from the drawing itself, so
that nothing is in the page twice, and needs only the axes' place and scale.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from puffin.figures.canvas import TOLD

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["name_lines", "scales"]

_POINTS_AN_INCH = 72.0


def name_lines(figure: Figure) -> list[str]:
    """Give the lines that are told ids without a user's text, and return their names in order."""
    told = [
        line for ax in figure.axes for line in ax.lines if (line.get_gid() or "").startswith(TOLD)
    ]
    names = [str(line.get_gid())[len(TOLD) :] for line in told]
    for i, line in enumerate(told):
        line.set_gid(f"line-{i}")
    for ax in figure.axes if told else ():
        ax.xaxis.get_offset_text().set_gid("offset")
    return names


def scales(figure: Figure, names: list[str]) -> str:
    """Return, as JSON, where the axes are in the drawing, and what their ends stand for.

    Called once the figure is drawn: only then labels have the space that they need.
    """
    ax = figure.axes[0]
    width, height = _POINTS_AN_INCH * figure.get_size_inches()
    box = ax.get_position()
    return json.dumps(
        {
            "x": [round(box.x0 * width, 2), round(box.x1 * width, 2), *ax.get_xlim()],
            "y": [
                round((1.0 - box.y0) * height, 2),
                round((1.0 - box.y1) * height, 2),
                *ax.get_ylim(),
            ],
            "log": ax.get_yscale() == "log",
            "percent": ax.yaxis.get_major_formatter()(1.0).endswith("%"),
            "dates": _offset(ax),
            "names": names,
        }
    )


def _offset(ax: Axes) -> float | None:
    """Return the days by which labels of dates are ahead of UTC; None where there are no dates."""
    zone = getattr(ax.xaxis.get_major_locator(), "tz", None)
    if zone is None:
        return None
    middle = pd.Timestamp(sum(ax.get_xlim()) / 2.0, unit="D", tz="UTC")
    ahead = middle.tz_convert(zone).utcoffset()
    return 0.0 if ahead is None else ahead.total_seconds() / 86_400.0
