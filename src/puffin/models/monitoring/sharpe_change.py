r"""Whether a strategy is still the one that was backtested."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed
from puffin.models.monitoring.change_model import months_to_know
from puffin.models.monitoring.change_path import (
    FEWEST_LIVE,
    change_path,
    gaussian,
    part_of,
    week_by_week,
    week_ends,
)
from puffin.models.monitoring.change_result import SharpeChange
from puffin.models.settings import check_priors, checked_seed
from puffin.models.sharpe import SharpePosterior, SharpePriors, bayesian_sharpe
from puffin.validation import (
    DataLike,
    Labels,
    Period,
    ReturnSeries,
    as_returns,
    position_of,
    positive_integer,
    positive_number,
    probability,
    row_label,
)
from puffin.validation import periods_per_year as infer_periods_per_year
from puffin.validation.flat import flat_value
from puffin.validation.risk_free_rate import annual_risk_free_rate

__all__ = ["sharpe_change"]

_FEWEST_SAMPLES = 10
_FEWEST_BACKTESTED = 20
_LARGEST_CHANGE = 1e6
_OTHER_BARS, _OTHER_CALENDAR = 1.5, 1.1
_ENOUGH_TO_TELL = pd.Timedelta(days=21)


def sharpe_change(
    returns: DataLike,
    since: Period,
    samples: int = 2000,
    risk_free_rate: float = 0.0,
    *,
    change_sd: float = 1.0,
    certainty: float = 0.95,
    periods_per_year: float | None = None,
    hdi_prob: float = 0.94,
    distribution: str = "asymmetric",
    autocorrelation: str = "counted",
    priors: SharpePriors | None = None,
    date: str | None = None,
    engine: str = "native",
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    progressbar: bool = False,
) -> SharpeChange:
    r"""Return whether a strategy's Sharpe ratio has fallen since it went live, and below zero.

    The returns before `since` and those from it on each have the posterior of `bayesian_sharpe`.
    They are tied together by a prior of the change: the annual Sharpe ratio since is that of the
    backtest plus :math:`\delta \sim N(0, c^2)`, c being `change_sd`. By default most changes are
    below 1, half of them below 0.67. (`puffin.models.monitoring.change_model` has the formulas; the
    posteriors enter by their means and standard deviations.) So a bad first week moves little: that
    a Sharpe ratio falls by 5 is not to be expected, and that a week is bad is.

    How often there is an alarm, `prob_lower` above 0.95 in any week by then, of 40 simulated
    strategies with five years of backtest (daily, Student-t with 5 degrees of freedom; the standard
    error of a share is at most 8 points, 3 where it is 5%):

    ======================================  =======  ========  =========
    annual Sharpe ratio                     1 year   2 years   3 years
    ======================================  =======  ========  =========
    1, no change: a false alarm             2%       5%        5%
    1, then 0.5                             2%       20%       28%
    1, then 0                               8%       22%       32%
    1, then -1 (median 16 months)           35%      80%       82%
    2, then 0 (median 20 months)            32%      62%       80%
    0.5, no change, the best of 20 such     12%      25%       25%
    ======================================  =======  ========  =========

    benchmarks/watch.md has the rest, and the command that makes it.

    The last row is the bias of selection. A backtest that was chosen for its Sharpe ratio, from
    many or by tuning, is better than the strategy ever was: a lower one is then to be expected, and
    is no evidence that the strategy broke. ``compare_strategies(..., pool=True)`` of all that
    were tried says what is left of the best; and `prob_negative` depends less on it.

    Parameters
    ----------
    returns : array-like, pandas Series, polars Series or DataFrame, of shape (n_observations,)
        Simple returns, as fractions, of the backtest and the live strategy in one series.
    since : date, str or int
        The first live date; for returns without dates the position of the first live one.
    samples : int, default 2000
        Draws of each chain of each posterior; at least 10, of which a standard deviation is known.
    risk_free_rate : float, default 0
        Annual.
    change_sd : float, default 1
        Standard deviation of the change of the annual Sharpe ratio that is thought possible.
    certainty : float, default 0.95
        The probability at which a question counts as settled.
    periods_per_year : float, optional
        By default read off the dates; 252 where there are none. Where those since `since` are of
        another calendar or of longer or shorter bars, each part is annualised by its own.
    hdi_prob : float, default 0.94
    distribution : {"asymmetric", "student", "normal"}
        The law of errors, as in `bayesian_sharpe`.
    autocorrelation : {"counted", "ignore", "ar1"}
    priors : SharpePriors, optional
        With ``scale="data"``, the unit is that of the backtest's returns (`SharpePriors`), for the
        live ones too.
    date : str, optional
        The column of dates, in a polars frame.
    engine, tune, chains, cores, random_seed, progressbar
        As in every model. Each week is a fit of its own: PyMC takes hours.

    Returns
    -------
    SharpeChange

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, fewer than 20 returns are before `since` or fewer than 3 since,
        or either have no Sharpe ratio.

    Examples
    --------
    >>> import puffin as pf
    >>> returns = pf.datasets.load_equities().pct_change()["GE"].loc["2012":"2018"]
    >>> change = pf.sharpe_change(returns, since="2017-01-01", random_seed=1)
    >>> print(round(change.prob_lower, 1), round(change.prob_negative, 1))
    1.0 1.0
    >>> change.path, change.months_to_settle_sign  # doctest: +SKIP
    """
    samples = positive_integer("samples", samples, minimum=_FEWEST_SAMPLES)
    change_sd = _size_of_change("change_sd", change_sd)
    certainty = _above_a_half("certainty", certainty)
    hdi_prob = probability("hdi_prob", hdi_prob)
    risk_free_rate = annual_risk_free_rate(risk_free_rate)
    series = as_returns(returns, date=date)
    first = position_of("since", since, series)
    _check_enough(series, first)
    before = part_of(series, 0, first)
    periods, periods_since = _annual_periods(series, first, periods_per_year)
    seed = fixed_seed(checked_seed(random_seed))
    priors = check_priors(priors, SharpePriors)
    backtested = _in_units_of(before.values, priors, 1.0)
    lived = _in_units_of(before.values, priors, np.sqrt(periods / periods_since))

    def fit(part: ReturnSeries, number: int) -> SharpePosterior:
        years, units = (periods, backtested) if number == 0 else (periods_since, lived)
        return bayesian_sharpe(
            part.pandas, samples, risk_free_rate, periods_per_year=years, hdi_prob=hdi_prob,
            distribution=distribution, autocorrelation=autocorrelation, priors=units,
            engine=engine, tune=tune, chains=chains, cores=cores,
            random_seed=np.random.SeedSequence(seed, spawn_key=(number,)),
        )  # fmt: skip

    with _where(f"Before {_label(series, first)}"):
        backtest = fit(before, 0)
    ends = list(week_ends(series, first, periods_since))
    with _where(f"Since {_label(series, first)}"):
        lives = week_by_week(series, first, ends, fit, autocorrelation, progressbar)
    path = change_path(series, first, gaussian(backtest), lives, change_sd, hdi_prob)
    months = 12.0 * (series.values.size - first) / periods_since
    change, sign = months_to_know(
        gaussian(backtest), gaussian(lives[ends[-1]]), change_sd, months, certainty
    )
    return SharpeChange(
        name=series.name, since=first if series.index is None else series.index[first],
        prob_lower=float(path["prob_lower"].iloc[-1]),
        prob_negative=float(path["prob_negative"].iloc[-1]),
        months_to_settle_change=change, months_to_settle_sign=sign,
        backtest=backtest, live=lives[ends[-1]], path=path,
        change_sd=change_sd, certainty=certainty, hdi_prob=hdi_prob,
    )  # fmt: skip


def _size_of_change(argument: str, value: float) -> float:
    if positive_number(argument, value) > _LARGEST_CHANGE:
        raise ValueError(
            f"{argument} is of an annual Sharpe ratio, at most {_LARGEST_CHANGE:g}; "
            f"found {value:g}."
        )
    return float(value)


@contextlib.contextmanager
def _where(part: str) -> Iterator[None]:
    """Say in an error which part of the returns it is about."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{part}: {error}") from None


def _annual_periods(series: ReturnSeries, first: int, given: float | None) -> tuple[float, float]:
    """Return the periods a year before `first` and since, as given or read off the dates."""
    if given is not None:
        periods = positive_number("periods_per_year", given)
        return periods, periods
    before = infer_periods_per_year(part_of(series, 0, first).index)
    return before, _periods_since(series.index, first, before)


def _periods_since(index: Labels | None, first: int, before: float) -> float:
    """Return the periods a year of the rows from `first` on, if they tell other than before."""
    if not isinstance(index, pd.DatetimeIndex):
        return before
    spacings = [np.median(np.diff(part.asi8)) for part in (index[:first], index[first:])]
    other_bars = max(spacings) > _OTHER_BARS * min(spacings)
    if not other_bars and index[-1] - index[first] < _ENOUGH_TO_TELL:
        return before
    since = infer_periods_per_year(index[first:])
    return since if max(since, before) > _OTHER_CALENDAR * min(since, before) else before


def _label(series: ReturnSeries, position: int) -> str:
    return f"row {position}" if series.index is None else row_label(series.index[position])


def _check_enough(series: ReturnSeries, first: int) -> None:
    live = series.values.size - first
    if first < _FEWEST_BACKTESTED:
        raise ValueError(
            f"since is {_label(series, first)}, and before it there are {first} returns; a "
            f"backtest needs at least {_FEWEST_BACKTESTED}."
        )
    if live < FEWEST_LIVE:
        raise ValueError(
            f"since is {_label(series, first)}, and from it on there are {live} returns; at least "
            f"{FEWEST_LIVE} are needed."
        )


def _in_units_of(backtested: Array, priors: SharpePriors, times: float) -> SharpePriors:
    """Return the priors in units of the backtest's returns, those of flat periods left out.

    `times` is how much larger returns of longer periods are.
    """
    flat = flat_value(backtested)
    active = backtested if flat is None else backtested[backtested != flat]
    if priors.scale != "data" or active.size < 2 or np.ptp(active) == 0.0:
        return priors
    return dataclasses.replace(priors, scale=times * priors.unit(active))


def _above_a_half(argument: str, value: float) -> float:
    number = probability(argument, value)
    if number <= 0.5:
        raise ValueError(f"{argument} must be above 0.5; found {number}.")
    return number
