"""Bars of an instrument (open, high, low, close, volume) become its price; range and volume stay.

Of Open, High, Low, Close, Adj Close and Volume only one is a price to take returns of: the
adjusted close, which counts dividends and splits, else the close.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from puffin.reading.headers import Name, joined, letters
from puffin.reading.rules import OWN_RESULTS, QUOTE_NAMES

__all__ = ["Bars", "found_bars", "plain_names"]

_FIELDS = {name: field for field, names in QUOTE_NAMES.items() for name in names}
_RANKS = {name: rank for names in QUOTE_NAMES.values() for rank, name in enumerate(names)}
_INITIALS = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}
_BETWEEN = " _.,:|/()'"
_PART = re.compile(rf"[^{re.escape(_BETWEEN)}]+")
_BAR = frozenset({"high", "low", "close"})


@dataclass(frozen=True)
class Bars:
    """Which columns are bars.

    Attributes
    ----------
    prices : dict of name to str
        The columns to take as prices, and what each is called.
    others : tuple of name
        Columns of bars that are no strategy of their own.
    fields : dict of str to dict of str to name
        For each price, which column is its open, high, low, close, adjusted close and volume.
    said : str
        "the adjusted close of AAPL"; empty where there are no bars.
    """

    prices: Mapping[Name, str] = field(default_factory=dict)
    others: tuple[Name, ...] = ()
    fields: Mapping[str, Mapping[str, Name]] = field(default_factory=dict)
    said: str = ""


def found_bars(names: Sequence[Name]) -> Bars:
    """Return which columns are bars of one instrument, or of several in a header of two rows."""
    if any(isinstance(name, tuple) for name in names):
        return _of_several([name for name in names if isinstance(name, tuple)])
    kinds = {name: _field(name) for name in names}
    fields = _fields(kinds)
    initials: dict[str, Name] = {
        _INITIALS[str(name)]: name for name in names if str(name) in _INITIALS
    }
    if initials.keys() >= {"open", *_BAR}:
        fields = initials
    if fields.keys() >= _BAR:
        others = [name for name in names if not _is_result(name)]
        return _bars({joined(_taken(fields)): fields}, others)
    if _traded(fields):
        # Not only the volume is left out, but all that describes the same bar.
        belongs = [name for name, kind in kinds.items() if kind is not None]
        return _bars({joined(_taken(fields)): fields}, belongs)
    return _in_one_row(names)


def _is_result(name: Name) -> bool:
    """Whether a column beside bars is something earned, and no indicator."""
    lower = joined(name).lower()
    return any(re.search(rf"(?<![a-z]){re.escape(word)}", lower) for word in OWN_RESULTS)


def _in_one_row(names: Sequence[Name]) -> Bars:
    """Return the bars of several instruments named in one row: AAPL_Close, ('Close', 'AAPL')."""
    instruments: dict[str, dict[Name, str | None]] = {}
    for name in names:
        instrument, kind = _instrument_and_field(joined(name))
        if kind is not None:
            instruments.setdefault(instrument, {})[name] = kind
    fields = {one: _fields(known) for one, known in instruments.items()}
    bars = {one: known for one, known in fields.items() if known.keys() >= _BAR or _traded(known)}
    return _bars(bars, [name for one in bars for name in instruments[one]]) if bars else Bars()


def _instrument_and_field(name: str) -> tuple[str, str | None]:
    """Return the two parts of a name that begins or ends with a field; the longest field counts."""
    parts = list(_PART.finditer(name))
    for size in range(len(parts) - 1, 0, -1):
        for start, end in ((0, parts[size - 1].end()), (parts[-size].start(), len(name))):
            kind = _field(name[start:end])
            if kind is not None:
                return (name[:start] + name[end:]).strip(_BETWEEN), kind
    return name, None


def _traded(fields: Mapping[str, Name]) -> bool:
    return "volume" in fields and bool(fields.keys() & {"close", "adjusted"})


def plain_names(names: Sequence[Name]) -> dict[Name, str]:
    """Return names in one piece: of several header rows, those parts that tell columns apart."""
    several = [name for name in names if isinstance(name, tuple)]
    depth = len(several[0]) if several else 0
    levels = [len({name[place] for name in several}) > 1 for place in range(depth)]
    plain: dict[Name, str] = {}
    for name in names:
        if isinstance(name, tuple) and any(levels):
            kept = tuple(part for part, tells in zip(name, levels, strict=True) if tells)
            plain[name] = joined(kept)
        else:
            plain[name] = joined(name)
    return plain


def _field(name: Name) -> str | None:
    """Return what a column of a bar is: "1. open", "<CLOSE>", "Adj Close" and "Close/Last" too."""
    return _FIELDS.get(letters(name))


def _fields(known: Mapping[Name, str | None]) -> dict[str, Name]:
    """Return the column of each field; of several, that whose name the table has first."""
    found: dict[str, Name] = {}
    for name in sorted(known, key=_rank):
        kind = known[name]
        if kind is not None and kind != "other":
            found.setdefault(kind, name)
    return found


def _rank(name: Name) -> int:
    parts = (name,) if isinstance(name, str) else name
    return min((_RANKS[letters(part)] for part in parts if letters(part) in _RANKS), default=0)


def _of_several(names: Sequence[tuple[str, ...]]) -> Bars:
    """Return the bars of a header with a row of fields and a row of instruments."""
    for level in range(len(names[0])):
        kinds = {name: _field(name[level]) for name in names}
        if "close" in kinds.values() and sum(map(bool, kinds.values())) > len(names) / 2:
            break
    else:
        return Bars()
    instruments: dict[str, dict[Name, str | None]] = {}
    for name in names:
        rest = joined(tuple(part for place, part in enumerate(name) if place != level))
        instruments.setdefault(rest, {})[name] = kinds[name]
    bars = {one: _fields(known) for one, known in instruments.items()}
    return _bars({one: fields for one, fields in bars.items() if "close" in fields}, names)


def _bars(instruments: Mapping[str, Mapping[str, Name]], names: Sequence[Name]) -> Bars:
    prices = {_taken(fields): one for one, fields in instruments.items()}
    others = tuple(name for name in names if name not in prices)
    adjusted = all("adjusted" in fields for fields in instruments.values())
    of = "" if len(prices) == 1 else f" of {len(prices)} instruments"
    return Bars(prices, others, instruments, f"the {'adjusted ' if adjusted else ''}close{of}")


def _taken(fields: Mapping[str, Name]) -> Name:
    return fields["adjusted"] if "adjusted" in fields else fields["close"]
