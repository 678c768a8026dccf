"""What every sampler returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from puffin.arrays import Array

__all__ = ["Draws"]


@dataclass(frozen=True)
class Draws:
    """Draws from a posterior.

    Attributes
    ----------
    variables : mapping of str to ndarray of shape (n_chains, n_draws, ...)
    method : str
        The sampler that made them.
    statistics : mapping of str to ndarray of shape (n_chains, n_draws)
        What the sampler says of each draw, for example whether it was accepted.
    report : mapping of str to float
        What the sampler says of the whole, for example its acceptance rate.
    """

    variables: Mapping[str, Array]
    method: str
    statistics: Mapping[str, Array] = field(default_factory=dict)
    report: Mapping[str, float] = field(default_factory=dict)
