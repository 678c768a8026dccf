"""Weights with the greatest posterior expected utility."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import streams
from puffin.inference.settings import Seed
from puffin.models.comparison import StrategyComparison
from puffin.models.settings import checked_seed
from puffin.portfolio.constraints import Constraints, limits_on
from puffin.portfolio.joint_returns import JointReturns
from puffin.portfolio.optimise import maximise
from puffin.validation import positive_integer, positive_number, probability

__all__ = ["expected_utility_weights"]


def expected_utility_weights(
    comparison: StrategyComparison,
    constraints: Constraints | None = None,
    *,
    risk_aversion: float = 3.0,
    largest_return: float = 0.5,
    draws: int = 20_000,
    random_seed: Seed = None,
) -> pd.Series[float]:
    r"""Return the weights with the greatest posterior expected power utility.

    .. math::

        \max_w \; E\left[\frac{(1 + w' R)^{1 - \gamma} - 1}{1 - \gamma}\right]

    (its limit, the logarithm, for :math:`\gamma = 1`: the Kelly portfolio), R being the next
    period's excess returns under the posterior predictive distribution: heavy tails, dependence and
    what is not known of either are all in it, which no mean and covariance say.

    Of Student-t returns this expectation does not exist: they can lose more than all there is. So R
    is cut off at `largest_return` either way, and what a strategy can lose times the gross exposure
    must stay below 1. Half of the money in a period is far outside what daily data have shown, and
    then the answer hardly depends on it; for longer periods, choose it with care.

    Parameters
    ----------
    comparison : StrategyComparison
        Of simple returns.
    constraints : Constraints, optional
        Long only and fully invested by default.
    risk_aversion : float, default 3
        :math:`\gamma`.
    largest_return : float, default 0.5
        The largest gain or loss of a strategy in a period that is thought possible.
    draws : int, default 20,000
        Predictive draws over which the expectation is taken. They differ with the seed, and the
        weights with them: by little where they matter much.
    random_seed : int, SeedSequence or Generator, optional

    Returns
    -------
    Series
        Weights, on the names of the strategies.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, or the constraints cannot all be satisfied or allow ruin.
    OptimisationError
        If the optimiser stops short of the best weights.
    """
    risk_aversion = positive_number("risk_aversion", risk_aversion)
    largest_return = probability("largest_return", largest_return)
    draws = positive_integer("draws", draws, minimum=2)
    joint = JointReturns.of(comparison)
    limits = limits_on(constraints, joint.names)
    if largest_return * limits.largest_gross >= 1.0:
        raise ValueError(
            f"constraints allow a gross exposure of {limits.largest_gross:g}, with which a loss of "
            f"largest_return={largest_return:g} could take everything; limit gross_exposure to "
            f"less than {1.0 / largest_return:g}, or lower largest_return."
        )
    [stream] = streams(checked_seed(random_seed), 1)
    returns = np.clip(joint.draw(draws, stream), -largest_return, largest_return)
    unit = risk_aversion * float(np.square(returns).mean()) + float(np.abs(joint.mean).max())

    def utility(weights: Array) -> tuple[float, Array]:
        value, marginal = power_utility(returns @ weights, risk_aversion)
        return float(value.mean()) / unit, marginal @ returns / (len(returns) * unit)

    return pd.Series(maximise(utility, limits), list(joint.names), name="weight")


def power_utility(returns: Array, risk_aversion: float) -> tuple[Array, Array]:
    """Return utility and marginal utility of returns above -1; zero and one at a return of zero."""
    log_growth = np.log1p(returns)
    exponent = 1.0 - risk_aversion
    # expm1 is exact where the risk aversion is near 1, at which the limit is the logarithm.
    utility = log_growth if exponent == 0.0 else np.expm1(exponent * log_growth) / exponent
    return np.asarray(utility), np.asarray(np.exp(-risk_aversion * log_growth))
