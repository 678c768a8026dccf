"""From forecasts of volatility to risk: value at risk, tests of forecasts, sizes of positions."""

from puffin.risk.portfolio_returns import portfolio_returns
from puffin.risk.predictive import PredictiveReturn, predictive_return
from puffin.risk.tail_risk import TailRisk, tail_risk

__all__ = ["PredictiveReturn", "TailRisk", "portfolio_returns", "predictive_return", "tail_risk"]
