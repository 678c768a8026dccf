"""Sharpe ratios, their comparison, regressions and hedge ratios, as full posteriors."""

from puffin.models._pymc import _check_pymc
from puffin.models.bayesian.change_result import SharpeChange
from puffin.models.bayesian.comparison import (
    ComparisonPriors,
    compare_strategies,
    compare_strategies_bayesian,
    strategy_comparison,
)
from puffin.models.bayesian.comparison_result import StrategyComparison
from puffin.models.bayesian.mean_reversion import MeanReversion, mean_reversion
from puffin.models.bayesian.pairs import AutocorrelationWarning, BayesianPairsTrading
from puffin.models.bayesian.pairs_priors import PairsPriors
from puffin.models.bayesian.regression import BayesianLinearRegression, RegressionPriors
from puffin.models.bayesian.sharpe import SharpePosterior, SharpePriors, bayesian_sharpe
from puffin.models.bayesian.sharpe_change import sharpe_change

__all__ = [
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
    "_check_pymc",
    "bayesian_sharpe",
    "compare_strategies",
    "compare_strategies_bayesian",
    "mean_reversion",
    "sharpe_change",
    "strategy_comparison",
]
