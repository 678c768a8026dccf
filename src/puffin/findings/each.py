"""One estimate for each series, where one that fails leaves the others; many at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

import pandas as pd

from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.panel.engines import engine_of
from puffin.posterior import SAMPLING_FAILURES

__all__ = ["FAILURES", "Warned", "estimate_each"]

Estimate = TypeVar("Estimate")

FAILURES = (ValueError, *SAMPLING_FAILURES)
"""What data that cannot be used, or a sampler, may raise."""

Warned = tuple[tuple[str, type[Warning]], ...]
"""What a process warned of: messages and categories."""


@dataclass(frozen=True)
class _Estimated(Generic[Estimate]):
    """What a worker found: the estimate, or why there is none, and what was warned of."""

    estimate: Estimate | None
    failure: str
    warned: Warned


def estimate_each(
    returns: Mapping[str, pd.Series[float]],
    doing: str,
    estimate: Callable[[pd.Series[float], AnalysisSettings], Estimate],
    settings: AnalysisSettings,
    progress: Progress,
) -> tuple[dict[str, Estimate], dict[str, str]]:
    """Return the estimates of the series by name, and why some have none.

    From `settings.many` on they are estimated in processes; the estimates are the same.

    Parameters
    ----------
    returns : mapping of name to Series
    doing : str
        What the progress says before the name.
    estimate : callable
        From a series, named as in `returns`, and settings.
    settings : AnalysisSettings
    progress : Progress
    """
    progress.expect(len(returns))
    found: dict[str, Estimate] = {}
    rejected: dict[str, str] = {}
    for name, one in _in_turn_or_at_once(returns, doing, estimate, settings, progress):
        for message, category in one.warned:
            warnings.warn(message, category, stacklevel=3)
        if one.estimate is None:
            rejected[name] = f"column {name!r}: {one.failure}"
        else:
            found[name] = one.estimate
    return ({name: found[name] for name in returns if name in found},
            {name: rejected[name] for name in returns if name in rejected})  # fmt: skip


def _in_turn_or_at_once(
    returns: Mapping[str, pd.Series[float]],
    doing: str,
    estimate: Callable[[pd.Series[float], AnalysisSettings], Estimate],
    settings: AnalysisSettings,
    progress: Progress,
) -> Iterator[tuple[str, _Estimated[Estimate]]]:
    """Give each name and what was found of it, in any order."""
    engine = engine_of(n_jobs=settings.cores)
    # A generator of random numbers is advanced by each series, so that their order matters.
    if len(returns) < settings.many or engine.workers == 1 or not isinstance(settings.seed, int):
        for name, series in returns.items():
            progress.begin(f"{doing} {name}")
            yield name, _estimated(estimate, settings, series.rename(name))
        return
    work = partial(_estimated, estimate, replace(settings, cores=1))
    progress.begin(f"{doing} {len(returns)} columns")
    for done in engine.run(work, [series.rename(name) for name, series in returns.items()]):
        name = str(done.task.name)
        progress.begin(f"{doing} {len(returns)} columns")
        yield name, done.result or _Estimated(None, done.lost, ())


def _estimated(
    estimate: Callable[[pd.Series[float], AnalysisSettings], Estimate],
    settings: AnalysisSettings,
    series: pd.Series[float],
) -> _Estimated[Estimate]:
    """Return what is found of a series, with the warnings, which a process would keep to itself."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found, failure = estimate(series, settings), ""
        except FAILURES as error:
            found, failure = None, str(error)
    warned = tuple((str(one.message), one.category) for one in caught)
    return _Estimated(found, failure, warned)
