"""How a period is called."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["period_label"]


def period_label(label: Any) -> str:
    """Return a date without an idle clock time, or the number of a row, from one on."""
    if not isinstance(label, pd.Timestamp):
        return f"row {label + 1}"
    return f"{label:%Y-%m-%d}" if label == label.normalize() else f"{label:%Y-%m-%d %H:%M}"
