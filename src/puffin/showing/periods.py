"""What periods are called: "day" or "month" for their length, a date or a row for one of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

__all__ = ["period_label", "period_noun", "periods_a_year", "periods_name"]

_NAMES = {365.0: "daily", 252.0: "daily", 52.0: "weekly", 12.0: "monthly", 4.0: "quarterly"}
_NOUNS = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}


def periods_name(periods: float) -> str:
    """Return "daily", "weekly", ..., for so many periods a year; nothing for unusual numbers."""
    return _NAMES.get(periods, "")


def period_noun(periods: float) -> str:
    """Return "day", "week", ..., for so many periods a year; "period" for unusual numbers."""
    return _NOUNS.get(periods_name(periods), "period")


def period_label(label: Any) -> str:
    """Return a date, or the number of a row, from one on.

    With its time and time zone, as far as it has one, unless the time is midnight.
    """
    if not isinstance(label, datetime):
        return f"row {label + 1}"
    if label.time() == time():
        return f"{label:%Y-%m-%d}"
    return f"{label:%Y-%m-%d %H:%M %Z}".rstrip()


def periods_a_year(several: Iterable[float]) -> str:
    """Return "252 periods a year"; "252 or 365 periods a year" where calendars differ."""
    return f"{' or '.join(f'{one:g}' for one in sorted(set(several)))} periods a year"
