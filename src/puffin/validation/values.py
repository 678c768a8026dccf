"""What numbers must be: finite, with squares, and not all the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.validation.index import Labels, row_label

__all__ = ["check_finite", "constant_rows", "hardly_varies", "is_constant"]

_ROUNDING = 1e-12
_LEAST_SPREAD = 1e-6
_LARGEST = 1e37
_SMALLEST = 1e-75
_ADVICE = {
    "NaN": "drop them with .dropna(), of a masked array with .compressed(), or leave them out with "
    "missing='skip' where a model has it",
    "infinite": "look for a division by zero, such as a price of zero",
    "huge": "above 1e37 their powers overflow, so rescale them",
}


def check_finite(argument: str, values: Array, index: Labels | None = None) -> None:
    """Refuse NaN, infinity and what has no square, saying how many there are and where first."""
    for kind, found in (
        ("NaN", np.isnan(values)),
        ("infinite", np.isinf(values)),
        ("huge", np.abs(values) > _LARGEST),
    ):
        if not found.any():
            continue
        row = int(np.argwhere(found)[0][0])
        where = f"row {row}" if index is None else f"row {row} ({row_label(index[row])})"
        count = int(found.sum())
        noun = "value" if count == 1 else "values"
        raise ValueError(
            f"{argument} has {count} {kind} {noun}, first at {where}; {_ADVICE[kind]}."
        )


def hardly_varies(values: Array) -> bool:
    """Whether the standard deviation is less than a millionth of the mean, as of rounded cash."""
    return bool(values.std() < _LEAST_SPREAD * abs(values.mean()))


def constant_rows(rows: Array) -> NDArray[np.bool_]:
    """Whether the values of each row, along the last axis, are all the same but for rounding."""
    rounding = np.maximum(_ROUNDING * np.abs(rows).max(axis=-1), _SMALLEST)
    return np.asarray(np.ptp(rows, axis=-1) <= rounding)


def is_constant(values: Array) -> bool:
    """Whether values are all the same but for rounding."""
    return bool(constant_rows(values))
