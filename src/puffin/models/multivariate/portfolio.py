"""A portfolio of the assets of a fit, as a model of one series of returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.models.multivariate.paths import JointPredictive
from puffin.showing.card import Card
from puffin.showing.numbers import significant
from puffin.showing.shown import Shown
from puffin.validation import positive_integer

if TYPE_CHECKING:
    from puffin.models.multivariate.model import MultivariateSV

__all__ = ["FittedPortfolio"]

_MOST_NAMES = 6


class FittedPortfolio(Shown):
    """Fixed weights of the assets of a fitted `MultivariateSV`, which says what comes next.

    It is a `puffin.posterior.PredictiveModel`, which `puffin.risk.tail_risk`,
    `puffin.risk.kelly_fraction`, `puffin.portfolio.inverse_volatility_weights` and the others take.
    Weights are of each period anew: of simple returns, a portfolio rebalanced every period.

    Attributes
    ----------
    weights : Series
        By asset.
    """

    def __init__(self, model: MultivariateSV, weights: Array) -> None:
        self._model, self._weights = model, weights

    def _card(self) -> Card:
        held = self.weights[self.weights != 0.0]
        names = ", ".join(f"{name} {weight:g}" for name, weight in held.head(_MOST_NAMES).items())
        more = f" and {held.size - _MOST_NAMES} more" if held.size > _MOST_NAMES else ""
        sd = float(self.predictive().standard_deviation)
        return Card(
            "FittedPortfolio",
            [f"{names}{more}. Standard deviation of the next return {significant(sd, sd)}."],
            self._model.doubts,
        )

    @property
    def weights(self) -> pd.Series[float]:
        """The weights, by asset."""
        return pd.Series(self._weights, self._model.fitted.panel.columns, name="weight")

    def predictive(self, horizon: int = 1) -> JointPredictive:
        """Return the distribution of the return, added up over the next `horizon` periods."""
        return self._model.joint_predictive(positive_integer("horizon", horizon), self._weights)

    def volatility(self, hdi_prob: float = 0.94) -> pd.DataFrame:
        """Return mean, median and interval of the volatility of each period: see the model's."""
        return self._model.portfolio_volatility(np.asarray(self._weights), hdi_prob)
