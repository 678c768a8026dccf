"""How far away a stop must be for noise alone not to reach it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.posterior import PredictiveModel, monte_carlo_error, predictive_return
from puffin.risk.card import stop_card
from puffin.risk.fractions import check_fractions
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import positive_integer, tail_level

__all__ = ["StopDistance", "stop_distance"]


@dataclass(frozen=True, repr=False)
class StopDistance(Shown):
    """Distances of stops from today's price, as fractions of it.

    Attributes
    ----------
    horizon : int
        Periods.
    prob : float
        The probability that the stop is reached within them.
    long, short : float
        Below the price for what is held, above it for what is sold short.
    long_error, short_error : float
        Monte Carlo standard errors.
    doubts : tuple of str
        Reasons not to rely on the model's fit.
    """

    horizon: int
    prob: float
    long: float
    short: float
    long_error: float
    short_error: float
    doubts: tuple[str, ...] = ()

    def _card(self) -> Card:
        return stop_card(self)


def stop_distance(model: PredictiveModel, horizon: int, prob: float = 0.05) -> StopDistance:
    r"""Return the distances that prices reach within the horizon with a given probability.

    With S the cumulated log return, the stop of what is held is at the `prob` quantile of
    :math:`\min_{k \le \text{horizon}} S_k`, over posterior predictive paths. Prices are looked at
    once a period, as closes are: within a period they reach further.

    Parameters
    ----------
    model : PredictiveModel
        Fitted to log returns, as fractions.
    horizon : int
        Periods that the position is meant to be held.
    prob : float, default 0.05
        The probability of being stopped out by what the model calls normal; below one half.

    Raises
    ------
    ValueError, TypeError, NotFittedError
        Also if the returns can only be percent or basis points; a warning if they may be.
    """
    horizon, prob = positive_integer("horizon", horizon), tail_level("prob", prob)
    check_fractions(predictive_return(model))
    predictive = predictive_return(model, horizon)
    paths = np.cumsum(predictive.draws, axis=2)
    lowest, lowest_error = _quantile(paths.min(axis=2), prob)
    highest, highest_error = _quantile(-paths.max(axis=2), prob)
    return StopDistance(
        horizon=horizon,
        prob=prob,
        long=-math.expm1(lowest),
        short=math.expm1(-highest),
        long_error=lowest_error * math.exp(lowest),
        short_error=highest_error * math.exp(-highest),
        doubts=predictive.doubts,
    )


def _quantile(draws: Array, prob: float) -> tuple[float, float]:
    """Return a quantile and its standard error, half the distance of what is an error away."""
    value = float(np.quantile(draws, prob))
    error = monte_carlo_error((draws <= value).astype(np.float64))
    if not math.isfinite(error):
        return value, math.inf
    low, high = np.quantile(draws, np.clip([prob - error, prob + error], 0.0, 1.0))
    return value, 0.5 * float(high - low)
