"""What an observation model offers the sampler."""

from __future__ import annotations

from typing import Protocol

from puffin.inference.arrays import Array
from puffin.inference.latent_ar1.batch import Batch

__all__ = ["Observations"]


class Observations(Protocol):
    """Observations of a latent AR(1) chain h.

    To add a model (jumps, realised volatility, a factor), write these two.
    """

    def approximate(self, natural: Array, mu: float, start: Array) -> tuple[Array, ...]:
        """Return the arrays of the Gaussian approximation; the first is its mean.

        Parameters
        ----------
        natural : ndarray of shape (n_parameters,)
        start : ndarray of shape (n_times,)
            States from which to begin.
        """

    def propose(
        self,
        batch: Batch,
        natural: Array,
        approximation: tuple[Array, ...],
        keep: float,
        fresh: float,
    ) -> None:
        """Propose chains and weigh them, in place.

        The batch's normals become keep z + fresh xi, its states h, and its log-weights
        log p(y, h, mu | parameters) - log q(h, mu | parameters).

        Parameters
        ----------
        natural : ndarray of shape (n_parameters, batch.size)
        """
