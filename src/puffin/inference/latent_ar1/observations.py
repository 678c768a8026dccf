"""What an observation model offers the sampler."""

from __future__ import annotations

from typing import Any, Protocol

from puffin.arrays import Array
from puffin.inference.latent_ar1.approximation import Approximation
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.expansion import Expansion

__all__ = ["Observations"]


class Observations(Protocol):
    """Observations of a latent AR(1) chain h.

    To add a model (jumps, realised volatility, a factor), write these four.
    """

    def fit(self, natural: Array, start: Expansion | None) -> Expansion:
        """Return a Gaussian for the states.

        Parameters
        ----------
        natural : ndarray of shape (5,)
            See `Coordinates.natural`.
        start : Expansion, optional
            Of parameters nearby.
        """

    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the numbers that follow the parameters, shape (n_values, n_times)."""

    def arrange(
        self, natural: Array, expansion: Expansion, values: Array, slopes: Array
    ) -> tuple[Any, ...]:
        """Return what the kernel is told of an expansion.

        Parameters
        ----------
        values : ndarray of shape (n_values, n_times)
            From `tabulate`.
        slopes : ndarray of shape (n_values, n_times, 5)
            Their derivatives in the coordinates.
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
