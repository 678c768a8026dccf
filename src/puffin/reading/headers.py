"""Rows above the data become one name for each column."""

from __future__ import annotations

from collections.abc import Sequence

from puffin.reading.errors import ReadingError

__all__ = ["Name", "header_rows", "joined", "named"]

Name = str | tuple[str, ...]
"""What a column is called: a tuple where the header has several rows."""

_UNITS = frozenset(
    {"%", "in %", "pct", "percent", "usd", "eur", "gbp", "chf", "jpy", "$", "€", "£", "(%)"}
)


def header_rows(above: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Return the rows that name the columns, of those just above the data.

    Usually the last one. Those above it belong to it if the last one names the index alone, as
    pandas writes several levels (Date,,,), if it repeats names, or if it gives units.
    """
    rows = [_padded(row, width) for row in above]
    taken = [rows.pop()]
    if _names_only_the_first(taken[0]) and rows and _is_full(rows[-1]):
        taken.insert(0, rows.pop())
    while rows and _is_full(rows[-1]) and _needs_more(taken):
        taken.insert(0, rows.pop())
    return taken


def _padded(row: Sequence[str], width: int) -> list[str]:
    """Return a row of full width; R writes headers without a name for the first column."""
    if len(row) == width - 1 and all(row):
        return ["", *row]
    return [*row, *[""] * (width - len(row))]


def _names_only_the_first(row: Sequence[str]) -> bool:
    return len(row) > 1 and bool(row[0]) and not any(row[1:])


def _is_full(row: Sequence[str]) -> bool:
    return len(row) > 1 and all(row[1:])


def _needs_more(taken: Sequence[Sequence[str]]) -> bool:
    names = list(zip(*(row[1:] for row in taken), strict=True))
    only_units = all(cell.lower() in _UNITS for cell in taken[0][1:] if cell)
    return len(set(names)) < len(names) or (only_units and any(taken[0][1:]))


def named(
    header: Sequence[Sequence[str]], cells: Sequence[Sequence[str]], name: str
) -> list[Name | None]:
    """Return the name of each column, None for one that is empty and has none.

    Raises
    ------
    ReadingError
        If a column has values and no name, or columns of different values have the same one.
    """
    levels = list(header)
    last = levels[-1]
    if len(levels) > 1 and _names_only_the_first(last):
        first, levels = last[0], levels[:-1]
    else:
        first = next((row[0] for row in reversed(levels) if row[0]), "")
    names: list[Name | None] = [first]
    for place in range(1, len(last)):
        parts = tuple(row[place] for row in levels)
        one: Name = parts[0] if len(parts) == 1 else parts
        empty = not any(row[place] for row in cells)
        if not any(parts):
            if not empty:
                raise ReadingError(f"{name} has no name for column {place + 1}.")
            names.append(None)
        elif one in names:
            earlier = names.index(one)
            if any(row[place] != row[earlier] for row in cells):
                raise ReadingError(f"{name} has more than one column named {joined(one)!r}.")
            names.append(None)
        else:
            names.append(one)
    return names


def joined(name: Name) -> str:
    """Return a name in one piece."""
    return name if isinstance(name, str) else " ".join(part for part in name if part)
