"""How much to sample, and on what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Seed", "Settings"]

Seed = int | np.random.SeedSequence | np.random.Generator | None


@dataclass(frozen=True)
class Settings:
    """What every sampler is told, besides its data and its prior.

    Attributes
    ----------
    draws : int
        Draws to keep of each chain.
    tune : int
        Warm-up of each chain, where the sampler needs one.
    chains : int
    cores : int or None
        Threads; None for as many as this process may use.
    seed : int, SeedSequence, Generator or None
    progressbar : bool
    """

    draws: int
    tune: int
    chains: int
    cores: int | None
    seed: Seed
    progressbar: bool
