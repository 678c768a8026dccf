"""Random streams and threads: the same seed gives the same draws on any number of cores.

Each chain has a random stream of its own (SFC64, measured to be twice as fast as Philox here),
spawned from one seed. Chains run on threads over kernels that release the GIL; the pool is closed
before the call returns, so that a process can fork safely afterwards.
"""

from __future__ import annotations

import enum
import multiprocessing
import os
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from puffin.inference.settings import Seed, Settings
from puffin.inference.threads import go_on, in_threads
from puffin.progress import progress_bar

__all__ = ["Advance", "Purpose", "available_cores", "fixed_seed", "run_chains", "streams"]

Advance = Callable[[int], None]
Result = TypeVar("Result")


@enum.unique
class Purpose(enum.IntEnum):
    """What random numbers are for: with one seed, each purpose has streams of its own.

    A number stays with its purpose, since another one would change the draws of every seed.
    """

    CHAINS = 0
    """The chains of a sampler, or all that a call draws."""
    NEXT_STATE = 1
    """The log-variance after the last period of a fit."""
    FORECAST = 2
    """Volatility and returns of the periods to come."""
    FILTER = 3
    """Particles."""
    EQUAL_DRAWS = 4
    """Which draws with weights are taken."""
    NEW_RETURN = 5
    """The log-variance after a return that came since the fit."""
    PILOT = 10
    """Proposals of latent chains that are tried out."""
    INDEPENDENT_PROPOSALS = 11
    """Latent chains proposed one by one."""
    REFITTED_PROPOSALS = 12
    """Latent chains proposed one by one, as the weights of a first run say."""
    REFITTED_PROPOSALS_OF_MANY_PATHS = 13
    """Latent chains of several paths, as the weights of a run of these say."""
    THIRD_PROPOSALS_OF_MANY_PATHS = 14
    """Latent chains of several paths, as the weights of two runs of these say."""
    PROPOSALS_OF_MANY_PATHS = 18
    """Latent chains proposed with several paths for each of the parameters."""
    LOCAL_MOVES = 19
    """Latent chains moved bit by bit."""
    ACTIVITY = 20
    """How often a strategy has a position."""
    HEDGE_STEPS = 21
    """How far hedge ratios step."""
    GRID_POINTS = 22
    """Points of a grid, given what PyMC drew."""
    PREDICTION = 23
    """Errors of a regression's predictions."""
    QUADRATURE = 24
    """What a law mixes over, where the rest is integrated."""
    LAST_PERIOD = 25
    """The last error of simulated returns whose law is known."""
    DEPENDENCE = 26
    """How strongly returns hang together in time."""
    COUPLING = 1_000_000_007
    """The order of draws that are coupled."""
    POOLING = 27
    """Sharpe ratios with a common prior."""
    CORRELATIONS = 28
    """How returns of several strategies move together."""
    HISTORIES = 29
    """Whole histories that a model of returns would expect."""
    SELECTION = 31
    """Sharpe ratios of the trials of a search."""
    LUCK = 32
    """How large the largest of several correlated errors is."""
    PROPOSED_TRIAL = 33
    """What to try next."""
    EQUAL_REGIME_DRAWS = 34
    """Which draws of a model of regimes, with weights, are taken."""
    REGIME_PATHS = 35
    """Regimes of the past."""
    REGIME_FORECAST = 36
    """Regimes and returns of the periods to come."""
    REGIME_QUADRATURE = 39
    """What a law mixes over, where regimes are mixed too."""
    REGIME_HISTORIES = 41
    """Simulated regimes and returns."""
    JOINT_FORECAST = 37
    """Log-variances of many assets in the periods to come."""
    JOINT_LAST_PERIOD = 38
    """The errors of many assets in the last of these."""
    MEANS = 42
    """Means of returns, by the Bayesian bootstrap."""
    COPIES = 43
    """Coefficients of assets that are near-copies of others."""
    JOINT_FILTER = 45
    """Particles of many assets."""
    SPIKE = 44
    """Which alphas are zero, given what PyMC drew."""
    JOINT_MIXING = 46
    """What errors of many assets mix over, in the periods to come."""
    JOINT_DENSITY = 47
    """Factors over which densities of many assets are integrated."""
    VARIATIONAL = 40
    """Draws from an approximation, and which of them are taken."""


def streams(
    seed: Seed, count: int, *, purpose: Purpose = Purpose.CHAINS, part: int | None = None
) -> list[np.random.Generator]:
    """Return `count` independent generators.

    Streams for another purpose, or another part of it, are independent of these. A `Generator` is
    advanced by one draw, from which the streams are seeded.

    Parameters
    ----------
    seed : int, SeedSequence, Generator or None
    count : int
    purpose : Purpose
    part : int, optional
        Tells streams of one purpose apart: the place of a strategy, the number of returns.
    """
    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(2**63))
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    # Not the user's own sequence, whose next spawn would then change.
    parts = () if part is None else (part,)
    key = (*sequence.spawn_key, *parts, int(purpose))
    parent = np.random.SeedSequence(sequence.entropy, spawn_key=key)
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
    total = settings.chains * (settings.draws + settings.tune)
    with progress_bar("Sampling", total, settings.progressbar) as show:

        def advance(sweeps: int) -> None:
            go_on()
            show(sweeps)

        threads = min(settings.chains, settings.cores or available_cores())
        return in_threads(lambda chain: run(chain, advance), range(settings.chains), threads)
