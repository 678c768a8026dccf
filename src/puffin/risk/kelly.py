"""The fraction of wealth that makes it grow fastest, as far as that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from puffin.arrays import Array
from puffin.posterior import Predictive, PredictiveModel, predictive_return
from puffin.risk.card import kelly_card
from puffin.risk.fractions import check_fractions
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import periods_per_year as infer_periods_per_year
from puffin.validation import positive_number
from puffin.validation.columns import as_float_array
from puffin.validation.risk_free_rate import annual_risk_free_rate, period_risk_free_rate
from puffin.validation.values import check_finite

__all__ = ["KellyFraction", "kelly_fraction", "quadratic_kelly"]


@dataclass(frozen=True, repr=False)
class KellyFraction(Shown):
    """How much of wealth to hold in the next period, by four reckonings.

    Attributes
    ----------
    fraction : float
        What maximises expected log wealth over the posterior predictive distribution; 0 to 1.
    error : float
        Its Monte Carlo standard error; 0 at either end.
    plug_in : float
        The same if the posterior means of all parameters and of volatility were the truth.
    quadratic, quadratic_plug_in : float
        Both in the quadratic approximation, without limits: above 1 is borrowed, below 0 short.
    prob_growth : float
        The probability that `quadratic` outgrows cash: that the growth rate, in that
        approximation and given the draw, is positive.
    doubts : tuple of str
        Reasons not to rely on the model's fit.
    """

    fraction: float
    error: float
    plug_in: float
    quadratic: float
    quadratic_plug_in: float
    prob_growth: float
    doubts: tuple[str, ...] = ()

    def _card(self) -> Card:
        return kelly_card(self)


def kelly_fraction(
    model: PredictiveModel,
    *,
    risk_free_rate: float = 0.0,
    periods_per_year: float | None = None,
) -> KellyFraction:
    r"""Return the Kelly fraction under uncertainty of parameters and volatility.

    Of log returns x and a period's rate of cash c, a fraction f of wealth grows by

    .. math:: g(f) = E \log\left( 1 + c + f (e^x - 1 - c) \right), \qquad 0 \le f \le 1

    Beyond 1, or below 0, a loss of everything has a probability above zero, and expected log wealth
    is minus infinity. In between it exists, for Student-t errors too, whose simple return has no
    mean. The expectation is over the posterior predictive distribution, by Gauss-Hermite
    quadrature given each draw and what its law mixes over, so that no luck of simulated returns is
    in it.

    The quadratic approximation around cash, with mean m and variance v of the log return,

    .. math:: f = \frac{E[m + v / 2] - \log(1 + c)}{E[v + (m - \log(1 + c))^2]}

    has no limits: think of it as what to hold if trades could be made all the time. E[v] is the
    average over the draws, as in `volatility_target`.

    How sure the mean is hardly matters for one period: what is not known of it adds its variance,
    one part in as many as there are returns, to that of the return itself. What does matter is
    that the posterior mean is shrunk by its prior, and that `prob_growth` is seldom near 1.

    Parameters
    ----------
    model : PredictiveModel
        Fitted to log returns.
    risk_free_rate : float, default 0
        Annual, as a fraction.
    periods_per_year : float, optional
        By default read off the dates; 252 where there are none.

    Raises
    ------
    ValueError, TypeError, NotFittedError

    References
    ----------
    Kelly (1956), "A new interpretation of information rate"; Browne & Whitt (1996), "Portfolio
    choice and the Bayesian Kelly criterion", Advances in Applied Probability 28.
    """
    predictive = predictive_return(model)
    check_fractions(predictive)
    annual = annual_risk_free_rate(risk_free_rate)
    periods = (
        infer_periods_per_year(predictive.index)
        if periods_per_year is None
        else positive_number("periods_per_year", periods_per_year)
    )
    cash = period_risk_free_rate(annual, periods)
    fraction, error = _maximum(predictive, cash)
    plug_in, _ = _maximum(predictive.at_posterior_mean(), cash)
    mean, sd = predictive.location - math.log1p(cash), predictive.spread
    simple, average = mean + 0.5 * sd**2, predictive.average
    quadratic = float(average(simple) / average(sd**2 + simple**2))
    point_mean, point_sd = float(average(mean)), float(average(sd))
    growth = simple - 0.5 * quadratic * sd**2
    return KellyFraction(
        fraction=fraction,
        error=error,
        plug_in=plug_in,
        quadratic=quadratic,
        quadratic_plug_in=quadratic_kelly(point_mean + 0.5 * point_sd**2, point_sd),
        prob_growth=float(average(quadratic * growth > 0.0)),
        doubts=predictive.doubts,
    )


def quadratic_kelly(mean: Any, sd: Any) -> float:
    r"""Return the Kelly fraction of simple excess returns in the quadratic approximation.

    .. math:: f = \frac{E \mu}{E[\sigma^2 + \mu^2]}

    maximises :math:`E[f r - f^2 r^2 / 2]`, the expectations over draws of mean and standard
    deviation; of single numbers it is the plug-in fraction.

    Parameters
    ----------
    mean, sd : array-like of shape (n_draws,), or float
        Of a period's simple excess return, by draw.
    """
    means, sds = as_float_array("mean", mean), as_float_array("sd", sd)
    check_finite("mean", np.atleast_1d(means))
    check_finite("sd", np.atleast_1d(sds))
    if sds.min() <= 0.0:
        raise ValueError(f"sd must be above zero; found {sds.min():g}.")
    return float(np.mean(means) / np.mean(sds**2 + means**2))


def _maximum(predictive: Predictive, cash: float) -> tuple[float, float]:
    """Return the fraction between 0 and 1 with the largest growth, and its standard error."""
    from scipy.optimize import brentq

    returns, weights = predictive.nodes()
    with np.errstate(over="ignore"):
        excess = np.minimum(np.expm1(returns), np.finfo(np.float64).max) - cash

    def slope(fraction: float) -> Array:
        """Return the derivative of growth given each draw."""
        return np.asarray((excess / (1.0 + cash + fraction * excess)) @ weights)

    def mean_slope(fraction: float) -> float:
        return float(predictive.average(slope(fraction)))

    if mean_slope(0.0) <= 0.0:
        return 0.0, 0.0
    with np.errstate(divide="ignore", over="ignore"):
        if mean_slope(1.0) >= 0.0:
            return 1.0, 0.0
    best = float(brentq(mean_slope, 0.0, 1.0 - 1e-9, xtol=1e-9))
    curvature = predictive.average(((excess / (1.0 + cash + best * excess)) ** 2) @ weights)
    return best, predictive.error(slope(best)) / float(curvature)
