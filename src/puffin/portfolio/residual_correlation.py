"""How assets move together once each one's own volatility is taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.validation.correlation import check_definite

__all__ = ["ResidualModel", "residual_correlation"]


@runtime_checkable
class ResidualModel(Protocol):
    """A model, fitted to returns, that has standardised residuals of them."""

    def residuals(self) -> pd.Series[float]:
        """Return (return - mean) / volatility of each period, on the returns' index."""


def residual_correlation(models: Mapping[str, object]) -> Array:
    """Return the sample correlation of the standardised residuals, on the dates that all have.

    Raises
    ------
    TypeError
        If a model has no residuals.
    ValueError
        If dates are too few, or assets copy each other.
    """
    residuals = [_residuals(name, model) for name, model in models.items()]
    table = pd.concat(residuals, axis=1, join="inner").dropna()
    least = len(residuals) + 2
    if len(table) < least:
        raise ValueError(
            f"models share {len(table)} dates, too few to estimate the correlations of "
            f"{len(residuals)} assets (at least {least}); pass correlation."
        )
    matrix = np.atleast_2d(np.corrcoef(table.to_numpy(), rowvar=False))
    check_definite("The correlation of the residuals", matrix)
    return matrix


def _residuals(name: str, model: object) -> pd.Series[float]:
    if not isinstance(model, ResidualModel):
        raise TypeError(
            f"models[{name!r}] has no residuals() to take a correlation from; pass correlation."
        )
    return model.residuals().rename(str(name))
