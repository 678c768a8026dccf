"""What periods are called: "day" or "month" for their length, a date or a row for one of them."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

__all__ = ["period_label", "period_noun", "periods_name"]

_NAMES = {365.0: "daily", 252.0: "daily", 52.0: "weekly", 12.0: "monthly", 4.0: "quarterly"}
_NOUNS = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}


def periods_name(periods: float) -> str:
    """Return "daily", "weekly", ..., for so many periods a year; nothing for unusual numbers."""
    return _NAMES.get(periods, "")


def period_noun(periods: float) -> str:
    """Return "day", "week", ..., for so many periods a year; "period" for unusual numbers."""
    return _NOUNS.get(periods_name(periods), "period")


def period_label(label: Any) -> str:
    """Return a date, with its time unless that is midnight, or the number of a row, from one on."""
    if not isinstance(label, datetime):
        return f"row {label + 1}"
    return f"{label:%Y-%m-%d}" if label.time() == time() else f"{label:%Y-%m-%d %H:%M}"
