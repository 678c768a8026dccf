"""What every sampler returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

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

    variables: Mapping[str, NDArray[np.float64]]
    method: str
    statistics: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    report: Mapping[str, float] = field(default_factory=dict)
