"""What --out writes: the table of a command, or its figure, by what the file's name ends in."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from puffin.cli.failures import BadInputError
from puffin.cli.json_output import plain_values
from puffin.cli.layout import print_unwrapped
from puffin.extras import require
from puffin.figures.figure_file import reserved_figure
from puffin.saving import reserved

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console

__all__ = ["Rows", "drawn_to", "is_table", "print_where", "reserved_output"]

Rows: TypeAlias = Sequence[Mapping[str, Any]]
"""A mapping for each row; what is nested in it becomes columns, their names joined by _."""

Found = TypeVar("Found")

_CSV, _PARQUET = ".csv", ".parquet"


@contextmanager
def reserved_output(
    path: Path | None,
    rows: Callable[[Found], Rows],
    figure: Callable[[Found], Figure] | None = None,
) -> Iterator[Callable[[Found], None]]:
    """Give a function that writes what was found to `path`, after a check that this is possible.

    Without a path nothing is written. Numbers are those of --json, in full precision; what is null
    there is empty.

    Parameters
    ----------
    rows : callable
        From what was found to the rows of a table.
    figure : callable, optional
        From what was found to a figure, of commands that draw one.

    Raises
    ------
    BadInputError, ValueError
        If the name does not end in that of a format.
    ImportError
        Without pyarrow, for Parquet; without matplotlib, for a figure.
    OSError
        At once, if nothing can be written there; later, if the disk is full.
    """
    if path is None:
        yield lambda _: None
    elif is_table(path):
        if path.suffix.lower() == _PARQUET:
            require("pyarrow", "parquet", "Writing Parquet")
        content = {_CSV: _csv, _PARQUET: _parquet}[path.suffix.lower()]
        with reserved(path) as write:
            yield lambda found: write(content([_flat(row) for row in rows(found)]))
    elif figure is None:
        raise BadInputError(f"--out {path} must end in {_CSV} or {_PARQUET}.")
    else:
        with reserved_figure(path, also=(_CSV, _PARQUET)) as draw:
            yield lambda found: draw(lambda: figure(found))


def is_table(path: Path) -> bool:
    """Whether a file of this name is to hold the table."""
    return path.suffix.lower() in (_CSV, _PARQUET)


def drawn_to(path: Path | None) -> str | None:
    """Return where the figure is, as text; None where there is none."""
    return None if path is None or is_table(path) else str(path)


def print_where(console: Console, path: Path | None) -> None:
    """Print where the table or the figure is."""
    if path is not None:
        print_unwrapped(console, f"The {'table' if is_table(path) else 'figure'} is in {path}")


def _flat(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in plain_values(row).items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{before}{name}_")
        else:
            flat[f"{before}{name}"] = value
    return flat


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, _names(rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    arrow, parquet = (importlib.import_module(name) for name in ("pyarrow", "pyarrow.parquet"))
    content = io.BytesIO()
    columns = {name: [row.get(name) for row in rows] for name in _names(rows)}
    parquet.write_table(arrow.table(columns), content)
    return content.getvalue()
