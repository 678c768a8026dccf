"""Run all jobs, or some, and print one table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from benchmarks import (
    comparison,
    hierarchical,
    pairs,
    regimes,
    regression,
    sharpe,
    startup,
    stochastic_volatility,
)
from benchmarks.measuring import (
    Contestant,
    FreshProcess,
    Job,
    Measurement,
    measure,
    measure_process,
)
from benchmarks.table import job_section, process_section, show

JOBS = (
    *sharpe.JOBS,
    *regression.JOBS,
    *comparison.JOBS,
    *hierarchical.JOBS,
    *stochastic_volatility.JOBS,
    *pairs.JOBS,
    *regimes.JOBS,
)
_LIBRARIES = ("numpy", "numba", "arviz-stats", "pymc", "nutpie", "statsmodels", "arch")


def main() -> None:
    """Measure, with progress on the error stream, and print."""
    names = [*(job.key for job in JOBS), startup.KEY]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the slow rivals")
    parser.add_argument("--only", metavar="NAME", choices=names, help=", ".join(names))
    options = parser.parse_args()
    facts = list(_machine())
    sections = []
    for job in JOBS:
        if options.only in (None, job.key):
            results = [(one, _result(job, one, options.quick)) for one in job.contestants]
            sections.append(job_section(job, results))
    if options.only in (None, startup.KEY):
        sections.append(process_section(startup.TITLE, list(_processes())))
    show(sections, facts)


def _result(job: Job, contestant: Contestant, quick: bool) -> Measurement | str:
    if not contestant.installed:
        return "not installed"
    if quick and contestant.slow:
        return "skipped, slow"
    _say(f"{job.key}: {contestant.name}")
    return measure(contestant)


def _processes() -> Iterator[tuple[FreshProcess, Measurement]]:
    for process in startup.PROCESSES:
        _say(f"{startup.KEY}: {process.name}")
        with tempfile.TemporaryDirectory() as cache:
            yield process, measure_process(process, cache)


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _machine() -> Iterator[str]:
    load = os.getloadavg()[0]
    yield f"{_processor()}, {os.cpu_count()} cores, load {load:.1f} before the run"
    versions = [f"Python {platform.python_version()}"]
    for library in _LIBRARIES:
        try:
            versions.append(f"{library} {metadata.version(library)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{library} not installed")
    yield ", ".join(versions)


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    for line in facts.read_text().splitlines() if facts.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
