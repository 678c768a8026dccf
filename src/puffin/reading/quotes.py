"""Bars of an instrument (open, high, low, close, volume) become its price; range and volume stay.

Of Open, High, Low, Close, Adj Close and Volume only one is a price to take returns of: the
adjusted close, which counts dividends and splits, else the close.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from puffin.reading.headers import Name, joined
from puffin.reading.rules import QUOTE_NAMES

__all__ = ["Bars", "found_bars", "plain_names"]

_FIELDS = {name: field for field, names in QUOTE_NAMES.items() for name in names}
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
    fields = _fields({name: _field(str(name)) for name in names})
    if not fields.keys() >= _BAR:
        return _close_and_volume(fields)
    return _bars({joined(_taken(fields)): fields}, names)


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


def _field(name: str) -> str | None:
    """Return what a column of a bar is: "1. open", "<CLOSE>", "Adj Close" and "Close/Last" too."""
    letters = re.sub(r"[^a-zäöü]", "", name.lower())
    return _FIELDS.get(letters)


def _fields(known: Mapping[Name, str | None]) -> dict[str, Name]:
    found: dict[str, Name] = {}
    for name, kind in known.items():
        if kind is not None and kind != "other":
            found.setdefault(kind, name)
    return found


def _of_several(names: Sequence[tuple[str, ...]]) -> Bars:
    """Return the bars of a header with a row of fields and a row of instruments."""
    for level in range(len(names[0])):
        kinds = {name: _field(name[level]) for name in names}
        if all(kinds.values()) and "close" in kinds.values():
            break
    else:
        return Bars()
    instruments: dict[str, dict[Name, str | None]] = {}
    for name in names:
        rest = joined(tuple(part for place, part in enumerate(name) if place != level))
        instruments.setdefault(rest, {})[name] = kinds[name]
    bars = {one: _fields(known) for one, known in instruments.items()}
    return _bars({one: fields for one, fields in bars.items() if "close" in fields}, names)


def _close_and_volume(fields: Mapping[str, Name]) -> Bars:
    """Leave out the volume beside a close; other columns are not touched."""
    if "volume" not in fields or not fields.keys() & {"close", "adjusted"}:
        return Bars()
    return _bars({joined(_taken(fields)): fields}, list(fields.values()))


def _bars(instruments: Mapping[str, Mapping[str, Name]], names: Sequence[Name]) -> Bars:
    prices = {_taken(fields): one for one, fields in instruments.items()}
    others = tuple(name for name in names if name not in prices and _belongs(name))
    adjusted = all("adjusted" in fields for fields in instruments.values())
    of = "" if len(prices) == 1 else f" of {len(prices)} instruments"
    return Bars(prices, others, instruments, f"the {'adjusted ' if adjusted else ''}close{of}")


def _taken(fields: Mapping[str, Name]) -> Name:
    return fields["adjusted"] if "adjusted" in fields else fields["close"]


def _belongs(name: Name) -> bool:
    parts = (name,) if isinstance(name, str) else name
    return any(_field(part) is not None for part in parts)
