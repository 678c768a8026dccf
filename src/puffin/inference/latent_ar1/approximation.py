"""What the kernels know of the states' posterior: a Gaussian, and how it follows the parameters."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from puffin.arrays import Array
from puffin.inference.latent_ar1.coordinates import Coordinates
from puffin.inference.latent_ar1.expansion import Expansion
from puffin.inference.latent_ar1.observations import Observations
from puffin.inference.mode import Mode

__all__ = ["Approximation", "approximate", "with_slopes"]

_REACH = 3.0


@dataclass(frozen=True)
class Approximation:
    """A Gaussian for the states at one point, and near it.

    Attributes
    ----------
    origin : ndarray of shape (n_dims,)
        The point.
    reach : ndarray of shape (n_dims,)
        How far from the point the slopes are followed.
    expansion : Expansion
    tables : named tuple
        What the observations' kernel is told of it.
    n_choices : int
        How many it makes: see `Observations.with_choices`.
    """

    origin: Array
    reach: Array
    expansion: Expansion
    tables: Any
    n_choices: int = 0

    def with_choices(self, observations: Observations, coordinates: Coordinates) -> Approximation:
        """Return the same with choices drawn."""
        natural = coordinates.natural(self.origin[None])[:, 0]
        chosen = observations.with_choices(self.tables, natural, self.expansion)
        return dataclasses.replace(self, tables=chosen.tables, n_choices=chosen.n_choices)


def approximate(
    observations: Observations,
    coordinates: Coordinates,
    point: Array,
    start: Expansion | None = None,
) -> Approximation:
    """Return the approximation at a point, as if it were the same everywhere."""
    natural, expansion, values = _fit(observations, coordinates, point, start)
    slopes = np.zeros((*values.shape, coordinates.n_natural))
    tables = observations.tell(natural, expansion, values, slopes)
    return Approximation(point, np.ones(point.size), expansion, tables)


def with_slopes(
    observations: Observations, coordinates: Coordinates, mode: Mode, start: Expansion | None
) -> Approximation:
    """Return the approximation at the mode, with slopes from fits on either side.

    They are as far away as the parameter's standard deviation given the others.
    """
    natural, expansion, values = _fit(observations, coordinates, mode.location, start)
    slopes = np.zeros((*values.shape, coordinates.n_natural))
    steps = 1.0 / np.sqrt(np.diag(np.linalg.inv(mode.covariance)))
    for column, row in enumerate(coordinates.rows_of_columns):
        ends = []
        for sign in (1.0, -1.0):
            point = mode.location.copy()
            point[column] += sign * steps[column]
            ends.append(_fit(observations, coordinates, point, expansion)[2])
        slopes[..., row] = (ends[0] - ends[1]) / (2.0 * steps[column])
    tables = observations.tell(natural, expansion, values, slopes)
    return Approximation(mode.location, _REACH * steps, expansion, tables)


def _fit(
    observations: Observations, coordinates: Coordinates, point: Array, start: Expansion | None
) -> tuple[Array, Expansion, Array]:
    """Return the natural parameters of a point, the Gaussian there, and what follows it."""
    natural = coordinates.natural(point[None])[:, 0]
    of_chain = observations.of_chain(natural)
    expansion = of_chain.fit(natural, start)
    return natural, expansion, of_chain.tabulate(natural, expansion)
