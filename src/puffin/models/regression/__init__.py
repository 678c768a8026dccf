"""How one series follows others: linear regression with a full posterior."""

from puffin.models.regression.linear_regression import BayesianLinearRegression
from puffin.models.regression.priors import RegressionPriors

__all__ = ["BayesianLinearRegression", "RegressionPriors"]
