"""From forecasts of volatility to risk: value at risk, tests of forecasts, sizes of positions."""

from puffin.risk.coverage import christoffersen_test, independence_test, kupiec_test, violations
from puffin.risk.dynamic_quantile import dynamic_quantile_test
from puffin.risk.forecast_test import ForecastTest
from puffin.risk.portfolio_returns import portfolio_returns
from puffin.risk.predictive import PredictiveReturn, predictive_return
from puffin.risk.scores import ScoreDifference, diebold_mariano_test
from puffin.risk.shortfall_test import shortfall_test
from puffin.risk.tail_risk import TailRisk, tail_risk

__all__ = [
    "ForecastTest",
    "PredictiveReturn",
    "ScoreDifference",
    "TailRisk",
    "christoffersen_test",
    "diebold_mariano_test",
    "dynamic_quantile_test",
    "independence_test",
    "kupiec_test",
    "portfolio_returns",
    "predictive_return",
    "shortfall_test",
    "tail_risk",
    "violations",
]
