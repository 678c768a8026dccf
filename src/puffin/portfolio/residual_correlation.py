"""How assets move together once each one's own volatility is taken out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.models.volatility import StochasticVolatilityModel
from puffin.validation.correlation import check_definite

__all__ = ["residual_correlation"]


def residual_correlation(models: Mapping[str, StochasticVolatilityModel]) -> Array:
    """Return the sample correlation of the standardised residuals, on the dates that all have.

    Raises
    ------
    ValueError
        If those are too few, or assets copy each other.
    """
    residuals = [model.residuals().rename(str(name)) for name, model in models.items()]
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
