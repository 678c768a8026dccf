"""The posterior of a Sharpe ratio, and what frequentists say of it."""

from puffin.models.sharpe.frequentist import (
    SharpeEstimate,
    deflated_sharpe_ratio,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from puffin.models.sharpe.priors import SharpePriors
from puffin.models.sharpe.result import SharpePosterior
from puffin.models.sharpe.sharpe import bayesian_sharpe

__all__ = [
    "SharpeEstimate",
    "SharpePosterior",
    "SharpePriors",
    "bayesian_sharpe",
    "deflated_sharpe_ratio",
    "minimum_track_record_length",
    "probabilistic_sharpe_ratio",
]
