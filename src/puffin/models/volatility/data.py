"""What a volatility model is fitted to: returns, and what is given beside them."""

from __future__ import annotations

from typing import NamedTuple

from puffin.models.volatility.regressors import VolatilityRegressors
from puffin.validation import Labels, LogMeasures, ReturnSeries

__all__ = ["VolatilityData"]


class VolatilityData(NamedTuple):
    """Returns, measures of their volatility and regressors, perhaps none, of the same times."""

    series: ReturnSeries
    measures: LogMeasures
    regressors: VolatilityRegressors

    def new_times(self, longer: ReturnSeries) -> tuple[Labels | None, int]:
        """Return labels and number of the returns that a longer series has after these."""
        before = self.series.values.size
        index = None if longer.index is None else longer.index[before:]
        return index, longer.values.size - before
