"""A live strategy's posterior week by week, each tied to the backtest's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.models.monitoring.change_model import Gaussian, live_given_both, prob_lower
from puffin.models.sharpe import SharpePosterior
from puffin.progress import progress_bar
from puffin.validation import ReturnSeries
from puffin.validation.flat import check_active, flat_value, repeated_value

__all__ = ["FEWEST_LIVE", "change_path", "gaussian", "part_of", "week_by_week", "week_ends"]

FEWEST_LIVE = 3
"""How many live returns have a posterior."""
_WEEKS = 52.0


def week_ends(series: ReturnSeries, first: int, periods: float) -> Iterator[int]:
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


def week_by_week(
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
            part = part_of(series, first, end)
            if end == ends[-1] or _has_sharpe_ratio(part.values, autocorrelation):
                lives[end] = fit(part, week)
            advance(1)
    return lives


def _has_sharpe_ratio(values: Array, autocorrelation: str) -> bool:
    """Whether returns are enough, and different enough, to have one."""
    if values.size < FEWEST_LIVE or np.ptp(values) == 0.0:
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


def change_path(
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
        alone = gaussian(posterior)
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


def gaussian(posterior: SharpePosterior) -> Gaussian:
    """Return the Gaussian with the posterior's mean and standard deviation."""
    return Gaussian(posterior["mean"], posterior["std"])


def part_of(series: ReturnSeries, first: int, end: int) -> ReturnSeries:
    """Return the rows from `first` up to `end`."""
    index = None if series.index is None else series.index[first:end]
    return ReturnSeries(series.values[first:end], index, series.name)
