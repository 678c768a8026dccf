r"""Whether a strategy is still the one that was backtested."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed
from puffin.models.monitoring.change_model import (
    Gaussian,
    live_given_both,
    months_to_know,
    prob_lower,
)
from puffin.models.monitoring.change_result import SharpeChange
from puffin.models.settings import check_priors, checked_seed
from puffin.models.sharpe import SharpePosterior, SharpePriors, bayesian_sharpe
from puffin.progress import progress_bar
from puffin.validation import (
    DataLike,
    Labels,
    Period,
    ReturnSeries,
    as_returns,
    position_of,
    positive_number,
    probability,
    row_label,
)
from puffin.validation import periods_per_year as infer_periods_per_year
from puffin.validation.flat import check_active, flat_value, repeated_value
from puffin.validation.risk_free_rate import annual_risk_free_rate

__all__ = ["sharpe_change"]

_FEWEST_LIVE, _FEWEST_BACKTESTED = 3, 20
_WEEKS = 52.0
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
        Draws of each chain of each posterior.
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
    >>> change.prob_lower, change.prob_negative, change.months_to_settle_sign  # doctest: +SKIP
    >>> change.path  # doctest: +SKIP
    """
    change_sd = _size_of_change("change_sd", change_sd)
    certainty = _above_a_half("certainty", certainty)
    hdi_prob = probability("hdi_prob", hdi_prob)
    risk_free_rate = annual_risk_free_rate(risk_free_rate)
    series = as_returns(returns, date=date)
    first = position_of("since", since, series)
    _check_enough(series, first)
    before = _part(series, 0, first)
    if periods_per_year is None:
        periods = infer_periods_per_year(before.index)
        periods_since = _periods_since(series.index, first, periods)
    else:
        periods = periods_since = positive_number("periods_per_year", periods_per_year)
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
    ends = list(_week_ends(series, first, periods_since))
    with _where(f"Since {_label(series, first)}"):
        lives = _week_by_week(series, first, ends, fit, autocorrelation, progressbar)
    path = _path(series, first, _gaussian(backtest), lives, change_sd, hdi_prob)
    months = 12.0 * (series.values.size - first) / periods_since
    change, sign = months_to_know(
        _gaussian(backtest), _gaussian(lives[ends[-1]]), change_sd, months, certainty
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


def _week_by_week(
    series: ReturnSeries,
    first: int,
    ends: Sequence[int],
    fit: Callable[[ReturnSeries, int], SharpePosterior],
    autocorrelation: str,
    progressbar: bool,
) -> dict[int, SharpePosterior]:
    """Return the posterior of the live returns up to each end that has one, and to the last."""
    lives = {}
    with progress_bar("Week by week", len(ends), progressbar) as advance:
        for week, end in enumerate(ends, start=1):
            part = _part(series, first, end)
            if end == ends[-1] or _has_sharpe_ratio(part.values, autocorrelation):
                lives[end] = fit(part, week)
            advance(1)
    return lives


def _path(
    series: ReturnSeries,
    first: int,
    backtest: Gaussian,
    lives: Mapping[int, SharpePosterior],
    change_sd: float,
    hdi_prob: float,
) -> pd.DataFrame:
    """Return a row for each posterior of the returns from `first` up to an end."""
    rows = []
    for end, posterior in lives.items():
        alone = _gaussian(posterior)
        known = live_given_both(backtest, alone, change_sd)
        low, high = known.interval(hdi_prob)
        rows.append(
            {
                "n_observations": end - first,
                "sharpe": known.mean,
                "low": low,
                "high": high,
                "prob_lower": prob_lower(backtest, alone, change_sd),
                "prob_negative": known.prob_negative,
                "sharpe_alone": alone.mean,
                "sd_alone": alone.sd,
            }
        )
    lasts = np.array(list(lives)) - 1
    index = pd.Index(lasts) if series.index is None else series.index[lasts]
    return pd.DataFrame(rows, index)


def _gaussian(posterior: SharpePosterior) -> Gaussian:
    return Gaussian(posterior["mean"], posterior["std"])


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


def _part(series: ReturnSeries, first: int, end: int) -> ReturnSeries:
    index = None if series.index is None else series.index[first:end]
    return ReturnSeries(series.values[first:end], index, series.name)


def _label(series: ReturnSeries, position: int) -> str:
    return f"row {position}" if series.index is None else row_label(series.index[position])


def _check_enough(series: ReturnSeries, first: int) -> None:
    live = series.values.size - first
    if first < _FEWEST_BACKTESTED:
        raise ValueError(
            f"since is {_label(series, first)}, and before it there are {first} returns; a "
            f"backtest needs at least {_FEWEST_BACKTESTED}."
        )
    if live < _FEWEST_LIVE:
        raise ValueError(
            f"since is {_label(series, first)}, and from it on there are {live} returns; at least "
            f"{_FEWEST_LIVE} are needed."
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


def _week_ends(series: ReturnSeries, first: int, periods: float) -> Iterator[int]:
    """Give the positions after the last live return of each week.

    Calendar weeks where there are dates; else as many rows as there are periods in a week.
    """
    size = series.values.size
    if isinstance(series.index, pd.DatetimeIndex):
        weeks = series.index[first:].tz_localize(None).to_period("W-SUN")
        yield from (first + 1 + int(row) for row in np.flatnonzero(weeks[1:] != weeks[:-1]))
    else:
        step = max(1, round(periods / _WEEKS))
        yield from range(first + step, size, step)
    yield size


def _has_sharpe_ratio(values: Array, autocorrelation: str) -> bool:
    """Whether returns are enough, and different enough, to have one."""
    if values.size < _FEWEST_LIVE or np.ptp(values) == 0.0:
        return False
    autoregressive = autocorrelation == "ar1"
    flat = repeated_value(values) if autoregressive else flat_value(values)
    if flat is None:
        return True
    try:
        check_active(values[values != flat])
    except ValueError:
        return False
    return not autoregressive


def _above_a_half(argument: str, value: float) -> float:
    number = probability(argument, value)
    if number <= 0.5:
        raise ValueError(f"{argument} must be above 0.5; found {number}.")
    return number
