"""Cells as text, whatever holds them."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["texts_of"]


def texts_of(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column as plain strings without blanks around them, empty where a cell is missing."""
    texts = [
        one.strip() if isinstance(one, str) else "" if pd.isna(one) is True else str(one)
        for one in column
    ]
    return pd.Series(texts, index=column.index, name=column.name, dtype=object)


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    return "" if pd.isna(cell) is True else str(cell)
