"""Points of the parameter space, and the rows of parameters that kernels are given."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from puffin.arrays import Array
from puffin.laws.parameter import Parameter

__all__ = ["CHAIN", "MEAN", "PHI", "RHO", "SHAPE", "SIGMA", "Coordinates"]

CHAIN = ("mean", "phi", "sigma", "rho")
MEAN, PHI, SIGMA, RHO = range(len(CHAIN))
"""Rows of the parameters that every model of a chain has, zero where they are not estimated."""

SHAPE = len(CHAIN)
"""The first row of the shape parameters of the errors' law, which come after those."""


@dataclass(frozen=True)
class Coordinates:
    """The parameters of a model besides mu, in its order: points of shape (n_points, n_dims).

    Attributes
    ----------
    parameters : tuple of Parameter
    fixed : mapping of str to float
        Natural parameters that are not estimated, and are not zero.
    """

    parameters: tuple[Parameter, ...]
    fixed: Mapping[str, float] = field(default_factory=dict)

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of points."""
        return tuple(parameter.name for parameter in self.parameters)

    @functools.cached_property
    def row_names(self) -> tuple[str, ...]:
        """Names of the rows of natural parameters."""
        return (*CHAIN, *(name for name in self.names if name not in CHAIN), *self.fixed)

    @functools.cached_property
    def rows_of_columns(self) -> list[int]:
        """The row of each column."""
        return [self.row_names.index(name) for name in self.names]

    @functools.cached_property
    def _fixed_rows(self) -> list[tuple[int, float]]:
        return [(self.row_names.index(name), value) for name, value in self.fixed.items()]

    @property
    def starts(self) -> Array:
        """Points from which to look for the mode, shape (n_starts, n_dims)."""
        starts = [p.transform.coordinate(np.array(p.starts)) for p in self.parameters]
        return np.column_stack(starts)

    @property
    def widths(self) -> Array:
        """Rough posterior standard deviations."""
        return np.array([parameter.width for parameter in self.parameters])

    @property
    def n_natural(self) -> int:
        """The number of rows of natural parameters."""
        return len(self.row_names)

    def natural(self, points: Array) -> Array:
        """Return the natural parameters: shape (n_natural, n_points)."""
        values = np.zeros((self.n_natural, points.shape[0]))
        for row, parameter, x in zip(self.rows_of_columns, self.parameters, points.T, strict=True):
            values[row] = parameter.natural(x)
        for row, value in self._fixed_rows:
            values[row] = value
        return values

    def rows(self, points: Array, origin: Array, reach: Array) -> Array:
        """Return natural parameters, and their offsets from `origin` in the coordinates.

        Offsets level off at `reach`, shape (n_dims,), so that no line is followed further. The
        shape is (2, n_natural, n_points).
        """
        values = np.zeros((2, self.n_natural, points.shape[0]))
        values[0] = self.natural(points)
        values[1, self.rows_of_columns] = (reach * np.tanh((points - origin) / reach)).T
        return values

    def log_prior(self, points: Array) -> Array:
        """Return the log prior density of each point, its constant included."""
        columns = zip(self.parameters, points.T, strict=True)
        return np.asarray(sum(parameter.log_prior(x) for parameter, x in columns))
