"""Weights in proportion to the probability of being best."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import optimize

from puffin.arrays import Array
from puffin.models.comparison import StrategyComparison
from puffin.portfolio.constraints import Constraints, Limits, limits_on
from puffin.portfolio.joint_returns import check_comparison

__all__ = ["probability_weights"]

_LEAST_SHARE = 1e-12
_LOG_FACTORS = (-40.0, 40.0)
_ROUNDING = 1e-9


def probability_weights(
    comparison: StrategyComparison, constraints: Constraints | None = None
) -> pd.Series[float]:
    """Weigh each strategy by the probability that its Sharpe ratio is the greatest.

    Probability matching: what Thompson sampling does on average, without its noise. It spreads the
    money by how little is known, and moves it to the best strategy as that becomes clear; it knows
    nothing of volatilities or correlations.

    Within bounds the weights are as near to proportional as these let: each is the share times one
    factor, or its bound. With ``total=None`` cash, whose Sharpe ratio is zero, is one of the
    alternatives: a strategy gets the probability that it is best *and* above zero.

    Parameters
    ----------
    comparison : StrategyComparison
        From `strategy_comparison`.
    constraints : Constraints, optional
        Long only and fully invested by default.

    Returns
    -------
    Series
        Weights, on the names of the strategies.

    Raises
    ------
    ValueError
        If the constraints cannot all be satisfied; the message says which.
    """
    check_comparison(comparison)
    limits = limits_on(constraints, comparison.strategies)
    draws = comparison.draws
    best = draws.argmax(axis=1)
    if limits.total is None:
        best = best[draws.max(axis=1) > 0.0]
    shares = np.bincount(best, minlength=draws.shape[1]) / len(draws)
    return pd.Series(_in_proportion(shares, limits), list(comparison.strategies), name="weight")


def _in_proportion(shares: Array, limits: Limits) -> Array:
    """Return weights that are a factor times the shares, or at a bound."""
    # Strategies that no draw found best get what is left when all others are at their bounds.
    shares = np.maximum(shares, _LEAST_SHARE)

    def weights(factor: float) -> Array:
        return np.asarray(np.clip(factor * shares, limits.lower, limits.upper))

    def gross(factor: float) -> float:
        return float(np.abs(weights(factor)).sum())

    if limits.total is not None:
        total = limits.total
        if weights(0.0).sum() > total + _ROUNDING:
            raise ValueError(
                f"total is {total:g}, but weights in proportion to probabilities sell nothing "
                f"short of their own accord: they add up to {weights(0.0).sum():g} or more."
            )
        return weights(_factor(lambda factor: float(weights(factor).sum()) - total))
    if limits.gross is None or gross(1.0) <= limits.gross:
        return weights(1.0)
    most = limits.gross
    return weights(_factor(lambda factor: gross(factor) - most))


def _factor(excess: Callable[[float], float]) -> float:
    """Return the factor at which what increases with it is zero."""
    if excess(0.0) >= 0.0:
        return 0.0
    low, high = _LOG_FACTORS
    if excess(math.exp(high)) <= 0.0:
        return math.exp(high)
    return math.exp(optimize.brentq(lambda x: excess(math.exp(x)), low, high, xtol=1e-14))
