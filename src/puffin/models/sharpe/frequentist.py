r"""What a frequentist says of a Sharpe ratio: beside the posterior, for those who are asked for it.

A sample's Sharpe ratio S (of a period) is asymptotically normal. With skewness :math:`\gamma_3` and
kurtosis :math:`\gamma_4` of the returns, 0 and 3 if they are Gaussian, its variance is (Lo 2002;
Mertens 2002; Opdyke 2007)

.. math::

    V(S) = \frac{1}{T} \left(1 - \gamma_3 S + \frac{\gamma_4 - 1}{4} S^2\right)

The functions here differ from `SharpePosterior.prob_greater` in what they say: one minus the
p-value of the test that the true ratio is the threshold, not the probability that it is greater.
They differ among authors in where V is taken:

- ``variance="null"``, at the threshold and over T: that is a test's variance under its hypothesis
  (Lopez de Prado, Lipton & Zoonek 2025, "Sharpe ratio inference: a new standard for reporting and
  decision-making");
- ``variance="estimate"``, at the sample's ratio and over T - 1 (Bailey & Lopez de Prado 2012, "The
  Sharpe ratio efficient frontier", Journal of Risk 15). A strategy whose losses are rare and large
  is judged far more leniently by the first: 0.987 against 0.913 in the published example.

All Sharpe ratios here are annual, of returns in excess of the risk-free rate;
``periods_per_year=1`` makes them those of a period. Returns are taken to be independent over time,
by every formula here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from puffin.showing.card import Card, Table
from puffin.showing.numbers import decimal
from puffin.showing.numbers import probability as probability_text
from puffin.showing.shown import Shown
from puffin.validation import (
    as_returns,
    choice,
    finite_number,
    positive_integer,
    positive_number,
    probability,
)
from puffin.validation import periods_per_year as infer_periods_per_year
from puffin.validation.risk_free_rate import annual_risk_free_rate, period_risk_free_rate

__all__ = [
    "SharpeEstimate",
    "deflated_sharpe_ratio",
    "minimum_track_record_length",
    "probabilistic_sharpe_ratio",
]

_VARIANCES = ("null", "estimate")


@dataclass(frozen=True, repr=False)
class SharpeEstimate(Shown):
    """A sample's Sharpe ratio, and what its standard error depends on.

    From returns by `of`, or from published numbers.

    Attributes
    ----------
    sharpe : float
        Annual.
    n_observations : int
    skewness, kurtosis : float
        Of the returns; 0 and 3 if they are Gaussian.
    periods_per_year : float

    Examples
    --------
    >>> published = SharpeEstimate(0.036 / 0.079, 24, skewness=-2.448, kurtosis=10.164)
    >>> round(published.standard_error(), 3), round(published.probabilistic(0.1), 3)
    (0.329, 0.939)
    """

    sharpe: float
    n_observations: int
    skewness: float = 0.0
    kurtosis: float = 3.0
    periods_per_year: float = 1.0

    def __post_init__(self) -> None:
        positive_integer("n_observations", self.n_observations, minimum=2)
        positive_number("periods_per_year", self.periods_per_year)
        for name in ("sharpe", "skewness", "kurtosis"):
            finite_number(name, getattr(self, name))
        # Of any distribution, and of any sample.
        if self.kurtosis < 1.0 + self.skewness**2 - 1e-9:
            raise ValueError(
                f"kurtosis must be at least 1 + skewness^2 = {1.0 + self.skewness**2:g}; found "
                f"{self.kurtosis:g}. Is it the excess over that of a normal distribution? Add 3."
            )

    @classmethod
    def of(
        cls, returns: Any, *, risk_free_rate: float = 0.0, periods_per_year: float | None = None
    ) -> SharpeEstimate:
        """Return the estimate from simple returns; arguments as in `bayesian_sharpe`."""
        risk_free_rate = annual_risk_free_rate(risk_free_rate)
        series = as_returns(returns, minimum=2)
        periods = (
            infer_periods_per_year(series.index)
            if periods_per_year is None
            else positive_number("periods_per_year", periods_per_year)
        )
        excess = series.values - period_risk_free_rate(risk_free_rate, periods)
        z = (excess - excess.mean()) / excess.std()
        return cls(
            sharpe=float(np.sqrt(periods) * excess.mean() / excess.std(ddof=1)),
            n_observations=excess.size,
            skewness=float(np.mean(z**3)),
            kurtosis=float(np.mean(z**4)),
            periods_per_year=periods,
        )

    def _card(self) -> Card:
        error, year = self.standard_error(), self.periods_per_year != 1.0
        above = probability_text(self.probabilistic())
        return Card(
            "SharpeEstimate",
            [
                f"{'Annual ' if year else ''}Sharpe ratio {decimal(self.sharpe)} of a sample of "
                f"{self.n_observations} returns, standard error {decimal(error)}; probabilistic "
                f"Sharpe ratio above zero {above}."
            ],
            table=Table(
                ("Sharpe ratio", "standard error", "skewness", "kurtosis", "PSR(0)"),
                [
                    (
                        decimal(self.sharpe),
                        decimal(error),
                        decimal(self.skewness),
                        decimal(self.kurtosis),
                        above,
                    )
                ],
            ),
        )

    def standard_error(self, at: float | None = None) -> float:
        """Return the standard error of the annual ratio, were `at` the true one; the estimate's."""
        ratio = self._of_a_period(self.sharpe if at is None else finite_number("at", at))
        return math.sqrt(self.periods_per_year * self._variance(ratio) / self.n_observations)

    def probabilistic(self, threshold: float = 0.0, *, variance: str = "null") -> float:
        """Return the probabilistic Sharpe ratio; see `probabilistic_sharpe_ratio`."""
        apart = self.sharpe - finite_number("threshold", threshold)
        observations = self.n_observations - self._lost(variance)
        per_observation = self._variance(self._judged_at(threshold, variance))
        sd = math.sqrt(self.periods_per_year * per_observation / observations)
        return float(ndtr(apart / sd))

    def deflated(self, n_trials: int, trials_sd: float, *, variance: str = "null") -> float:
        """Return the deflated Sharpe ratio; see `deflated_sharpe_ratio`."""
        return self.probabilistic(expected_maximum(n_trials, trials_sd), variance=variance)

    def minimum_length(
        self, threshold: float = 0.0, *, prob: float = 0.95, variance: str = "null"
    ) -> float:
        """Return the minimum track record length; see `minimum_track_record_length`."""
        prob = probability("prob", prob)
        if prob <= 0.5:
            raise ValueError(f"prob must be above 0.5; found {prob:g}.")
        choice("variance", variance, _VARIANCES)
        apart = self._of_a_period(self.sharpe - finite_number("threshold", threshold))
        if apart <= 0.0:
            return math.inf
        needed = self._variance(self._judged_at(threshold, variance)) * (ndtri(prob) / apart) ** 2
        return float(needed + self._lost(variance))

    def _of_a_period(self, annual: float) -> float:
        return annual / math.sqrt(self.periods_per_year)

    def _variance(self, ratio: float) -> float:
        """Return T times the variance of the ratio of a period; zero for two-valued returns."""
        inside = 1.0 - self.skewness * ratio + 0.25 * (self.kurtosis - 1.0) * ratio**2
        return max(inside, float(np.finfo(float).tiny))

    def _judged_at(self, threshold: float, variance: str) -> float:
        null = choice("variance", variance, _VARIANCES) == "null"
        return self._of_a_period(threshold if null else self.sharpe)

    def _lost(self, variance: str) -> int:
        """Return how many observations the estimate of the variance costs."""
        return 0 if variance == "null" else 1


def expected_maximum(n_trials: int, trials_sd: float) -> float:
    r"""Return the expected maximum of `n_trials` estimated ratios whose true values are all zero.

    .. math::

        \sigma \left[(1 - \gamma) \Phi^{-1}\left(1 - \tfrac{1}{N}\right)
        + \gamma \Phi^{-1}\left(1 - \tfrac{1}{N e}\right)\right]

    with Euler's :math:`\gamma`: that of independent normal ratios with standard deviation
    :math:`\sigma`, to good approximation for N of 5 and more. 0 for a single trial.
    """
    trials = positive_integer("n_trials", n_trials)
    spread = finite_number("trials_sd", trials_sd)
    if spread < 0.0:
        raise ValueError(f"trials_sd must not be below zero; found {spread:g}.")
    if trials == 1:
        return 0.0
    first, second = ndtri(1.0 - 1.0 / trials), ndtri(1.0 - 1.0 / (trials * math.e))
    return float(spread * ((1.0 - np.euler_gamma) * first + np.euler_gamma * second))


def probabilistic_sharpe_ratio(
    returns: Any,
    threshold: float = 0.0,
    *,
    variance: str = "null",
    risk_free_rate: float = 0.0,
    periods_per_year: float | None = None,
) -> float:
    r"""Return one minus the p-value of the test that the true Sharpe ratio is `threshold`.

    .. math:: \Phi\left(\frac{\hat S - S^*}{\sqrt{V}}\right)

    The frequentist counterpart of `SharpePosterior.prob_greater`.

    Parameters
    ----------
    returns : array-like, pandas Series or polars Series, of shape (n_observations,)
        Simple returns, as fractions.
    threshold : float, default 0
        Annual Sharpe ratio :math:`S^*`.
    variance : {"null", "estimate"}
        Where the variance V of the estimate is taken: at the threshold (Lopez de Prado, Lipton &
        Zoonek 2025) or at the estimate (Bailey & Lopez de Prado 2012).
    risk_free_rate : float, default 0
        Annual, as in `bayesian_sharpe`.
    periods_per_year : float, optional
        By default read off the dates; 252 where there are none.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid; the message says which and what to do.
    """
    estimate = SharpeEstimate.of(
        returns, risk_free_rate=risk_free_rate, periods_per_year=periods_per_year
    )
    return estimate.probabilistic(threshold, variance=variance)


def deflated_sharpe_ratio(
    returns: Any,
    n_trials: int,
    trials_sd: float,
    *,
    variance: str = "null",
    risk_free_rate: float = 0.0,
    periods_per_year: float | None = None,
) -> float:
    """Return the probabilistic Sharpe ratio against the best that luck alone would have found.

    The threshold is the expected maximum of `n_trials` independent estimates that are spread about
    zero with standard deviation `trials_sd` (Bailey & Lopez de Prado 2014, "The deflated Sharpe
    ratio", Journal of Portfolio Management 40). Trials that are alike are fewer than they seem:
    count clusters of them. `strategy_comparison` answers the same question from the trials' returns
    themselves, however they are correlated: `StrategyComparison.selected`.

    Parameters
    ----------
    returns : array-like, pandas Series or polars Series, of shape (n_observations,)
        Simple returns of the strategy that was selected.
    n_trials : int
        How many strategies it was selected from, itself included.
    trials_sd : float
        Standard deviation of the annual Sharpe ratios of all trials.
    variance, risk_free_rate, periods_per_year
        As in `probabilistic_sharpe_ratio`.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid; the message says which and what to do.
    """
    estimate = SharpeEstimate.of(
        returns, risk_free_rate=risk_free_rate, periods_per_year=periods_per_year
    )
    return estimate.deflated(n_trials, trials_sd, variance=variance)


def minimum_track_record_length(
    returns: Any,
    threshold: float = 0.0,
    *,
    prob: float = 0.95,
    variance: str = "null",
    risk_free_rate: float = 0.0,
    periods_per_year: float | None = None,
) -> float:
    r"""Return how many periods in all the probabilistic Sharpe ratio needs to reach `prob`.

    If the estimate, the skewness and the kurtosis stay what they are:

    .. math:: T V \left(\frac{\Phi^{-1}(prob)}{\hat S - S^*}\right)^2

    in periods, not years, and one more with ``variance="estimate"``; infinite where the estimate is
    not above the threshold. `SharpePosterior.years_until` is the Bayesian counterpart.

    Parameters
    ----------
    returns : array-like, pandas Series or polars Series, of shape (n_observations,)
        Simple returns, as fractions.
    threshold : float, default 0
        Annual Sharpe ratio :math:`S^*`.
    prob : float, default 0.95
        Above a half.
    variance, risk_free_rate, periods_per_year
        As in `probabilistic_sharpe_ratio`.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid; the message says which and what to do.
    """
    estimate = SharpeEstimate.of(
        returns, risk_free_rate=risk_free_rate, periods_per_year=periods_per_year
    )
    return estimate.minimum_length(threshold, prob=prob, variance=variance)
