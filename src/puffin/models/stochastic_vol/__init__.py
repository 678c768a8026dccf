"""Volatility that moves by itself: models, forecasts, regimes and simulation."""

from puffin.models.stochastic_vol.forecast import VolatilityForecast
from puffin.models.stochastic_vol.model import Estimate, StochasticVolatilityModel
from puffin.models.stochastic_vol.priors import VolatilityPriors
from puffin.models.stochastic_vol.regime import estimate_volatility_regime
from puffin.models.stochastic_vol.simulation import simulate

__all__ = [
    "Estimate",
    "StochasticVolatilityModel",
    "VolatilityForecast",
    "VolatilityPriors",
    "estimate_volatility_regime",
    "simulate",
]
