"""What every table in a terminal is made of; a narrow one has it in pieces, no number cut short."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from puffin.showing.printable import printable

__all__ = [
    "bold",
    "fact_table",
    "number_table",
    "print_lines",
    "print_titled",
    "print_unwrapped",
    "shown_name",
    "stdout_console",
    "tick",
]

_LONGEST_NAME, _SHORTEST_NAME = 40, 12
_NARROWEST = 40
_AMPLE = 10_000


def stdout_console() -> Console:
    """Return a console on standard output: no colours unless a terminal is there.

    One that is narrower than a name beside a number breaks its lines; numbers are not cut short.
    """
    console = Console(file=sys.stdout, highlight=False)
    console.width = max(console.width, _NARROWEST)
    return console


def print_titled(console: Console, title: str, table: Table) -> None:
    """Print a table under its title; in pieces, if all of it is too wide, each with the names."""
    console.print(bold(printable(title)))
    for piece in _fitting(console, table):
        console.print(piece)


def _fitting(console: Console, table: Table) -> list[Table]:
    """Return the table; with less space between columns, or in pieces, where it is too wide."""
    if not table.show_header or _fits(console, table):
        return [table]
    table.padding = 0
    if _fits(console, table):
        return [table]
    names = 1 + next((place for place, one in enumerate(table.columns) if one.justify == "left"), 0)
    kept, rest = table.columns[:names], table.columns[names:]
    pieces = [[rest[0]]]
    for column in rest[1:]:
        if _fits(console, _of_columns(table, [*kept, *pieces[-1], column])):
            pieces[-1].append(column)
        else:
            pieces.append([column])
    return [_of_columns(table, [*kept, *piece]) for piece in pieces]


def _fits(console: Console, table: Table) -> bool:
    """Whether a table fits once what may be broken into lines is, between words."""
    options, spared = console.options.update(width=_AMPLE), 0
    for column in table.columns:
        if not column.no_wrap:
            cells = [column.header, *column.cells]
            sizes = [console.measure(cell, options=options) for cell in cells]
            spared += max(one.maximum for one in sizes) - max(one.minimum for one in sizes)
    return console.measure(table, options=options).maximum - spared <= console.width


def _of_columns(table: Table, columns: list[Column]) -> Table:
    """Return a table of some of the columns of another."""
    some = Table(box=table.box, padding=table.padding, pad_edge=table.pad_edge)
    for one in columns:
        some.add_column(one.header, justify=one.justify, no_wrap=one.no_wrap)
    for row in zip(*(one.cells for one in columns), strict=True):
        some.add_row(*row)
    return some


def print_lines(console: Console, lines: Iterable[str]) -> None:
    """Print notes under a table."""
    for line in lines:
        console.print(Text(printable(line)))


def print_unwrapped(console: Console, line: str) -> None:
    """Print a line that must stay one line, such as a path to copy."""
    console.print(Text(printable(line)), soft_wrap=True)


def bold(text: str) -> Text:
    """Return text that a reader should see first."""
    return Text(text, style="bold")


def tick(console: Console) -> str:
    """Return the mark of draws that can be relied on."""
    return "✓" if console.encoding.startswith("utf") else "ok"


def shown_name(console: Console, name: str, numbers: int) -> Text:
    """Return a name cut so that the numbers beside it, so many characters wide, have space.

    Letters that the terminal's encoding lacks are escaped, as in JSON.
    """
    text = Text(_told_apart(printable(name), console.encoding))
    text.truncate(
        min(_LONGEST_NAME, max(_SHORTEST_NAME, console.width - numbers)), overflow="ellipsis"
    )
    return text


def _told_apart(text: str, encoding: str) -> str:
    """Return text with what an encoding lacks written as in JSON, so that names stay different."""
    return text.encode(encoding, "backslashreplace").decode(encoding)


def number_table(*headings: str | Text, gap: int = 2, names: str = "strategy") -> Table:
    """Return a table of numbers, `gap` apart, but for the column whose heading is `names`.

    Names are broken into lines where the numbers leave them too little space.
    """
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, gap - 1), pad_edge=False)
    for heading in headings:
        is_name = str(heading).strip() == names
        table.add_column(heading, justify="left" if is_name else "right", no_wrap=not is_name)
    return table


def fact_table(rows: Iterable[tuple[str, str, str]]) -> Table:
    """Return a table of what each number is of, the number, and its interval or a remark."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table
