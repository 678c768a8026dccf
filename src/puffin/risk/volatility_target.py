"""Positions whose volatility is a target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.posterior import PredictiveModel, predictive_return
from puffin.risk.card import target_card
from puffin.risk.fractions import check_fractions
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import as_aligned, finite_number, positive_number, probability
from puffin.validation import periods_per_year as infer_periods_per_year

__all__ = ["VolatilityTarget", "no_trade_band", "volatility_target", "volatility_target_weights"]


@dataclass(frozen=True, repr=False)
class VolatilityTarget(Shown):
    """How much to hold in the next period.

    Attributes
    ----------
    weight : float
        Fraction of wealth, after the band and the cap.
    wanted : float
        The same without the band.
    plug_in : float
        What the posterior mean of volatility alone would say, after the cap.
    volatility, volatility_low, volatility_high : float
        Of the asset in the next period, annual: posterior mean and highest-density interval.
    prob_above_target : float
        The probability that the volatility of `weight` is above the target.
    hdi_prob : float
        Of the interval.
    doubts : tuple of str
        Reasons not to rely on the model's fit.
    """

    weight: float
    wanted: float
    plug_in: float
    volatility: float
    volatility_low: float
    volatility_high: float
    prob_above_target: float
    hdi_prob: float = 0.94
    doubts: tuple[str, ...] = ()

    def _card(self) -> Card:
        return target_card(self)


def volatility_target(
    model: PredictiveModel,
    target_volatility: float,
    *,
    max_leverage: float = 1.0,
    held: float | None = None,
    band: float = 0.0,
    hdi_prob: float = 0.94,
    periods_per_year: float | None = None,
) -> VolatilityTarget:
    r"""Return the weight whose variance is expected to be that of the target.

    Volatility of the next period, :math:`e^{h/2} \sqrt{q}` a year, is not known. The variance of
    the position, expected over all draws of h, is on target with

    .. math:: w = \frac{\text{target}}{\sqrt{q \, E[e^h]}}

    which also maximises the expected quadratic utility of whoever would take the target if
    volatility were known. It is below the plug-in weight, target over expected volatility, the more
    so the less volatility is known: by 5% where its logarithm has a standard deviation of 0.32, as
    for an index a day ahead.

    The expectation is the average over the draws, as in the predictive standard deviation. For
    `StochasticVolatilityModel`, over the whole tail of the prior of sigma, it would be infinite
    unless `sigma_sd` is below 0.9: a tail that the data leave nothing of, and that no draw is in.

    Parameters
    ----------
    model : PredictiveModel
        Fitted to returns that are fractions.
    target_volatility : float
        Annual, as a fraction: 0.1 for 10%.
    max_leverage : float, default 1
        The largest weight, of what is held as well: the band keeps none beyond it.
    held : float, optional
        The weight held now.
    band : float, default 0
        Trade only if `held` is off by more than this share of the wanted weight.
    hdi_prob : float, default 0.94
    periods_per_year : float, optional
        By default read off the dates; 252 where there are none.

    Raises
    ------
    ValueError, TypeError, NotFittedError
    """
    predictive = predictive_return(model)
    check_fractions(predictive)
    target = positive_number("target_volatility", target_volatility)
    hdi_prob = probability("hdi_prob", hdi_prob)
    periods = _periods(periods_per_year, predictive.index)
    cap, band = positive_number("max_leverage", max_leverage), _band(band)
    draws = predictive.spread * math.sqrt(periods)
    wanted = min(target / float(np.sqrt(predictive.average(draws**2))), cap)
    kept = wanted if held is None else _traded(finite_number("held", held), wanted, band)
    weight = max(-cap, min(kept, cap))
    low, high = predictive.interval(draws, hdi_prob)
    mean = float(predictive.average(draws))
    return VolatilityTarget(
        weight=weight,
        wanted=wanted,
        plug_in=min(target / mean, cap),
        volatility=mean,
        volatility_low=low,
        volatility_high=high,
        prob_above_target=float(predictive.average(abs(weight) * draws > target)),
        hdi_prob=hdi_prob,
        doubts=predictive.doubts,
    )


def volatility_target_weights(
    volatility: Any,
    target_volatility: float,
    *,
    max_leverage: float = 1.0,
    band: float = 0.0,
    periods_per_year: float | None = None,
) -> pd.Series[float]:
    """Return the weights for forecasts through time: target over annual volatility, capped.

    Parameters
    ----------
    volatility : array-like of shape (n_times,)
        Forecasts of each period's volatility, made before it: not annual. Of a rolling forecast
        `return_sd` has the uncertainty of volatility in it, `volatility` is the plug-in.
    target_volatility : float
        Annual, as a fraction.
    max_leverage : float, default 1
    band : float, default 0
        As in `no_trade_band`.
    periods_per_year : float, optional
        By default read off the dates; 252 where there are none.

    Returns
    -------
    Series
        The weight to hold in each period of the index, decided before it. `puffin.backtest.run`
        has decisions in the row in which they are made: there it is ``weights.shift(-1)``.
    """
    (forecasts,), index = as_aligned(volatility=volatility)
    if forecasts.min() <= 0.0:
        raise ValueError(f"volatility must be above zero; found {forecasts.min():g}.")
    target = positive_number("target_volatility", target_volatility)
    cap = positive_number("max_leverage", max_leverage)
    annual = forecasts * math.sqrt(_periods(periods_per_year, index))
    return no_trade_band(pd.Series(np.minimum(target / annual, cap), index), band)


def no_trade_band(weights: Any, band: float) -> pd.Series[float]:
    """Return weights that stay as they are until they are too far from what is wanted.

    Parameters
    ----------
    weights : array-like of shape (n_times,)
        What is wanted.
    band : float
        A weight is kept as long as it is off by no more than this share of the wanted one; then
        all of the way is traded. 0.1 saves most of the trades of a daily volatility target.
    """
    (wanted,), index = as_aligned(weights=weights)
    band = _band(band)
    held: Array = np.empty_like(wanted)
    now = float(wanted[0])
    for t, weight in enumerate(wanted):
        now = _traded(now, float(weight), band)
        held[t] = now
    return pd.Series(held, index, name="weight")


def _traded(held: float, wanted: float, band: float) -> float:
    return held if abs(held - wanted) <= band * abs(wanted) else wanted


def _band(band: float) -> float:
    number = finite_number("band", band)
    if number < 0.0:
        raise ValueError(f"band must be a share of at least 0; found {number:g}.")
    return number


def _periods(periods_per_year: float | None, index: pd.Index[Any] | None) -> float:
    if periods_per_year is None:
        return infer_periods_per_year(index)
    return positive_number("periods_per_year", periods_per_year)
