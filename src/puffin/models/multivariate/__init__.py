"""How much many assets move, and how much together."""

from puffin.models.multivariate.factor_comparison import compare_factors
from puffin.models.multivariate.model import MultivariateSV
from puffin.models.multivariate.portfolio import FittedPortfolio

__all__ = ["FittedPortfolio", "MultivariateSV", "compare_factors"]
