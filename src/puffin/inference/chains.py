"""Random streams and threads: the same seed gives the same draws on any number of cores.

Each chain has a counter-based stream of its own (Philox; Salmon, Moraes, Dror & Shaw 2011),
spawned from one seed. Chains run on threads over kernels that release the GIL; the pool is closed
before the call returns, so that a process can fork safely afterwards.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

from puffin.inference.failure import SamplingError

__all__ = ["Advance", "Seed", "available_cores", "run_chains", "streams"]

Seed = int | np.random.SeedSequence | np.random.Generator | None
Advance = Callable[[int], None]
Result = TypeVar("Result")


def streams(seed: Seed, count: int) -> list[np.random.Generator]:
    """Return `count` independent generators.

    A `Generator` is advanced by one draw, from which the streams are seeded.
    """
    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(2**63))
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    # A fresh sequence each time: spawning from the user's would change what it spawns next.
    fresh = np.random.SeedSequence(sequence.entropy, spawn_key=sequence.spawn_key)
    return [np.random.Generator(np.random.Philox(child)) for child in fresh.spawn(count)]


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_chains(
    run: Callable[[int, Advance], Result],
    chains: int,
    cores: int | None,
    *,
    total: int = 0,
    progressbar: bool = False,
) -> list[Result]:
    """Run every chain on one of `cores` threads (default: those available); results in order.

    Parameters
    ----------
    run : callable
        Takes the chain's number, and a function to call with the draws finished since the last
        call: this moves the progress bar, and stops the chain once another one has failed or the
        user has pressed Ctrl-C.
    total : int
        The draws of all chains, for the progress bar.
    """
    stop = threading.Event()
    with _progress(total, progressbar) as show:

        def advance(draws: int) -> None:
            if stop.is_set():
                raise SamplingError("Another chain failed or was interrupted.")
            show(draws)

        with ThreadPoolExecutor(min(chains, cores or available_cores())) as pool:
            futures = [pool.submit(run, chain, advance) for chain in range(chains)]
            try:
                return [future.result() for future in futures]
            except BaseException:
                stop.set()
                raise


@contextmanager
def _progress(total: int, progressbar: bool) -> Iterator[Advance]:
    if not progressbar:
        yield lambda _: None
        return
    from rich.progress import Progress

    with Progress(transient=True) as bar:
        task = bar.add_task("Sampling", total=total)
        yield lambda draws: bar.advance(task, draws)
