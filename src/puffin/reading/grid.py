"""Rows of cells become named columns: what is header, what is data, what stands around it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from puffin.reading.dates import is_clock, looks_like_date
from puffin.reading.errors import ReadingError
from puffin.reading.headers import header_rows, named
from puffin.reading.numerals import looks_like_number
from puffin.reading.rules import MISSING, TOTALS

__all__ = ["Grid", "gridded", "split_rows"]

_SEPARATORS = "\t;|,"
_SAMPLE = 200
_MOST_LINES_BEFORE = 60
_MOST_TOTALS = 40
_BY_SPACES = " "
_RULE = re.compile(r":?[-=]{2,}:?")


@dataclass(frozen=True)
class Grid:
    """A table of text.

    Attributes
    ----------
    frame : DataFrame of str
        Empty text where there is nothing.
    separator : str
        What stood between the cells; ";" for a spreadsheet, which has none.
    left_out : tuple of str
        What does not belong to the table, for people.
    """

    frame: pd.DataFrame
    separator: str
    left_out: tuple[str, ...]


def split_rows(text: str, name: str) -> tuple[list[list[str]], str]:
    """Return the rows of a CSV file as cells, empty lines as none, and their separator."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    start = "\n".join(text.split("\n", _SAMPLE)[:_SAMPLE])
    separator = _separator(start)
    if separator == _BY_SPACES:
        return [line.split() for line in text.split("\n")], separator
    try:
        rows = list(_csv(text, separator))
    except csv.Error as error:
        reason = str(error)
        if "field limit" in reason:
            reason = f"a cell has more than {csv.field_size_limit():,} characters"
        raise ReadingError(f"{name} is not a CSV file: {reason}.") from None
    return [[cell.strip() for cell in row] for row in rows], separator


def _csv(text: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True))


def _separator(start: str) -> str:
    """Return what splits the first lines into the same number of cells; points to the likelier."""
    shares = {}
    for separator in _SEPARATORS:
        try:
            shares[separator] = _share_of_usual_width(_csv(start, separator))
        except csv.Error:
            shares[separator] = 0.0
    best = max(shares.values())
    if best < 0.5:
        lines = [line.split() for line in start.split("\n")]
        spaced = _share_of_usual_width(lines) > 0.8 and any(map(_holds_numbers, lines))
        return _BY_SPACES if spaced else ","
    return next(one for one in _SEPARATORS if shares[one] == best)


def _share_of_usual_width(rows: Sequence[Sequence[str]]) -> float:
    widths = [len(row) for row in rows if any(cell.strip() for cell in row)]
    wide = Counter(width for width in widths if width > 1)
    return max(wide.values()) / len(widths) if wide else 0.0


def _holds_numbers(cells: Sequence[str]) -> bool:
    return bool(cells) and all(_kind(cell) in "dn" or is_clock(cell) for cell in cells)


def gridded(rows: Sequence[Sequence[str]], separator: str, name: str) -> Grid:
    """Return the table within rows of cells.

    Parameters
    ----------
    rows : sequence of sequences of str
    separator : str
    name : str
        What messages call the file.

    Raises
    ------
    ReadingError
        If it has no header, no rows, or rows longer than the header.
    """
    full = _within_frame([(number, list(row)) for number, row in enumerate(rows) if any(row)])
    if not full:
        raise ReadingError(f"{name} is empty.")
    width = _usual_width([row for _, row in full])
    start = _first_of_data([row for _, row in full[:_SAMPLE]], width)
    if start is None:
        start = 1
    if start == 0:
        raise ReadingError(
            f"{name} has no header: its first line must name the columns; found {full[0][1]!r}."
        )
    above = [row for _, row in full[max(0, start - 3) : start]]
    body, comments = _without_comments(full[start:], above)
    body, after = _until_the_end(body, width)
    if not body:
        raise ReadingError(f"{name} has a header but no rows.")
    header = header_rows(above, width, ends_empty=not any(row[width - 1 :] for _, row in body))
    cells = _rectangular(body, max(width, len(header[-1])), name)
    cells, totals = _without_totals(cells)
    names = named(header, cells, name)
    left_out = [
        *_counted(start - len(header), "line before the header", "lines before the header"),
        *_counted(comments, "comment or repeated header", "comments or repeated headers"),
        *_counted(after, "line after the table", "lines after the table"),
        *_counted(totals, "row of totals or notes", "rows of totals or notes"),
    ]
    frame = pd.DataFrame(cells, columns=pd.RangeIndex(len(names)), dtype=object)
    kept = [place for place, one in enumerate(names) if one is not None]
    frame = frame.iloc[:, kept].set_axis([names[place] for place in kept], axis="columns")
    return Grid(frame, separator, tuple(left_out))


def _within_frame(rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Return rows without rules of dashes, and without the empty cells before the first column."""
    rows = [(number, row) for number, row in rows if not _is_rule(row)]
    if any(row[0] for _, row in rows):
        return rows
    first = min((_place_of_first(row) for _, row in rows), default=0)
    return [(number, row[first:]) for number, row in rows]


def _is_rule(row: Sequence[str]) -> bool:
    return row[0][:1] in ("", "-", ":", "=") and all(map(_RULE.fullmatch, filter(None, row)))


def _place_of_first(row: Sequence[str]) -> int:
    return next(place for place, cell in enumerate(row) if cell)


def _without_comments(
    rows: Sequence[tuple[int, list[str]]], above: Sequence[Sequence[str]]
) -> tuple[list[tuple[int, list[str]]], int]:
    """Leave out rows that begin with # or say the header again; #N/A is no comment."""
    header = above[-1] if above else []
    kept = [(n, row) for n, row in rows if not _is_comment(row[0]) and row != header]
    return kept, len(rows) - len(kept)


def _is_comment(cell: str) -> bool:
    return cell.startswith("#") and cell.lower() not in MISSING


def _counted(count: int, one: str, many: str) -> list[str]:
    return [f"{count} {one if count == 1 else many}"] if count > 0 else []


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    return Counter(map(len, rows)).most_common(1)[0][0]


def _first_of_data(rows: Sequence[Sequence[str]], width: int) -> int | None:
    """Return the first row that is like most rows: dates and numbers where they have them."""
    kinds = [[_kind(cell) for cell in row[:width]] for row in rows]
    usual = [
        _usual_kind([row[column] for row in kinds if len(row) > column]) for column in range(width)
    ]
    for place, row in enumerate(kinds[:_MOST_LINES_BEFORE]):
        known = [(found, like) for found, like in zip(row, usual, strict=False) if found != "e"]
        alike = all(found == like for found, like in known)
        if alike and any(found in "dn" for found, _ in known) and not _numbers_columns(rows[place]):
            return place
    return None


def _usual_kind(kinds: Sequence[str]) -> str:
    """Return the kind of a column's cells: text only if few of them are anything else."""
    found = Counter(kind for kind in kinds if kind != "e")
    data = max("dn", key=lambda kind: found[kind])
    if found[data] * 3 >= found.total() > 0:
        return data
    return "t" if found else "e"


def _numbers_columns(row: Sequence[str]) -> bool:
    """Whether this is a header of numbers: ,0,1,2 for columns without names, or years in a row."""
    numbers = row[1:]
    if len(numbers) > 1 and all(re.fullmatch(r"(?:19|20)\d\d", cell) for cell in numbers):
        steps = {int(two) - int(one) for one, two in pairwise(numbers)}
        return steps in ({1}, {-1}) and not looks_like_number(row[0])
    return bool(numbers) and list(row) == ["", *map(str, range(len(numbers)))]


def _kind(cell: str) -> str:
    """Return d for a date, n for a number, e for nothing, t for other text."""
    if cell.lower() in MISSING:
        return "e"
    if looks_like_number(cell):
        return "n"
    return "d" if looks_like_date(cell) else "t"


def _until_the_end(
    rows: Sequence[tuple[int, list[str]]], width: int
) -> tuple[list[tuple[int, list[str]]], int]:
    """Return the rows of the first table, and how many come after it.

    An empty line, and then one of another width that is no data, ends it.
    """
    for place in range(1, len(rows)):
        number, row = rows[place]
        follows_a_gap = number > rows[place - 1][0] + 1
        if follows_a_gap and len(row) != width and not any(_kind(cell) in "dn" for cell in row):
            rest = len(rows) - place
            if rest > 1:
                return list(rows[:place]), rest
    return list(rows), 0


def _rectangular(rows: Sequence[tuple[int, list[str]]], width: int, name: str) -> list[list[str]]:
    cells = []
    for number, row in rows:
        longer = [cell for cell in row[width:] if cell]
        if longer:
            raise ReadingError(
                f"{name} is not a CSV file: line {number + 1} has {len(row)} cells, and the header "
                f"has {width}."
            )
        cells.append(row[:width] + [""] * (width - len(row)))
    return cells


def _without_totals(cells: list[list[str]]) -> tuple[list[list[str]], int]:
    """Leave out rows at the end that are notes, or sum up the others."""
    if len(cells[0]) < 2:
        return cells, 0
    usual = Counter(_first_kind(row) for row in cells[:_SAMPLE])
    if usual["t"] > len(cells[:_SAMPLE]) / 2:
        return cells, 0
    end = len(cells)
    while end > 1 and len(cells) - end < _MOST_TOTALS and _sums_up(cells[end - 1]):
        end -= 1
    return cells[:end], len(cells) - end


def _first_kind(row: Sequence[str]) -> str:
    return next((kind for kind in map(_kind, row) if kind != "e"), "e")


def _sums_up(row: Sequence[str]) -> bool:
    place = next(i for i, cell in enumerate(row) if cell)
    first = re.sub(r"[:.()]", " ", row[place]).strip().lower()
    if _kind(row[place]) != "t":
        return False
    return not any(row[place + 1 :]) or any(
        first == word or first.startswith(f"{word} ") for word in TOTALS
    )
