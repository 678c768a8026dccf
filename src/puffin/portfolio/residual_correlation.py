r"""How assets move together once each one's own volatility is taken out.

An asset that trades on days on which another rests has residuals that the other has not; what moved
both is then in the other's next one. So residuals are summed from one shared date to the next, and
a sum of k, :math:`\sum_{s < u \le t} z_u / \sqrt k`, is standardised as one is. It is what
compounding is to returns (`puffin.reading.on_shared_dates`).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.reading import calendar_of
from puffin.validation.correlation import check_definite

__all__ = ["ResidualModel", "residual_correlation"]


@runtime_checkable
class ResidualModel(Protocol):
    """A model, fitted to returns, that has standardised residuals of them."""

    def residuals(self) -> pd.Series[float]:
        """Return (return - mean) / volatility of each period, on the returns' index."""


def residual_correlation(models: Mapping[str, object]) -> Array:
    """Return the sample correlation of the standardised residuals, summed onto shared dates.

    Where a residual is missing, the shared date that it would go into is left out.

    Raises
    ------
    TypeError
        If a model has no residuals.
    ValueError
        If dates are too few, or assets copy each other.
    """
    residuals = [_residuals(name, model) for name, model in models.items()]
    table = _on_shared_dates(residuals).dropna()
    least = len(residuals) + 2
    if len(table) < least:
        shared = len(pd.concat(residuals, axis=1, join="inner").dropna())
        raise ValueError(
            f"models share {shared} dates, too few to estimate the correlations of "
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


def _on_shared_dates(residuals: Sequence[pd.Series[float]]) -> pd.DataFrame:
    if not all(isinstance(one.index, pd.DatetimeIndex) for one in residuals):
        return pd.concat(residuals, axis=1, join="inner")
    own = [_on_own_calendar(one) for one in residuals]
    shared = functools.reduce(pd.Index.intersection, [one.index for one in own]).sort_values()
    if shared.empty:
        return pd.DataFrame()
    within = [int(((one.index >= shared[0]) & (one.index <= shared[-1])).sum()) for one in own]
    # What led to the first shared date began before it, for some only.
    first = int(max(within) > len(shared))
    return pd.concat([_summed(one, shared) for one in own], axis=1).iloc[first:]


def _on_own_calendar(residuals: pd.Series[float]) -> pd.Series[float]:
    """Return residuals without the rows of other assets, on days on which its own market rests."""
    known = residuals.dropna().index
    return residuals.reindex(calendar_of(known, residuals.index)) if len(known) else residuals


def _summed(residuals: pd.Series[float], shared: pd.Index[Any]) -> pd.Series[float]:
    places = residuals.index.get_indexer(shared)
    starts = np.concatenate([places[:1], places[:-1] + 1])
    sums = np.add.reduceat(residuals.to_numpy(dtype=np.float64)[: places[-1] + 1], starts)
    return pd.Series(sums / np.sqrt(places - starts + 1), shared, name=residuals.name)
