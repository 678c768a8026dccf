"""How a job is measured: time, effective draws and memory, in a fresh process each."""

from __future__ import annotations

import importlib.util
import logging
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Draws = Mapping[str, NDArray[np.float64]]

LARGEST_R_HAT = 1.05
FAST_CALLS = 15
MAXRSS_UNITS = 2**20 if sys.platform == "darwin" else 2**10
"""Units of `ru_maxrss` in a megabyte."""


@dataclass(frozen=True)
class Contestant:
    """One way to do a job.

    Attributes
    ----------
    prepare : callable
        Imports what it needs, makes the data ready, and returns the call to be timed, which takes
        a seed. Pickled by name, so it is a module's function or a partial of one.
    draws : callable, optional
        Takes what the call returned; returns arrays of shape (n_chains, n_draws, ...).
    requires : sequence of str
        Modules without which the contestant is skipped.
    slow : bool
        Left out by `--quick`, and timed `calls` times, not the usual number.
    calls : int
        Warm calls that are timed.
    times : int
        How often the call must be made to do the job: the time shown is so many times the median.
    """

    name: str
    prepare: Callable[[], Callable[[int], Any]]
    draws: Callable[[Any], Draws] | None = None
    requires: Sequence[str] = ()
    slow: bool = False
    calls: int = FAST_CALLS
    times: int = 1

    @property
    def installed(self) -> bool:
        return all(importlib.util.find_spec(name) is not None for name in self.requires)


@dataclass(frozen=True)
class Job:
    """A job and those who do it, Puffin first.

    Attributes
    ----------
    key : str
        What `--only` selects.
    target : tuple of str and float, optional
        A rival, and how many times as fast as it Puffin must be.
    """

    key: str
    title: str
    contestants: tuple[Contestant, ...]
    target: tuple[str, float] | None = None


@dataclass(frozen=True)
class Measurement:
    """What a contestant needed.

    Attributes
    ----------
    seconds : float
        Of the job: median over warm calls.
    first : float, optional
        Of the first call in the process.
    ess : float, optional
        Bulk effective sample size, the smallest over all parameters; median over calls.
    r_hat : float, optional
        The largest over all parameters and calls.
    megabytes : float
        Peak memory of the process after its first call.
    """

    seconds: float
    first: float | None
    ess: float | None
    r_hat: float | None
    megabytes: float

    @property
    def ess_per_second(self) -> float | None:
        return None if self.ess is None else self.ess / self.seconds

    @property
    def converged(self) -> bool:
        return self.r_hat is None or self.r_hat <= LARGEST_R_HAT


@dataclass(frozen=True)
class FreshProcess:
    """Code that is run by an interpreter of its own, from its start to its exit.

    Attributes
    ----------
    limit : float, optional
        Seconds that it may take.
    cold : bool
        Whether Numba's cache is empty each time.
    runs : int
    """

    name: str
    code: str
    limit: float | None = None
    cold: bool = False
    runs: int = 7


def measure(contestant: Contestant) -> Measurement:
    """Measure in a fresh process; whoever is fast fills the caches on disk in another before it."""
    if not contestant.slow:
        _in_fresh_process(replace(contestant, calls=1))
    return _in_fresh_process(contestant)


def _in_fresh_process(contestant: Contestant) -> Measurement:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure_here, contestant).result()


def _measure_here(contestant: Contestant) -> Measurement:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    call = contestant.prepare()
    first, result = _timed(call, 0)
    megabytes = _peak_megabytes()
    seconds, sizes, r_hats = [], [], []
    for seed in range(1, contestant.calls + 1):
        del result
        elapsed, result = _timed(call, seed)
        seconds.append(elapsed)
        if contestant.draws is not None:
            size, r_hat = _quality(contestant.draws(result))
            sizes.append(size)
            r_hats.append(r_hat)
    return Measurement(
        seconds=statistics.median(seconds) * contestant.times,
        first=first,
        ess=statistics.median(sizes) if sizes else None,
        r_hat=max(r_hats, default=None),
        megabytes=megabytes,
    )


def _timed(call: Callable[[int], Any], seed: int) -> tuple[float, Any]:
    start = time.perf_counter()
    result = call(seed)
    return time.perf_counter() - start, result


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_UNITS


def _quality(draws: Draws) -> tuple[float, float]:
    """Return the smallest bulk ESS and the largest R-hat over every scalar."""
    from arviz_stats.base import array_stats

    scalars = [
        column
        for values in draws.values()
        for column in values.reshape(*values.shape[:2], -1).transpose(2, 0, 1)
    ]
    ess = min(float(array_stats.ess(scalar)) for scalar in scalars)
    r_hat = max(float(array_stats.rhat(scalar)) for scalar in scalars)
    return ess, r_hat


def measure_process(process: FreshProcess, cache: str) -> Measurement:
    """Time whole processes, bytecode and, unless `cold`, Numba's cache in place.

    Parameters
    ----------
    cache : str
        An empty directory, where Numba's caches go.
    """
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    code = f"{process.code}\nimport resource\nprint(resource.getrusage(0).ru_maxrss)"
    seconds, peaks = [], []
    # The first run leaves bytecode and a cache behind, and is not counted.
    for run in range(process.runs + 1):
        place = os.path.join(cache, str(run) if process.cold else "shared")
        start = time.perf_counter()
        finished = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env={**environment, "NUMBA_CACHE_DIR": place},
            check=True,
            capture_output=True,
            text=True,
        )
        seconds.append(time.perf_counter() - start)
        peaks.append(int(finished.stdout.split()[-1]))
    return Measurement(
        seconds=statistics.median(seconds[1:]),
        first=None,
        ess=None,
        r_hat=None,
        megabytes=statistics.median(peaks[1:]) / MAXRSS_UNITS,
    )
