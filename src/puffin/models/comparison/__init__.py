"""Which of several strategies is better, which is the best: posteriors side by side."""

from puffin.models.comparison.comparison import (
    compare_strategies,
    compare_strategies_bayesian,
    strategy_comparison,
)
from puffin.models.comparison.priors import ComparisonPriors
from puffin.models.comparison.result import SelectedStrategy, StrategyComparison

__all__ = [
    "ComparisonPriors",
    "SelectedStrategy",
    "StrategyComparison",
    "compare_strategies",
    "compare_strategies_bayesian",
    "strategy_comparison",
]
