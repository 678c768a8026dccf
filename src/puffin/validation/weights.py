"""How much is held of each asset."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.validation.arguments import finite_number
from puffin.validation.columns import DataLike, as_float_array
from puffin.validation.values import check_finite

__all__ = ["as_weights"]

_ROUNDING = 1e-6


def as_weights(
    weights: DataLike,
    names: Sequence[str],
    *,
    total: float | None = 1.0,
    argument: str = "weights",
) -> NDArray[np.float64]:
    """Return a weight for each of `names`, in their order.

    Parameters
    ----------
    weights : mapping or pandas Series of name to weight, or array-like of shape (n_names,)
        With names, those left out have a weight of zero; without, one for each in order.
    total : float or None
        What they must add up to; None for anything.

    Raises
    ------
    TypeError, ValueError
        If they are not finite numbers, are of assets that are not there, or add up to another sum.
    """
    if isinstance(weights, Mapping | pd.Series):
        values = _by_name(argument, dict(weights.items()), names)
    else:
        values = as_float_array(argument, weights)
        if values.shape != (len(names),):
            raise ValueError(
                f"{argument} must be one for each of the {len(names)} assets "
                f"({', '.join(names[:5])}); found shape {values.shape}."
            )
    check_finite(argument, values)
    if total is not None:
        found, wanted = float(values.sum()), finite_number("total", total)
        if abs(found - wanted) > _ROUNDING * max(1.0, abs(wanted)):
            raise ValueError(
                f"{argument} must add up to {wanted:g}; found {found:g}. Scale them, or say "
                "total=None if the rest is held in cash or borrowed."
            )
    return values


def _by_name(
    argument: str, weights: dict[Hashable, float], names: Sequence[str]
) -> NDArray[np.float64]:
    named = {str(name): weight for name, weight in weights.items()}
    if len(named) < len(weights):
        raise ValueError(f"{argument} names an asset twice; add the two up.")
    unknown = [name for name in named if name not in names]
    if unknown:
        raise ValueError(
            f"{argument} has {', '.join(unknown[:5])}, which the returns have not; they have "
            f"{', '.join(names[:5])}{', ...' if len(names) > 5 else ''}."
        )
    return as_float_array(argument, [named.get(name, 0.0) for name in names])
