"""Rows above the data become one name for each column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from puffin.reading.errors import ReadingError
from puffin.reading.numerals import looks_like_number
from puffin.reading.rules import SURE_DATE_NAMES

__all__ = ["Name", "header_rows", "joined", "letters", "named"]

Name = str | tuple[str, ...]
"""What a column is called: a tuple where the header has several rows."""

_UNITS = frozenset(
    {"%", "in %", "pct", "percent", "usd", "eur", "gbp", "chf", "jpy", "$", "€", "£", "(%)"}
)


def header_rows(
    above: Sequence[Sequence[str]], width: int, *, ends_empty: bool = False
) -> list[list[str]]:
    """Return the rows that name the columns, of those just above the data.

    Usually the last one. Those above it belong to it if the last one names the index alone, as
    pandas writes several levels (Date,,,), if it repeats names, or if it gives units. A name above
    several columns, as merged cells are written (Equity,,Bonds,), is that of each.

    Parameters
    ----------
    above : sequence of rows
    width : int
        Cells of a row of data.
    ends_empty : bool
        Whether the last cell of all rows of data is empty: a separator at the end of each line.
    """
    rows = [_padded(row, width, ends_empty) for row in above]
    taken = [rows.pop()]
    if _names_only_the_first(taken[0]) and rows and _is_full(rows[-1]):
        taken.insert(0, rows.pop())
    while rows and _needs_more(taken) and _is_full(_spread(rows[-1])):
        taken.insert(0, _spread(rows.pop()))
    return taken


def _padded(row: Sequence[str], width: int, ends_empty: bool) -> list[str]:
    """Return a row of full width; R writes headers without a name for the first column."""
    bare = [row[0].lstrip("# "), *row[1:]] if row else []
    dated = bool(bare) and letters(bare[0]).startswith(SURE_DATE_NAMES)
    if len(bare) == width - 1 and all(bare) and not ends_empty and not dated:
        return ["", *bare]
    return [*bare, *[""] * (width - len(bare))]


def _spread(row: Sequence[str]) -> list[str]:
    """Return a row in which a name stands above all columns up to the next name."""
    spread = list(row[:1])
    for cell in row[1:]:
        spread.append(cell or (spread[-1] if len(spread) > 1 else ""))
    return spread


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
        if not any(parts):
            if any(map(looks_like_number, (row[place] for row in cells))):
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


def letters(name: Name) -> str:
    """Return the letters of a name, small and without accents: "Adj. Close" is "adjclose"."""
    plain = unicodedata.normalize("NFKD", joined(name).lower())
    return re.sub(r"[^a-z]", "", plain)
