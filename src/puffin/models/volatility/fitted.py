"""What a fit of a volatility model leaves."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.draws import Draws
from puffin.inference.settings import Settings
from puffin.laws import Law
from puffin.models.volatility.drawn import VolatilityDraws, equal_draws
from puffin.models.volatility.states import States, WithStates
from puffin.models.volatility.ties import dither_ties
from puffin.posterior import Posterior, Summary
from puffin.validation import ReturnSeries

__all__ = ["FittedVolatility"]


@dataclass(frozen=True)
class FittedVolatility:
    """What a fit leaves: the returns, how it was made, and the draws.

    Attributes
    ----------
    series : ReturnSeries
    settings : Settings
    missing : str
    keep_states : str or int
    engine : str
    drawn : VolatilityDraws
        As the sampler made them; with weights, if returns came since.
    checks : mapping
        The summary of the draws when they were made; empty where there is no chain to check.
    """

    series: ReturnSeries
    settings: Settings
    missing: str
    keep_states: str | int
    engine: str
    drawn: VolatilityDraws
    checks: Summary

    @functools.cached_property
    def _equal(self) -> tuple[Draws, States]:
        return equal_draws(self.drawn, fixed_seed(self.settings.seed))

    @functools.cached_property
    def posterior(self) -> Posterior:
        """Parameters, `h_last` and `h_next`; `h` too, where it is kept of every draw."""
        draws, states = self._equal
        return Posterior(
            variables=WithStates(draws.variables, states) if self.thin == 1 else draws.variables,
            method=draws.method,
            engine=self.engine,
            dims={"h": ["time"], "returns": ["time"]},
            coords={"time": self.series.labels},
            observed={"returns": self.series.values},
            statistics=draws.statistics,
            report=draws.report,
        )

    @property
    def seen(self) -> Array:
        """The returns as the sampler saw them, with ties moved apart."""
        return dither_ties(self.series.values, self.drawn.step)

    @property
    def law(self) -> Law:
        """The law of the errors, given the draws."""
        return self.drawn.law

    @property
    def thin(self) -> int:
        """States are kept of every so many draws."""
        return self.drawn.thin

    @property
    def states(self) -> NDArray[np.float32]:
        """Kept log-variances, shape (n_chains, n_kept, n_times)."""
        return self._equal[1].array

    @property
    def flat_states(self) -> NDArray[np.float32]:
        """Kept log-variances, chains in a row: shape (n_chains * n_kept, n_times)."""
        return self.states.reshape(-1, self.states.shape[-1])
