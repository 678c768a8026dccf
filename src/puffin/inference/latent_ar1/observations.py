"""What an observation model offers the sampler."""

from __future__ import annotations

from typing import Protocol

from puffin.inference.arrays import Array
from puffin.inference.latent_ar1.approximation import Approximation
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.gaussian import Moments

__all__ = ["Observations"]


class Observations(Protocol):
    """Observations of a latent AR(1) chain h.

    To add a model (jumps, realised volatility, a factor), write these two.
    """

    def fit(self, natural: Array, start: Moments) -> Moments:
        """Return means and variances of a Gaussian for the states, shape (n_times,) each.

        Parameters
        ----------
        natural : ndarray of shape (n_parameters,)
        start : tuple of ndarray of shape (n_times,)
            Moments from which to begin; variances of zero where they are not known.
        """

    def propose(
        self, batch: Batch, rows: Array, approximation: Approximation, keep: float, fresh: float
    ) -> None:
        """Propose chains and weigh them, in place.

        The batch's normals become keep z + fresh xi, its states h, and its log-weights
        log p(y, h, mu | parameters) - log q(h, mu | parameters).

        Parameters
        ----------
        rows : ndarray of shape (10, batch.size)
            Natural parameters and offsets: `Coordinates.rows`.
        """
