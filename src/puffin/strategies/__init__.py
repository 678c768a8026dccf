"""Strategies: prices in, target weights out.

Each has ``weights(prices)``, whose row of bar t uses prices up to bar t only; `puffin.backtest`
trades it one bar later.
"""

from puffin.backtest.strategy import Strategy
from puffin.strategies.buy_and_hold import BuyAndHold
from puffin.strategies.forecasters import Forecaster, ewma_volatility, rolling_volatility
from puffin.strategies.momentum import CrossSectionalMomentum, Momentum
from puffin.strategies.moving_average import MovingAverageCross
from puffin.strategies.pairs_strategy import PairsStrategy
from puffin.strategies.regime_filter import RegimeFilter
from puffin.strategies.screening import find_pairs
from puffin.strategies.volatility_target import VolatilityTarget

__all__ = [
    "BuyAndHold",
    "CrossSectionalMomentum",
    "Forecaster",
    "Momentum",
    "MovingAverageCross",
    "PairsStrategy",
    "RegimeFilter",
    "Strategy",
    "VolatilityTarget",
    "ewma_volatility",
    "find_pairs",
    "rolling_volatility",
]
