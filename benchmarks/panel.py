"""What `fit_each` takes for thousands of assets: time, memory, and what processes and Dask cost.

`python -m benchmarks.panel` prints the tables of benchmarks/panel.md; two idle cores take three
minutes. Each row is measured in a fresh process. CPU seconds are those of all processes, so that a
machine that has other work to do says the same.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measuring import MAXRSS_UNITS

DAYS, DRAWS = 2_500, 1_000
UNIVERSE, CORES = 3_000, 2
SIZES = (30, 100, 300)


@dataclass(frozen=True)
class Cost:
    """What a run took.

    Attributes
    ----------
    wall, cpu : float
        Seconds; of the CPU those of all processes.
    memory : float
        Megabytes: the largest of this process, and of a worker as often as there are workers.
    """

    wall: float
    cpu: float
    memory: float


def main() -> None:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.panel", description=__doc__)
    parser.add_argument("--one", nargs=2, type=int, metavar=("ASSETS", "JOBS"), help="one row")
    parser.add_argument("--dask", action="store_true", help="what Dask costs, alone")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(asdict(fitting(*options.one))))
    elif options.dask:
        print(json.dumps(dask_overhead()))
    else:
        tables(options.sizes)


def tables(sizes: list[int]) -> None:
    """Print what panels of these sizes took, in one process and in as many as there are cores."""
    print("| assets | processes | wall s | CPU s | CPU s an asset | memory, MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    costs = {}
    for jobs in (1, CORES):
        for size in sizes:
            cost = costs[size, jobs] = Cost(**_fresh("--one", str(size), str(jobs)))
            print(
                f"| {size} | {jobs} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.cpu / size:.3f} | "
                f"{cost.memory:.0f} |",
                flush=True,
            )
    small, large = min(sizes), max(sizes)
    for jobs in (1, CORES):
        each = (costs[large, jobs].cpu - costs[small, jobs].cpu) / (large - small)
        start = costs[small, jobs].cpu - small * each
        whole = start + UNIVERSE * each
        print(
            f"\n{jobs} processes: {each:.3f} CPU s an asset and {start:.1f} to start; {UNIVERSE:,} "
            f"assets on {CORES} cores {whole / CORES / 60:.1f} minutes, extrapolated."
        )
    alone, shared = (costs[large, jobs] for jobs in (1, CORES))
    print(
        f"\nEfficiency of {CORES} processes with {large} assets: {alone.cpu / shared.cpu:.2f} by "
        f"CPU seconds, {alone.wall / shared.wall / CORES:.2f} by the clock."
    )
    wall, cpu = _fresh("--dask")
    print(
        f"\nDask, {CORES} workers: beside the work {1e3 * wall:.2f} ms an asset by the clock, "
        f"{1e3 * cpu:.2f} ms of CPU."
    )


def fitting(n_assets: int, jobs: int) -> Cost:
    """Return what it takes to fit the default volatility model to each asset, results on disk."""
    import puffin as pf

    table = universe(n_assets)
    before, began = _cpu(), time.perf_counter()
    with tempfile.TemporaryDirectory() as store:
        pf.fit_each(
            pf.StochasticVolatilityModel(), table, samples=DRAWS, seed=1, n_jobs=jobs,
            store=os.path.join(store, "panel"),
        )  # fmt: skip
    wall = time.perf_counter() - began
    if jobs > 1:
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)  # their seconds count when they have ended
    own, workers = (
        resource.getrusage(who).ru_maxrss / MAXRSS_UNITS
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return Cost(wall, _cpu() - before, own + (jobs * workers if jobs > 1 else 0.0))


def universe(n_assets: int) -> pd.DataFrame:
    """Return simulated log returns with stochastic volatility, 1% or so a day."""
    stream = np.random.default_rng(1)
    phi, spread = stream.uniform(0.9, 0.99, n_assets), stream.uniform(0.1, 0.3, n_assets)
    h = np.zeros((DAYS, n_assets))
    for day in range(1, DAYS):
        h[day] = phi * h[day - 1] + spread * stream.standard_normal(n_assets)
    values = 0.01 * np.exp(0.5 * h) * stream.standard_normal(h.shape)
    days = pd.bdate_range("2015-01-01", periods=DAYS)
    return pd.DataFrame(values, days, [f"asset {n}" for n in range(n_assets)])


def dask_overhead() -> list[float]:
    """Return wall and CPU seconds an asset that Dask takes to hand out batches of no work.

    Of the client, the scheduler and the workers; batches are those of `fit_each`, with their data.
    """
    import distributed

    from puffin.panel.asset import Asset
    from puffin.panel.engines import engine_of

    table = universe(64)
    assets = [Asset(str(name), column) for name, column in table.items()]
    batches = [(n, assets[16 * (n % 4) : 16 * (n % 4 + 1)]) for n in range(UNIVERSE // 16)]
    cluster = distributed.LocalCluster(
        n_workers=CORES, threads_per_worker=1, dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:

        def seconds() -> float:
            return _cpu() + sum(client.run(time.process_time).values())

        engine = engine_of(client)
        list(engine.run(_nothing, batches[:8]))
        before, began = seconds(), time.perf_counter()
        n_assets = 16 * len(list(engine.run(_nothing, batches)))
        return [(time.perf_counter() - began) / n_assets, (seconds() - before) / n_assets]


def _nothing(batch: tuple[int, list[object]]) -> int:
    return len(batch[1])


def _cpu() -> float:
    """Return CPU seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _fresh(*arguments: str) -> Any:
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.panel", *arguments],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(finished.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
