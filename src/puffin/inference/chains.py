"""Random streams and threads: the same seed gives the same draws on any number of cores.

Each chain has a random stream of its own (SFC64, measured to be twice as fast as Philox here),
spawned from one seed. Chains run on threads over kernels that release the GIL; the pool is closed
before the call returns, so that a process can fork safely afterwards.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from puffin.inference.failure import SamplingError
from puffin.inference.settings import Seed, Settings
from puffin.progress import progress_bar

__all__ = ["Advance", "available_cores", "fixed_seed", "run_chains", "streams"]

Advance = Callable[[int], None]
Result = TypeVar("Result")


def streams(seed: Seed, count: int, *, purpose: int = 0) -> list[np.random.Generator]:
    """Return `count` independent generators.

    Streams for another `purpose` than the chains are independent of those. A `Generator` is
    advanced by one draw, from which the streams are seeded.
    """
    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(2**63))
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    # Not the user's own sequence, whose next spawn would then change.
    parent = np.random.SeedSequence(sequence.entropy, spawn_key=(*sequence.spawn_key, purpose))
    return [np.random.Generator(np.random.SFC64(child)) for child in parent.spawn(count)]


def fixed_seed(seed: Seed) -> int:
    """Return a whole number that stands for the seed from now on.

    A `Generator` is advanced by one draw; without a seed the number is random.
    """
    if isinstance(seed, int | np.integer):
        return int(seed)
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**63))
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence()
    return int(sequence.generate_state(1, np.uint64)[0])


def available_cores() -> int:
    """Return the number of cores that this process may use.

    One in a worker of a `multiprocessing.Pool`: the pool has a worker for each core already.
    """
    if multiprocessing.current_process().daemon:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_chains(run: Callable[[int, Advance], Result], settings: Settings) -> list[Result]:
    """Run every chain on one of the threads; results in order.

    Parameters
    ----------
    run : callable
        Takes the chain's number, and a function to call with the sweeps finished since the last
        call: this moves the progress bar, and stops the chain once another one has failed or the
        user has pressed Ctrl-C.
    """
    stop = threading.Event()
    total = settings.chains * (settings.draws + settings.tune)
    with progress_bar("Sampling", total, settings.progressbar) as show:

        def advance(sweeps: int) -> None:
            if stop.is_set():
                raise SamplingError("Another chain failed or was interrupted.")
            show(sweeps)

        threads = min(settings.chains, settings.cores or available_cores())
        with ThreadPoolExecutor(threads) as pool:
            futures = [pool.submit(run, chain, advance) for chain in range(settings.chains)]
            try:
                return [future.result() for future in futures]
            except BaseException:
                stop.set()
                raise
