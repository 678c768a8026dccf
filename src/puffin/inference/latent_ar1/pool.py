"""Points from several proposals, weighed as if each had come from the mixture of all of them."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.inference.proposal import Proposal
from puffin.inference.t_mixture import TMixture

__all__ = ["Pool"]


class Pool:
    """What has been proposed so far (Cornuet, Marin, Mira & Robert 2012).

    Attributes
    ----------
    points : ndarray of shape (n_points, n_dims)
    """

    def __init__(self, n_dims: int) -> None:
        self.points = np.empty((0, n_dims))
        self._log_densities = np.empty(0)
        self._proposals: list[Proposal] = []
        self._sizes: list[int] = []

    def add(self, proposal: Proposal, points: Array, log_densities: Array) -> None:
        """Add points that came from a proposal, with the target's log-densities at them."""
        self._proposals.append(proposal)
        self._sizes.append(len(points))
        self.points = np.concatenate([self.points, points])
        self._log_densities = np.append(self._log_densities, log_densities)

    @property
    def log_weights(self) -> Array:
        """The log-density of the target at each point less that of the mixture of proposals."""
        shares = np.array(self._sizes) / sum(self._sizes)
        mixture = TMixture(tuple(self._proposals), shares)
        return np.asarray(self._log_densities - mixture.log_density(self.points))
