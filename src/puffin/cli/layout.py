"""What every table in a terminal, 80 columns or more wide, is made of."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["number_table", "print_lines", "print_titled", "shown_name", "stdout_console", "tick"]

_LONGEST_NAME, _SHORTEST_NAME = 40, 12


def stdout_console() -> Console:
    """Return a console on standard output: no colours unless a terminal is there."""
    return Console(file=sys.stdout, highlight=False)


def print_titled(console: Console, title: str, table: Table) -> None:
    """Print a table under its title."""
    console.print(Text(title, style="bold"))
    console.print(table)


def print_lines(console: Console, lines: list[str]) -> None:
    """Print notes under a table."""
    for line in lines:
        console.print(Text(line))


def tick(console: Console) -> str:
    """Return the mark of what is fine."""
    return "✓" if console.encoding.startswith("utf") else "ok"


def shown_name(console: Console, name: str, numbers: int) -> Text:
    """Return a name that leaves the numbers beside it their room: so many columns."""
    text = Text("".join(c if c.isprintable() else "�" for c in name))
    text.truncate(
        min(_LONGEST_NAME, max(_SHORTEST_NAME, console.width - numbers)), overflow="ellipsis"
    )
    return text


def number_table(*headings: str | Text, gap: int = 2) -> Table:
    """Return a table of numbers, but for the column headed "strategy", `gap` apart."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, gap - 1), pad_edge=False)
    for heading in headings:
        is_name = str(heading).strip() == "strategy"
        table.add_column(heading, justify="left" if is_name else "right", no_wrap=True)
    return table
