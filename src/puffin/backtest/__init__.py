"""Target weights and prices in; returns, equity, turnover and costs out."""

from puffin.backtest.comparison import compare
from puffin.backtest.costs import Costs
from puffin.backtest.look_ahead import LookAheadError
from puffin.backtest.result import BacktestResult
from puffin.backtest.running import BankruptcyError, run
from puffin.backtest.strategy import Strategy
from puffin.backtest.walking import walk_forward

__all__ = [
    "BacktestResult",
    "BankruptcyError",
    "Costs",
    "LookAheadError",
    "Strategy",
    "compare",
    "run",
    "walk_forward",
]
