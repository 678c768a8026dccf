"""Forecasts through time, each from what was known before."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd

from puffin.inference.settings import Seed
from puffin.models.settings import sampling_settings
from puffin.posterior import ConvergenceWarning
from puffin.progress import progress_bar
from puffin.risk.period_forecast import YEAR, PeriodForecast, Plan, RefittableModel, plan
from puffin.risk.processes import rows_of
from puffin.risk.rolling_result import RollingForecast
from puffin.risk.tail_risk import LEVELS
from puffin.validation import row_label

__all__ = ["collected", "rolling_forecast", "warn_of_doubts"]


def rolling_forecast(
    returns: Any,
    model: RefittableModel | None = None,
    *,
    start: Any,
    refit_every: int | None = YEAR,
    levels: Sequence[float] = LEVELS,
    samples: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    progressbar: bool = False,
    date: str | None = None,
) -> RollingForecast:
    r"""Forecast each period from `start` on from the returns before it, and nothing else.

    The model is fitted to all returns before `start`, and again every `refit_every` periods; in
    between it is updated with the return that came. Scales, parameters and states know the past
    only: with the same seed, returns that are cut off, or not there yet, change no forecast.

    A fit depends on the returns before it and the seed. So a run that starts at a period at which
    another one refitted (`RollingForecast.fitted`) goes on exactly like that one: long runs can
    be interrupted and continued, and are shared between processes where there are cores for them.

    Parameters
    ----------
    returns : array-like, pandas Series, or polars Series or DataFrame, of shape (n_times,)
        In any unit; log returns are usual. Value at risk and volatility are in the same.
    model : RefittableModel, optional
        Which model to fit, itself left alone; by default asymmetric Student-t errors with
        leverage.
    start : int or label of the index
        The first period to forecast: its position, or its date (the first one from it on).
    refit_every : int or None, default 252
        Periods from fit to fit; None fits once.
    levels : sequence of float, default (0.01, 0.05)
        Probabilities of the tails, below one half.
    samples : int, default 1000
        Draws of each chain: with four, value at risk has a Monte Carlo error of one percent or so.
    tune, chains
        As in `StochasticVolatilityModel.fit`.
    cores : int, optional
        Processes, from 400 periods with several fits on, or threads of each fit; all there are by
        default. The model is sent to the processes; with 1 it stays in this one. If interrupted,
        processes return what is finished from fit to fit.
    random_seed : int, SeedSequence or Generator, optional
    progressbar : bool, default False
    date : str, optional
        The column of dates, in a polars frame.

    Returns
    -------
    RollingForecast

    Warns
    -----
    ConvergenceWarning
        Once, if the sampler had doubts in some periods; `RollingForecast.table` says in which.
    RuntimeWarning
        If interrupted by Ctrl-C: what is finished is returned, and the warning says how to go on.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid.

    Examples
    --------
    >>> import numpy as np
    >>> import puffin as pf
    >>> returns = np.log(pf.datasets.load_sp500()).diff().dropna()
    >>> forecast = pf.risk.rolling_forecast(returns["2016":], start="2018-12-20", random_seed=1)
    >>> forecast.value_at_risk  # doctest: +SKIP
    >>> forecast.tests()  # doctest: +SKIP
    """
    settings = sampling_settings(
        samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
        progressbar=False,
    )  # fmt: skip
    work = plan(
        returns, model, start=start, refit_every=refit_every, levels=levels, settings=settings,
        date=date,
    )  # fmt: skip
    finished: list[PeriodForecast] = []
    try:
        with progress_bar("Forecasting", work.count, progressbar) as advance:
            for row in rows_of(work, Plan.own, settings.cores):
                finished.append(row)
                advance(1)
    except KeyboardInterrupt:
        if not finished:
            raise
    result = collected(finished, work)
    warn_of_doubts(result)
    _warn_of_interruption(len(finished), work)
    return result


def collected(rows: Sequence[PeriodForecast], work: Plan) -> RollingForecast:
    """Return the forecasts of a plan's first periods as tables."""
    index: Any = pd.RangeIndex(work.first, work.first + len(rows))
    if work.series.index is not None:
        index = work.series.index[work.first : work.first + len(rows)]

    def column(name: str) -> list[Any]:
        return [getattr(row, name) for row in rows]

    names = ("returned", "volatility", "return_sd", "log_density", "pit", "fitted", "doubt")
    columns: Any = pd.Index(work.levels, name="level")
    return RollingForecast(
        table=pd.DataFrame({name: column(name) for name in names}, index),
        value_at_risk=pd.DataFrame(column("value_at_risk"), index, columns),
        expected_shortfall=pd.DataFrame(column("expected_shortfall"), index, columns),
    )


def warn_of_doubts(result: RollingForecast) -> None:
    """Say once in which periods the sampler had doubts, if in any."""
    doubts = result.table["doubt"]
    doubtful = doubts[doubts != ""]
    if len(doubtful):
        warnings.warn(
            f"In {len(doubtful)} of {len(doubts)} periods the sampler had doubts, first at "
            f"{row_label(doubtful.index[0])}: {doubtful.iloc[0]}",
            ConvergenceWarning,
            stacklevel=3,
        )


def _warn_of_interruption(count: int, work: Plan) -> None:
    if count < work.count:
        position = work.first + (count - 1) // work.every * work.every
        index = work.series.index
        start = repr(str(index[position])) if isinstance(index, pd.DatetimeIndex) else position
        warnings.warn(
            f"Interrupted: {count} of {work.count} periods are finished, and returned. To go on, "
            f"take start={start} and the same seed, and put the two together with continued().",
            RuntimeWarning,
            stacklevel=3,
        )
