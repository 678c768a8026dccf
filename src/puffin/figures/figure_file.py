"""A figure as a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from puffin.extras import require
from puffin.saving import reserved

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["reserved_figure"]

_DOTS_PER_INCH = 150


@contextmanager
def reserved_figure(
    path: Path | None, also: Sequence[str] = ()
) -> Iterator[Callable[[Callable[[], Figure]], None]]:
    """Give a function that draws what it is handed to `path`, after a check that this is possible.

    Without a path nothing is drawn. `also` are suffixes that whoever calls takes, for the message.

    Raises
    ------
    ImportError
        Without matplotlib.
    ValueError
        If the name does not end in that of a format that matplotlib writes.
    OSError
        At once, if nothing can be written there.
    """
    if path is None:
        yield lambda _: None
        return
    known = require("matplotlib.figure", "report", "A figure").Figure().canvas
    kinds = known.get_supported_filetypes()
    kind = path.suffix.lower().removeprefix(".")
    if kind not in kinds:
        listed = ", ".join(sorted([*(f".{name}" for name in kinds), *also]))
        raise ValueError(f"{path} must end in the name of a format: {listed}.")
    with reserved(path) as write:

        def draw(make: Callable[[], Figure]) -> None:
            content = io.BytesIO()
            make().savefig(content, format=kind, dpi=_DOTS_PER_INCH)
            write(content.getvalue())

        yield draw
