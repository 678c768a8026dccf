"""From the file named on the command line to returns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from puffin.cli.columns import Columns, returns_of
from puffin.cli.dates import split_off_dates
from puffin.cli.files import read_frame

__all__ = ["read_returns"]


def read_returns(
    file: Path,
    *,
    date_column: str | None,
    chosen: Sequence[str] | None,
    prices: bool,
    benchmark: str | None = None,
) -> Columns:
    """Return the returns in a file."""
    frame = split_off_dates(read_frame(file), date_column)
    needed = () if benchmark is None else (benchmark,)
    return returns_of(frame, chosen=chosen or (), needed=needed, prices=prices)
