"""One result for each column, with a progress bar, and a file where one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from puffin.cli.failures import BadInputError
from puffin.cli.output_file import Rows, reserved_output
from puffin.cli.progress import Bar, progress_bar
from puffin.cli.reading import Columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["find_in_each"]

Found = TypeVar("Found")


def find_in_each(
    columns: Columns,
    find: Callable[[Bar], tuple[dict[str, Found], dict[str, str]]],
    out: Path | None,
    rows: Callable[[dict[str, Found]], Rows],
    figure: Callable[[dict[str, Found]], Figure] | None = None,
) -> tuple[dict[str, Found], dict[str, str]]:
    """Return what is found in the columns, by name, and why nothing is in some.

    Parameters
    ----------
    columns : Columns
    find : callable
        From a progress bar to what is found, and why nothing is in some of the columns.
    out : Path or None
        Where to write it; that this is possible is found out first.
    rows, figure : callable
        From what is found to the rows of a table and, of some commands, to a figure.

    Raises
    ------
    BadInputError
        If nothing is found.
    """
    with reserved_output(out, rows, figure) as write:
        with progress_bar() as bar:
            found, failed = find(bar)
        rejected = {**columns.rejected, **failed}
        if not found:
            raise BadInputError(" ".join(rejected.values()))
        write(found)
    return found, rejected
