"""Mean-variance weights, from a posterior and from shrunken estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.models.comparison import StrategyComparison
from puffin.portfolio.constraints import Constraints, Limits, limits_on
from puffin.portfolio.joint_returns import JointReturns
from puffin.portfolio.optimise import maximise
from puffin.validation import positive_number

__all__ = ["best_mean_variance", "mean_variance_weights"]


def mean_variance_weights(
    comparison: StrategyComparison,
    constraints: Constraints | None = None,
    *,
    risk_aversion: float = 3.0,
) -> pd.Series[float]:
    r"""Return the weights with the greatest posterior expected quadratic utility.

    .. math::

        \max_w \; w' m - \frac{\gamma}{2} w' C w

    with m and C the mean and covariance of the *predictive* distribution of a period's excess
    returns: C has what is not known of the means in it, besides the returns' own variance. It is
    the average over posterior draws of each draw's own utility, less :math:`\gamma/2` times the
    variance of the portfolio's mean. (Klein & Bawa 1976, "The effect of estimation risk on optimal
    portfolio choice", Journal of Financial Economics 3.)

    Parameters
    ----------
    comparison : StrategyComparison
        With ``pool=True`` means are shrunk, which mean-variance weights need.
    constraints : Constraints, optional
        Long only and fully invested by default.
    risk_aversion : float, default 3
        :math:`\gamma`; 1 is that of logarithmic utility, the Kelly portfolio to second order.

    Returns
    -------
    Series
        Weights, on the names of the strategies.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, or the constraints cannot all be satisfied.
    OptimisationError
        If the optimiser stops short of the best weights.
    """
    risk_aversion = positive_number("risk_aversion", risk_aversion)
    returns = JointReturns.of(comparison)
    limits = limits_on(constraints, returns.names)
    weights = best_mean_variance(returns.mean, returns.covariance, risk_aversion, limits)
    return pd.Series(weights, list(returns.names), name="weight")


def best_mean_variance(
    mean: Array, covariance: Array, risk_aversion: float, limits: Limits
) -> Array:
    """Return the weights with the greatest mean less half the risk aversion times variance."""
    unit = risk_aversion * float(np.diag(covariance).mean()) + float(np.abs(mean).max())

    def utility(weights: Array) -> tuple[float, Array]:
        marginal_risk = risk_aversion * covariance @ weights
        value = float(weights @ mean - 0.5 * weights @ marginal_risk)
        return value / unit, (mean - marginal_risk) / unit

    return maximise(utility, limits)
