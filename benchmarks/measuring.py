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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
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
        Left out by `--quick`.
    calls : int
        Warm calls that are timed; with 0 of them it is the first call that counts, setup included.
    times : float
        How often the call must be made to do the job: the time shown is so many times that of one.
    typical : callable
        What is shown of the calls' times: their median, or another number such as the largest.
    spent : callable, optional
        Takes what the call returned; returns the wall and CPU seconds that it needed, where the
        work was done by a program that keeps its own time, and its start is not to be counted.
    check : callable, optional
        Whether what it needs, besides modules, is there.
    """

    name: str
    prepare: Callable[[], Callable[[int], Any]]
    draws: Callable[[Any], Draws] | None = None
    requires: Sequence[str] = ()
    slow: bool = False
    calls: int = FAST_CALLS
    times: float = 1
    typical: Callable[[Iterable[float]], float] = statistics.median
    spent: Callable[[Any], tuple[float, float]] | None = None
    check: Callable[[], bool] | None = None

    @property
    def installed(self) -> bool:
        modules = all(importlib.util.find_spec(name) is not None for name in self.requires)
        return modules and (self.check is None or self.check())


@dataclass(frozen=True)
class Target:
    """A bound on a figure of the table.

    Attributes
    ----------
    column : str
        The figure's heading: "wall s", "ESS/s", "MB", "wall x" or "ESS/s x".
    at_most : bool
        Whether the figure must be below the bound; above it otherwise.
    """

    column: str
    bound: float
    at_most: bool = False

    def met(self, figure: float) -> bool:
        return figure < self.bound if self.at_most else figure >= self.bound


@dataclass(frozen=True)
class Job:
    """A job and those who do it, Puffin first.

    Attributes
    ----------
    key : str
        What `--only` selects.
    targets : mapping of str to tuple of Target
        What is asked of the rows, by the contestant's name.
    """

    key: str
    title: str
    contestants: tuple[Contestant, ...]
    targets: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measurement:
    """What a contestant needed.

    Attributes
    ----------
    seconds : float
        Of the job: median over warm calls, or what the contestant calls typical.
    first : float, optional
        Of the first call in the process.
    ess : float, optional
        Bulk effective sample size, the smallest over all parameters; median over calls.
    r_hat : float, optional
        The largest over all parameters and calls.
    megabytes : float
        Peak memory of the process after its first call.
    cpu_seconds : float, optional
        Of the job, over all cores and child processes: median over the same calls.
    """

    seconds: float
    first: float | None
    ess: float | None
    r_hat: float | None
    megabytes: float
    cpu_seconds: float | None = None

    @property
    def ess_per_second(self) -> float | None:
        return None if self.ess is None else self.ess / self.seconds

    @property
    def ess_per_cpu_second(self) -> float | None:
        if self.ess is None or not self.cpu_seconds:
            return None
        return self.ess / self.cpu_seconds

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
    first, first_cpu, result = _timed(contestant, call, 0)
    megabytes = _peak_megabytes()
    calls = [] if contestant.calls else [(first, first_cpu)]
    qualities = [] if contestant.calls else [*_qualities(contestant, result)]
    for seed in range(1, contestant.calls + 1):
        del result
        elapsed, cpu, result = _timed(contestant, call, seed)
        calls.append((elapsed, cpu))
        qualities += _qualities(contestant, result)
    return Measurement(
        seconds=contestant.typical(elapsed for elapsed, _ in calls) * contestant.times,
        first=first,
        ess=statistics.median(size for size, _ in qualities) if qualities else None,
        r_hat=max((r_hat for _, r_hat in qualities), default=None),
        megabytes=megabytes,
        cpu_seconds=contestant.typical(cpu for _, cpu in calls) * contestant.times,
    )


def _timed(
    contestant: Contestant, call: Callable[[int], Any], seed: int
) -> tuple[float, float, Any]:
    """Return wall seconds, CPU seconds, and what the call returned."""
    start, cpu_start = time.perf_counter(), _cpu_seconds()
    result = call(seed)
    elapsed, cpu = time.perf_counter() - start, _cpu_seconds() - cpu_start
    if contestant.spent is not None:
        elapsed, cpu = contestant.spent(result)
    return elapsed, cpu, result


def _cpu_seconds() -> float:
    """Return what this process and its finished children have used."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _qualities(contestant: Contestant, result: Any) -> Iterator[tuple[float, float]]:
    if contestant.draws is not None:
        yield _quality(contestant.draws(result))


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
