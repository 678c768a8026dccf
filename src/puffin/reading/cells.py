"""Cells as text, whatever holds them."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["texts_of"]


def texts_of(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as plain strings without blanks around them; empty where one is missing."""
    return pd.Series(list(map(_text, column)), column.index, dtype=object, name=column.name)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    return "" if pd.isna(cell) is True else str(cell)
