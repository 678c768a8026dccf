r"""Gaussian errors: :math:`y_t \sim N(\text{mean}, e^{h_t})`.

With :math:`a_t = (y_t - \text{mean}) e^{-h_t/2}` the log-density :math:`-h_t/2 - a_t^2/2` has the
derivatives :math:`-1/2 + a_t^2/2`, :math:`-a_t^2/2`, :math:`a_t^2/2` in :math:`h_t`, whose
expectations under :math:`h_t \sim N(m, v)` follow from :math:`E e^{-h} = e^{-m + v/2}`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import Lanes, load
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, SIGMA
from puffin.inference.latent_ar1.expansion import Derivatives, Expansion
from puffin.inference.latent_ar1.observations import Observations
from puffin.inference.latent_ar1.single_states import (
    SingleStates,
    Vectors,
    offsets_of_chain,
    respond,
    single_states_kernels,
)
from puffin.inference.latent_ar1.transport import approximate_exp

__all__ = ["NormalObservations"]

Given = tuple[Lanes, tuple[Lanes, Lanes, Lanes]]


class Tables(NamedTuple):
    """What the kernel is told.

    Attributes
    ----------
    centre, scale : ndarray of shape (n_times,)
        Derivatives are those expected under h_t ~ N(centre, v); scale is E exp(-h_t).
    centre_slopes, scale_slopes : ndarray of shape (n_times, n_natural)
        Derivatives of centre and log scale in the coordinates.
    """

    centre: Array
    scale: Array
    centre_slopes: Array
    scale_slopes: Array


@part
def _prepare(rows: Array, count: int, lanes: int, tables: Tables, constants: Array) -> Given:
    return load(rows, MEAN * count + lanes), offsets_of_chain(rows, count, lanes)


@part
def _term(given: Given, tables: Tables, y: float, present: float, t: int) -> Vectors:
    mean, offsets = given
    error = present * (y - mean)
    rescaled = approximate_exp(respond(tables.scale_slopes, t, offsets))
    c = (0.5 * tables.scale[t]) * error * error * rescaled
    b = c * ((1.0 + tables.centre[t]) + respond(tables.centre_slopes, t, offsets)) - 0.5 * present
    return b, c, c


@part
def _density(given: Given, sums: Vectors, h: Lanes, y: float, present: float, t: int) -> Vectors:
    error = present * (y - given[0])
    deviance = present * (math.log(2.0 * math.pi) + h) + error * error * exp_lanes(-h)
    return sums[0] - 0.5 * deviance, sums[1]


class NormalObservations(Observations):
    """Observations with Gaussian errors."""

    weigh = single_states_kernels("weigh_normal", SingleStates(_prepare, _term, _density))

    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian."""
        y, present = self.series.y, self.series.present
        mean, phi, sigma = natural[[MEAN, PHI, SIGMA]].tolist()
        half = 0.5 * present * (y - mean) ** 2 * np.exp(-at.centre + 0.5 * at.variance)
        return Derivatives.of_states(half - 0.5 * present, half, at, phi, sigma)

    def least_curvature(self, natural: Array) -> Array:
        """Return the Fisher information."""
        return 0.5 * self.series.present

    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the centre, and the logarithm of E exp(-h)."""
        return np.array([expansion.centre, 0.5 * expansion.variance - expansion.centre])

    def arrange(self, natural: Array, expansion: Expansion, values: Array, slopes: Array) -> Tables:
        """Return centre and scale, and their slopes."""
        return Tables(values[0].copy(), np.exp(values[1]), slopes[0].copy(), slopes[1].copy())
