"""Forecasts through time, in several processes where that is worth their start.

What is forecast between one fit and the next depends on the returns before the fit, those since,
and the seed: each such segment can be made anywhere.
"""

from __future__ import annotations

import dataclasses
import pickle
import warnings
from collections.abc import Callable, Iterator
from typing import TypeVar

from puffin.inference.chains import available_cores
from puffin.risk.period_forecast import Plan, Step

__all__ = ["rows_of"]

Row = TypeVar("Row")
_FEWEST_PERIODS = 400
"""Some twenty seconds of work; a process takes two or three to start."""


def rows_of(work: Plan, of_step: Callable[[Plan, Step], Row], cores: int | None) -> Iterator[Row]:
    """Yield what is made of each step of a plan, in order; the same whatever the cores.

    Parameters
    ----------
    work : Plan
    of_step : callable
        A function of a module, so that other processes find it.
    cores : int, optional
        Processes at most, as many as there are cores by default: where several segments make long
        work. Else all is done here, and `cores` are the threads of each fit.

    Raises
    ------
    TypeError
        If the plan's model cannot be sent to other processes.
    """
    segments = work.segments
    cores = available_cores() if cores is None else cores
    workers = min(cores, len(segments))
    if workers == 1 or work.count < _FEWEST_PERIODS:
        yield from (of_step(work, step) for step in work.steps())
        return
    import joblib

    of_each = dataclasses.replace(work, options=work.options | {"cores": cores // workers})
    # Not threads, wherever this is called: they would hear each other's warnings.
    run = joblib.Parallel(n_jobs=workers, backend="loky", return_as="generator")
    tasks = (joblib.delayed(_rows)(of_each, segment, of_step) for segment in segments)
    try:
        for rows, caught in run(tasks):
            for one in caught:
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
            yield from rows
    except pickle.PicklingError as error:
        raise TypeError(
            f"model, a {type(work.template).__name__}, cannot be pickled and so not be sent to "
            "other processes; cores=1 keeps it in this one."
        ) from error


def _rows(
    work: Plan, segment: range, of_step: Callable[[Plan, Step], Row]
) -> tuple[list[Row], list[warnings.WarningMessage]]:
    """Return the rows of a segment, and what was warned of, which other processes do not hear."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return [of_step(work, step) for step in work.steps(segment)], caught
