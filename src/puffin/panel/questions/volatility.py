"""The volatility of each asset, from returns and from what is measured beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from puffin.models.volatility import StochasticVolatilityModel
from puffin.panel.asset import Asset
from puffin.panel.questions.question import Answer, Question, summarised

__all__ = ["RealizedQuestion", "VolatilityQuestion"]


class VolatilityQuestion(Question):
    """A stochastic volatility model of each."""

    shared: ClassVar[tuple[str, ...]] = ("mean_regressors", "variance_regressors")

    def _check_options(self) -> None:
        super()._check_options()
        # What each asset has is in its digest, by which a store knows what it is of.
        if any(table is not None for table in self.model._given):
            raise TypeError(
                "the model was given tables, and fit_each takes them itself: give them to it, as "
                "mean_regressors=, variance_regressors= or measures=."
            )

    @property
    def fit_function(self) -> Callable[..., Any]:
        """The fit of the model."""
        found: Callable[..., Any] = self.model.fit
        return found

    def fit(self, asset: Asset, seed: int) -> StochasticVolatilityModel:
        """Return the model, fitted."""
        model: StochasticVolatilityModel = self._copy()
        options: dict[str, Any] = {**self.options, **asset.beside}
        return model.fit(asset.y, cores=1, random_seed=seed, **options)

    def answer(self, fitted: StochasticVolatilityModel) -> Answer:
        """Return the parameters, and the volatility of the next period."""
        return Answer(
            summarised(fitted.fitted.draws.scalars(), self.hdi_prob),
            int(np.isfinite(fitted.fitted.series.values).sum()),
            fitted.method,
            fitted.note,
            fitted.doubts,
        )


class RealizedQuestion(VolatilityQuestion):
    """A stochastic volatility model of returns and measures of each."""

    shared = ()
    own = needed = ("measures",)
    how_to_give = (
        "give a frame of measures with a column for each asset, or a dict of such; of a long "
        "frame, the names of its columns."
    )
