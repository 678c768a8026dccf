"""NUTS for a PyMC model, by nutpie where it is installed; arrays out."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.failure import SamplingError
from puffin.inference.settings import Settings

if TYPE_CHECKING:
    import pymc as pm
    from xarray import DataTree

__all__ = ["integer_seed", "sample_model"]

_STATISTICS = ("diverging", "energy", "n_steps")


def sample_model(
    model: pm.Model, names: Sequence[str], settings: Settings, *, target_accept: float = 0.9
) -> Draws:
    """Return the draws of the named variables.

    Raises
    ------
    SamplingError
        If PyMC fails, whatever the reason it gives.
    """
    import pymc as pm

    by_nutpie = importlib.util.find_spec("nutpie") is not None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)
        warnings.filterwarnings("ignore", message=".*could not link to a BLAS.*")
        logger = logging.getLogger("pymc")
        level = logger.level
        logger.setLevel(logging.ERROR)
        try:
            trace = pm.sample(
                draws=settings.draws,
                tune=settings.tune,
                chains=settings.chains,
                cores=settings.cores,
                random_seed=integer_seed(settings),
                target_accept=target_accept,
                nuts_sampler="nutpie" if by_nutpie else "pymc",
                progressbar=settings.progressbar,
                compute_convergence_checks=False,
                model=model,
                **({} if by_nutpie else _compile_options()),
            )
        except Exception as error:
            raise SamplingError(f"PyMC could not sample this model: {error}") from error
        finally:
            logger.setLevel(level)
    statistics = _arrays(trace["sample_stats"], _STATISTICS)
    diverging = statistics.get("diverging", np.zeros(1))
    return Draws(
        _arrays(trace["posterior"], names),
        "NUTS (nutpie)" if by_nutpie else "NUTS (PyMC)",
        statistics,
        {"divergences": float(diverging.sum())},
    )


def _arrays(group: DataTree, names: Sequence[str]) -> dict[str, Array]:
    return {
        name: np.asarray(group[name].values, dtype=np.float64) for name in names if name in group
    }


def integer_seed(settings: Settings) -> int | None:
    """Return a seed as PyMC takes it."""
    seed = settings.seed
    if seed is None:
        return None
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**31))
    sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    return int(sequence.generate_state(1)[0] >> 1)


def _compile_options() -> Mapping[str, Mapping[str, str]]:
    """Return what makes PyMC compile with Numba where there is no C compiler."""
    import pytensor

    return {} if pytensor.config.cxx else {"compile_kwargs": {"mode": "NUMBA"}}
