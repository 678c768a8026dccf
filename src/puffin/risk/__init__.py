"""From forecasts of volatility to risk: value at risk, tests of forecasts, sizes of positions."""

from puffin.posterior import Predictive, PredictiveModel, PredictiveReturn, predictive_return
from puffin.risk.coverage import christoffersen_test, independence_test, kupiec_test, violations
from puffin.risk.daily import DailyRisk, PositionRule, daily_risk, risk_row
from puffin.risk.dynamic_quantile import dynamic_quantile_test
from puffin.risk.forecast_test import ForecastTest
from puffin.risk.joint_loss import joint_loss
from puffin.risk.kelly import KellyFraction, kelly_fraction, quadratic_kelly
from puffin.risk.model_comparison import compare_volatility_models
from puffin.risk.model_comparison_result import VolatilityComparison
from puffin.risk.period_forecast import PeriodForecast, RefittableModel, forecasts
from puffin.risk.portfolio_returns import portfolio_returns
from puffin.risk.rolling import rolling_forecast
from puffin.risk.rolling_result import RollingForecast
from puffin.risk.scores import ScoreDifference, diebold_mariano_test
from puffin.risk.shortfall_test import shortfall_test
from puffin.risk.stops import StopDistance, stop_distance
from puffin.risk.store import RiskStore, StoreError
from puffin.risk.tail_risk import TailRisk, tail_risk
from puffin.risk.volatility_target import (
    VolatilityTarget,
    no_trade_band,
    volatility_target,
    volatility_target_weights,
)

__all__ = [
    "DailyRisk",
    "ForecastTest",
    "KellyFraction",
    "PeriodForecast",
    "PositionRule",
    "Predictive",
    "PredictiveModel",
    "PredictiveReturn",
    "RefittableModel",
    "RiskStore",
    "RollingForecast",
    "ScoreDifference",
    "StopDistance",
    "StoreError",
    "TailRisk",
    "VolatilityComparison",
    "VolatilityTarget",
    "christoffersen_test",
    "compare_volatility_models",
    "daily_risk",
    "diebold_mariano_test",
    "dynamic_quantile_test",
    "forecasts",
    "independence_test",
    "joint_loss",
    "kelly_fraction",
    "kupiec_test",
    "no_trade_band",
    "portfolio_returns",
    "predictive_return",
    "quadratic_kelly",
    "risk_row",
    "rolling_forecast",
    "shortfall_test",
    "stop_distance",
    "tail_risk",
    "violations",
    "volatility_target",
    "volatility_target_weights",
]
