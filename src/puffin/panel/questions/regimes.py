"""The regimes of each asset's returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from puffin.models.regimes import BayesianRegimeSwitching
from puffin.panel.asset import Asset
from puffin.panel.questions.question import Answer, Question, summarised

__all__ = ["RegimesQuestion"]


class RegimesQuestion(Question):
    """A regime-switching model of each, its regimes its own."""

    @property
    def fit_function(self) -> Callable[..., Any]:
        """The fit of the model."""
        found: Callable[..., Any] = self.model.fit
        return found

    def fit(self, asset: Asset, seed: int) -> BayesianRegimeSwitching:
        """Return the model, fitted."""
        model: BayesianRegimeSwitching = self.model.unfitted()
        return model.fit(asset.y, cores=1, random_seed=seed, **self.options)

    def answer(self, fitted: BayesianRegimeSwitching) -> Answer:
        """Return the parameters, and the probability of each regime in the next period."""
        draws = fitted.fitted.draws
        coming = {f"next_regime[{j + 1}]": draws.ahead[..., j] for j in range(draws.n_regimes)}
        scalars = draws.scalars() | (coming if draws.n_regimes > 1 else {})
        return Answer(
            summarised(scalars, self.hdi_prob),
            int(np.isfinite(fitted.fitted.series.values).sum()),
            fitted.method,
            fitted.note,
            fitted.doubts,
        )
