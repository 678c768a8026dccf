"""The models that forecast, by name. Another one is a line here."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from benchmarks.forecasting.garch import Garch
from puffin.models.regimes import BayesianRegimeSwitching, UnsupportedRegimesWarning
from puffin.models.volatility import StochasticVolatilityModel
from puffin.risk.period_forecast import YEAR, PeriodForecast, RefittableModel, forecasts

__all__ = ["FORECASTERS", "RIVALS", "Forecaster"]

_SEED, _SAMPLES = 1, 500
_OF_REGIMES = 250
"""Draws of each chain, nearly independent of each other."""


class Forecaster(Protocol):
    """Says, day by day, what comes next."""

    def forecasts(
        self, returns: pd.Series[float], first: int, levels: tuple[float, ...]
    ) -> Iterator[PeriodForecast]:
        """Yield the forecasts of each day from position `first` on.

        A run that starts at a day at which another one was `fitted` goes on like that one.
        """


@dataclass(frozen=True)
class Posterior:
    """The posterior given all returns before each day: updated daily, fitted again each year."""

    model: RefittableModel
    samples: int = _SAMPLES

    def forecasts(
        self, returns: pd.Series[float], first: int, levels: tuple[float, ...]
    ) -> Iterator[PeriodForecast]:
        """Yield the forecasts of each day from position `first` on."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "returns looks like returns in percent")
            warnings.simplefilter("ignore", UnsupportedRegimesWarning)  # it is the question
            yield from forecasts(
                returns, self.model, start=first, refit_every=YEAR, levels=levels,
                samples=self.samples, cores=1, random_seed=_SEED,
            )  # fmt: skip


RIVALS: dict[str, Forecaster] = {
    "GARCH-t": Garch("GARCH", 0, "t"),
    "GARCH-skewed-t": Garch("GARCH", 0, "skewt"),
    "GJR-t": Garch("GARCH", 1, "t"),
    "GJR-skewed-t": Garch("GARCH", 1, "skewt"),
    "EGARCH-t": Garch("EGARCH", 1, "t"),
    "EGARCH-skewed-t": Garch("EGARCH", 1, "skewt"),
}
"""What Puffin is measured against."""

FORECASTERS: dict[str, Forecaster] = {
    **RIVALS,
    "SV-t": Posterior(StochasticVolatilityModel("student")),
    "SV-t-leverage": Posterior(StochasticVolatilityModel("student", leverage=True)),
    "SV-asymmetric": Posterior(StochasticVolatilityModel("asymmetric")),
    "SV-asymmetric-leverage": Posterior(StochasticVolatilityModel("asymmetric", leverage=True)),
    "Regimes-2-t": Posterior(BayesianRegimeSwitching(2), _OF_REGIMES),
    "Regimes-3-t": Posterior(BayesianRegimeSwitching(3), _OF_REGIMES),
}
