"""Strategies: prices in, target weights out.

Each has ``weights(prices)``, whose row of bar t uses prices up to bar t only; `puffin.backtest`
trades it one bar later.
"""

<<<<<<< HEAD
from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from puffin.backtest.strategy import Strategy
    from puffin.strategies.buy_and_hold import BuyAndHold
    from puffin.strategies.forecasters import Forecaster, ewma_volatility, rolling_volatility
    from puffin.strategies.momentum import CrossSectionalMomentum, Momentum
    from puffin.strategies.moving_average import MovingAverageCross
    from puffin.strategies.pairs import PairsStrategy
    from puffin.strategies.screening import find_pairs
    from puffin.strategies.volatility_target import VolatilityTarget
=======
from puffin.backtest.strategy import Strategy
from puffin.strategies.buy_and_hold import BuyAndHold
from puffin.strategies.forecasters import Forecaster, ewma_volatility, rolling_volatility
from puffin.strategies.momentum import CrossSectionalMomentum, Momentum
from puffin.strategies.moving_average import MovingAverageCross
from puffin.strategies.pairs import PairsStrategy
from puffin.strategies.screening import find_pairs
from puffin.strategies.volatility_target import VolatilityTarget
>>>>>>> 019018ee6c93cf99abdfdca7af1e4d9fd2ede629

__all__ = [
    "BuyAndHold",
    "CrossSectionalMomentum",
    "Forecaster",
    "Momentum",
    "MovingAverageCross",
    "PairsStrategy",
    "Strategy",
    "VolatilityTarget",
    "ewma_volatility",
    "find_pairs",
    "rolling_volatility",
]
<<<<<<< HEAD

_HOME = {
    "BuyAndHold": "puffin.strategies.buy_and_hold",
    "CrossSectionalMomentum": "puffin.strategies.momentum",
    "Forecaster": "puffin.strategies.forecasters",
    "Momentum": "puffin.strategies.momentum",
    "MovingAverageCross": "puffin.strategies.moving_average",
    "PairsStrategy": "puffin.strategies.pairs",
    "Strategy": "puffin.backtest.strategy",
    "VolatilityTarget": "puffin.strategies.volatility_target",
    "ewma_volatility": "puffin.strategies.forecasters",
    "find_pairs": "puffin.strategies.screening",
    "rolling_volatility": "puffin.strategies.forecasters",
}


def __getattr__(name: str) -> Any:
    # A process that screens pairs need not wait for what backtests and samples.
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'puffin.strategies' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
=======
>>>>>>> 019018ee6c93cf99abdfdca7af1e4d9fd2ede629
