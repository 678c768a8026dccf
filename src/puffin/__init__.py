"""Puffin: full, checked Bayesian posteriors for trading at the speed of point estimates.

Names are imported when first used, so that `import puffin` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from puffin import backtest, datasets, models, portfolio, presets, risk, strategies
    from puffin.models.bayesian import (
        AutocorrelationWarning,
        BayesianLinearRegression,
        BayesianPairsTrading,
        ComparisonPriors,
        MeanReversion,
        PairsPriors,
        RegressionPriors,
        SharpeChange,
        SharpePosterior,
        SharpePriors,
        StrategyComparison,
        bayesian_sharpe,
        compare_strategies,
        compare_strategies_bayesian,
        mean_reversion,
        sharpe_change,
        strategy_comparison,
    )
    from puffin.models.stochastic_vol import (
        StochasticVolatilityModel,
        VolatilityForecast,
        VolatilityPriors,
        estimate_volatility_regime,
    )
    from puffin.posterior import ConvergenceWarning, FallbackWarning, NotFittedError

__version__ = "0.1.0"

_MODULES = ("backtest", "datasets", "models", "portfolio", "presets", "risk", "strategies")
_HOMES = {
    "puffin.models.bayesian": (
        "AutocorrelationWarning",
        "BayesianLinearRegression",
        "BayesianPairsTrading",
        "ComparisonPriors",
        "MeanReversion",
        "PairsPriors",
        "RegressionPriors",
        "SharpeChange",
        "SharpePosterior",
        "SharpePriors",
        "StrategyComparison",
        "bayesian_sharpe",
        "compare_strategies",
        "compare_strategies_bayesian",
        "mean_reversion",
        "sharpe_change",
        "strategy_comparison",
    ),
    "puffin.models.stochastic_vol": (
        "StochasticVolatilityModel",
        "VolatilityForecast",
        "VolatilityPriors",
        "estimate_volatility_regime",
    ),
    "puffin.posterior": ("ConvergenceWarning", "FallbackWarning", "NotFittedError"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AutocorrelationWarning",
    "BayesianLinearRegression",
    "BayesianPairsTrading",
    "ComparisonPriors",
    "ConvergenceWarning",
    "FallbackWarning",
    "MeanReversion",
    "NotFittedError",
    "PairsPriors",
    "RegressionPriors",
    "SharpeChange",
    "SharpePosterior",
    "SharpePriors",
    "StochasticVolatilityModel",
    "StrategyComparison",
    "VolatilityForecast",
    "VolatilityPriors",
    "backtest",
    "bayesian_sharpe",
    "compare_strategies",
    "compare_strategies_bayesian",
    "datasets",
    "estimate_volatility_regime",
    "mean_reversion",
    "models",
    "portfolio",
    "presets",
    "risk",
    "sharpe_change",
    "strategies",
    "strategy_comparison",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"puffin.{name}")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'puffin' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
