"""Regressors of a fitted volatility model in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from puffin.inference.regressors import Coefficients
from puffin.models.volatility.regressors import Columns, VolatilityRegressors
from puffin.validation import Regressors, positive_number

__all__ = ["PartFacts", "coefficients_of", "facts_of", "read_regressors", "regressor_arrays"]


@dataclass(frozen=True)
class _ColumnFacts:
    """A regressor, and what is zero and one of it to the samplers."""

    name: str
    centre: float
    spread: float


@dataclass(frozen=True)
class PartFacts:
    """The regressors of the mean or of the log-variance, and whether their names are a user's."""

    named: bool
    columns: list[_ColumnFacts]

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the columns."""
        return tuple(one.name for one in self.columns)

    def read(self, argument: str, values: NDArray[np.float64]) -> Columns:
        """Return the columns that have these values."""
        return Columns(
            argument,
            Regressors(values, self.names, self.named, None),
            np.array([one.centre for one in self.columns]),
            np.array([positive_number("spread", one.spread) for one in self.columns]),
        )


def facts_of(regressors: VolatilityRegressors) -> list[PartFacts]:
    """Return what is said of them beside their values."""
    facts = []
    for part in regressors:
        columns = zip(part.given.names, part.centre.tolist(), part.spread.tolist(), strict=True)
        facts.append(PartFacts(part.given.named, [_ColumnFacts(*one) for one in columns]))
    return facts


def coefficients_of(facts: list[PartFacts]) -> Coefficients:
    """Return the coefficients that draws are of."""
    return Coefficients(*(part.names for part in facts))


def regressor_arrays(regressors: VolatilityRegressors) -> dict[str, NDArray[np.float64]]:
    """Return values of those that there are, by the name of their argument."""
    return {part.argument: part.given.values for part in regressors if part.given.names}


def read_regressors(
    arrays: Mapping[str, NDArray[Any]], facts: list[PartFacts], n_times: int
) -> VolatilityRegressors:
    """Return regressors from their values; raise ValueError if these are not what facts say."""
    found = VolatilityRegressors.none(n_times)
    if not coefficients_of(facts).names:
        return found
    parts = []
    for none, one in zip(found, facts, strict=True):
        values = arrays[none.argument] if one.names else none.given.values
        if values.dtype != np.float64 or values.shape != (n_times, len(one.names)):
            raise ValueError(f"{none.argument} is {values.dtype} of shape {values.shape}")
        parts.append(one.read(none.argument, values))
    return VolatilityRegressors(*parts)
