"""A figure that a notebook shows. It needs Matplotlib, and is imported when something is drawn."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

__all__ = ["NotebookFigure"]


class NotebookFigure(Figure):
    """A figure as pyplot's, but of no window.

    Jupyter learns how to show figures from pyplot. One that is made without has to say it itself,
    or a person who never imported pyplot sees "<Figure size 900x360 with 1 Axes>".
    """

    def _repr_png_(self) -> bytes:
        """Return the picture."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()
