"""A posterior: named draws, with what they were made from and how."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from puffin.arrays import Array
from puffin.posterior.arviz_data import ArvizData, arviz_data
from puffin.posterior.power_scaling import PowerScaling
from puffin.showing.card import Card, Table
from puffin.showing.shown import Shown

__all__ = ["Posterior"]


@dataclass(frozen=True, repr=False)
class Posterior(Shown):
    """Draws from a posterior, in the units of the user's data.

    Attributes
    ----------
    variables : mapping of str to ndarray of shape (n_chains, n_draws, ...)
    dims : mapping of str to sequence of str
        Names of the dimensions after chain and draw, for variables that have any.
    coords : mapping of str to sequence
        Labels along those dimensions.
    observed : mapping of str to ndarray
        The data.
    method : str
        The sampler, or the fallback, that made the draws.
    engine : str
    statistics : mapping of str to ndarray of shape (n_chains, n_draws)
        What the sampler says of each draw.
    report : mapping of str to float
        What the sampler says of the whole.
    log_prior : ndarray of shape (n_chains, n_draws), optional
        Log density of the prior at each draw, but for a constant.
    """

    variables: Mapping[str, Array]
    method: str
    engine: str
    dims: Mapping[str, Sequence[str]] = field(default_factory=dict)
    coords: Mapping[str, Any] = field(default_factory=dict)
    observed: Mapping[str, Array] = field(default_factory=dict)
    statistics: Mapping[str, Array] = field(default_factory=dict)
    report: Mapping[str, float] = field(default_factory=dict)
    log_prior: Array | None = None

    def _card(self) -> Card:
        chains, draws = next(iter(self.variables.values())).shape[:2]
        return Card(
            "Posterior",
            [
                f"{', '.join(self.variables)}: {chains} chains of {draws:,} draws; "
                f"{self.method}, engine {self.engine}."
            ],
            table=Table(
                ("variable", "of each"),
                [
                    (name, ", ".join(map(str, self.dims.get(name, values.shape[2:]))))
                    for name, values in self.variables.items()
                ],
            ),
        )

    def flat(self, name: str) -> Array:
        """Return one variable's draws, chains in a row: shape (n_chains * n_draws, ...)."""
        draws = self.variables[name]
        return draws.reshape(-1, *draws.shape[2:])

    @functools.cached_property
    def power_scaling(self) -> PowerScaling:
        """The draws, weighed as if the prior counted half as much, and twice; made once.

        Raises
        ------
        ValueError
            If the density of the prior is not known.
        """
        if self.log_prior is None:
            raise ValueError("the density of the prior at each draw is not known.")
        return PowerScaling.of(self.log_prior)

    @functools.cached_property
    def idata(self) -> ArvizData:
        """The same as a container for ArviZ, made when first read.

        An xarray DataTree; an InferenceData where an ArviZ before 1.0 is installed, whose functions
        take nothing else. Groups `posterior`, `observed_data` and, where there are some,
        `sample_stats` and `log_prior`, by which ArviZ's `psense` goes.
        """
        from arviz_base import from_dict

        groups = {
            "posterior": self.variables,
            "observed_data": self.observed,
            "sample_stats": self.statistics,
            "log_prior": {} if self.log_prior is None else {"parameters": self.log_prior},
        }
        present = {name: dict(group) for name, group in groups.items() if group}
        tree = from_dict(present, coords=dict(self.coords), dims=dict(self.dims))
        tree["posterior"].attrs.update(
            {"method": self.method, "engine": self.engine, **self.report}
        )
        return arviz_data(tree)
