"""How much do returns move? Volatility as a process of its own: models, forecasts, regimes."""

from puffin.models.volatility.average import AveragedVolatilityModel
from puffin.models.volatility.forecast import VolatilityForecast
from puffin.models.volatility.model import StochasticVolatilityModel
from puffin.models.volatility.observed import NotObservedWarning
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.realized import RealizedVolatilityBayes
from puffin.models.volatility.regime import estimate_volatility_regime
from puffin.models.volatility.results import Estimate
from puffin.models.volatility.simulation import simulate
from puffin.models.volatility.with_jumps import SVWithJumps

__all__ = [
    "AveragedVolatilityModel",
    "Estimate",
    "NotObservedWarning",
    "RealizedVolatilityBayes",
    "SVWithJumps",
    "StochasticVolatilityModel",
    "VolatilityForecast",
    "VolatilityPriors",
    "estimate_volatility_regime",
    "simulate",
]
