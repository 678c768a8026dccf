"""The posterior of a Sharpe ratio."""

from puffin.models.sharpe.sharpe import SharpePosterior, SharpePriors, bayesian_sharpe

__all__ = ["SharpePosterior", "SharpePriors", "bayesian_sharpe"]
