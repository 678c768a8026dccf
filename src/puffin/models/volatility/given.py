"""Tables beside returns that a model keeps at hand, for whoever has returns alone."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["NOTHING_GIVEN", "Given"]


class Given(NamedTuple):
    """What a model takes where it is not given the like: see `StochasticVolatilityModel.given`.

    Attributes
    ----------
    mean_regressors, variance_regressors, measures
        As users give them; None if there are none.
    """

    mean_regressors: Any = None
    variance_regressors: Any = None
    measures: Any = None

    def regressors(self, mean: Any, variance: Any) -> tuple[Any, Any]:
        """Return regressors of mean and variance: these, or the ones at hand where one is None."""
        return (
            self.mean_regressors if mean is None else mean,
            self.variance_regressors if variance is None else variance,
        )


NOTHING_GIVEN = Given()
