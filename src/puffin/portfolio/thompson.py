"""Thompson sampling."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.inference.chains import streams
from puffin.inference.settings import Seed
from puffin.models.comparison import StrategyComparison
from puffin.models.settings import checked_seed
from puffin.portfolio.constraints import Constraints, limits_on
from puffin.portfolio.joint_returns import check_comparison
from puffin.portfolio.optimise import maximise_linear
from puffin.validation import positive_integer

__all__ = ["thompson_weights"]


def thompson_weights(
    comparison: StrategyComparison,
    constraints: Constraints | None = None,
    *,
    draws: int = 1,
    random_seed: Seed = None,
) -> pd.Series[float]:
    r"""Weigh strategies as if a posterior draw of their Sharpe ratios were the truth.

    .. math::

        \max_w \; w' S^{(d)} \text{ within the constraints}

    for a draw d chosen at random: everything goes to the strategy that is best in that draw,
    up to its bound, then to the second, and so on. Thompson (1933, "On the likelihood that one
    unknown probability exceeds another", Biometrika 25): each strategy is tried as often as it may
    be the best one, so that money buys knowledge. The result is random, and of one draw all or
    nothing: a rule for what to try next, again and again. With ``draws`` above 1 it is the average
    over so many draws, and for many it is near `probability_weights`, which are weights to hold.

    With ``total=None`` only strategies whose drawn Sharpe ratio is above zero get anything (or,
    where selling short is allowed, those below zero are sold).

    Parameters
    ----------
    comparison : StrategyComparison
    constraints : Constraints, optional
        Long only and fully invested by default.
    draws : int, default 1
    random_seed : int, SeedSequence or Generator, optional

    Returns
    -------
    Series
        Weights, on the names of the strategies.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, or the constraints cannot all be satisfied.
    """
    check_comparison(comparison)
    draws = positive_integer("draws", draws)
    limits = limits_on(constraints, comparison.strategies)
    [stream] = streams(checked_seed(random_seed), 1)
    chosen = comparison.draws[stream.integers(len(comparison.draws), size=draws)]
    best = np.array([maximise_linear(sharpes, limits) for sharpes in chosen])
    weights = best.mean(axis=0)
    return pd.Series(weights, list(comparison.strategies), name="weight")
