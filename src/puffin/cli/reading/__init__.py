"""From the file on the command line, read once, to its returns and its prices."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from puffin.cli.reading.columns import Columns, prices_of, returns_of
from puffin.cli.reading.dates import split_off_dates
from puffin.cli.reading.files import read_frame

__all__ = ["Columns", "prices_of", "read_table", "returns_of"]


def read_table(file: Path, date_column: str | None) -> pd.DataFrame:
    """Return the columns in a file, or on standard input, in order of time."""
    return split_off_dates(read_frame(file), date_column)
