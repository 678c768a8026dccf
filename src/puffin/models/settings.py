"""The sampling arguments that every model shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from puffin.inference.settings import Seed, Settings
from puffin.models._pymc import _check_pymc
from puffin.validation import choice, positive_integer, positive_number

__all__ = [
    "ENGINES",
    "MOST_DRAWS",
    "Scale",
    "check_engine",
    "check_priors",
    "check_scale",
    "checked_seed",
    "sampling_settings",
]

Priors = TypeVar("Priors")

ENGINES = ("native", "pymc")

MOST_DRAWS = 10_000_000
"""Of all chains of a fit: a gigabyte or two while it is at work."""

Scale = float | str
"""The unit of a prior: "data" for the sample's standard deviation, or a number."""


def sampling_settings(
    *,
    samples: int,
    tune: int,
    chains: int,
    cores: int | None,
    random_seed: Seed,
    progressbar: bool,
) -> Settings:
    """Return the checked arguments of a fit as `Settings`.

    Raises
    ------
    TypeError, ValueError
        If one is not valid, or there would be more draws than a computer's memory holds.
    """
    settings = Settings(
        draws=positive_integer("samples", samples),
        tune=positive_integer("tune", tune, minimum=0),
        chains=positive_integer("chains", chains),
        cores=None if cores is None else positive_integer("cores", cores),
        seed=checked_seed(random_seed),
        progressbar=bool(progressbar),
    )
    draws = settings.chains * (settings.draws + settings.tune)
    if draws > MOST_DRAWS:
        raise ValueError(
            f"samples={samples}, tune={tune} and chains={chains} are {draws:,} draws in all, more "
            f"than the {MOST_DRAWS:,} for which there is memory."
        )
    return settings


def checked_seed(random_seed: Seed | Sequence[int]) -> Seed:
    """Return a seed of one of the kinds that samplers take; a list of numbers is a sequence."""
    if random_seed is None or isinstance(random_seed, np.random.Generator | np.random.SeedSequence):
        return random_seed
    try:
        sequence = np.random.SeedSequence(random_seed)
    except (TypeError, ValueError):
        raise ValueError(
            "random_seed must be None, a whole number of at least 0, a SeedSequence or a "
            f"Generator; found {random_seed!r}."
        ) from None
    return int(random_seed) if isinstance(random_seed, int | np.integer) else sequence


def check_engine(engine: str) -> str:
    """Return the engine's name; raise ImportError if it is PyMC and that is missing."""
    choice("engine", engine, ENGINES)
    if engine == "pymc":
        _check_pymc()
    return engine


def check_priors(priors: Priors | None, kind: type[Priors]) -> Priors:
    """Return the priors given, or the default ones; raise TypeError if they are another model's."""
    if priors is None:
        return kind()
    if not isinstance(priors, kind):
        raise TypeError(f"priors must be {kind.__name__}(...); found {type(priors).__name__}.")
    return priors


def check_scale(scale: Scale) -> Scale:
    """Return "data" or a positive number."""
    return "data" if isinstance(scale, str) and scale == "data" else positive_number("scale", scale)
