r"""Student-t errors of unit variance: :math:`y_t - \text{mean} = e^{h_t/2} \sqrt{\tau_t} e_t`.

With :math:`\tau_t \sim IG(\nu/2, (\nu - 2)/2)` integrated out, and
:math:`w_t = (y_t - \text{mean})^2 e^{-h_t} / (\nu - 2)`, the log-density is
:math:`-h_t/2 - \frac{\nu+1}{2} \log(1 + w_t)` up to a constant, and its derivatives in
:math:`h_t`, with :math:`\pi_t = w_t / (1 + w_t)`,

.. math::

    -\tfrac12 + \tfrac{\nu+1}{2} \pi, \qquad
    -\tfrac{\nu+1}{2} \pi (1 - \pi), \qquad
    \tfrac{\nu+1}{2} \pi (1 - \pi) (1 - 2 \pi).

Their expectations under :math:`h_t \sim N(m, v)` are Gauss-Hermite sums over three nodes: exact
ones are not needed for a proposal, and positive weights keep the curvature positive.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes, log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import Lanes, load
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, SHAPE, SIGMA
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
from puffin.laws.student_t import log_constant_lanes

__all__ = ["StudentTObservations", "expected_derivatives", "node_scales"]

_NODES = (-math.sqrt(3.0), 0.0, math.sqrt(3.0))
_PRODUCT = 8
"""Factors of the density are multiplied over so many times before a logarithm is taken."""

Offsets = tuple[Lanes, Lanes, Lanes]
Given = tuple[Lanes, Lanes, Lanes, Offsets, Lanes]


def node_scales(mean: Array, variance: Array) -> Array:
    """Return exp(-h) at the quadrature's three nodes: shape (3, n_times)."""
    return np.array([np.exp(-mean - node * np.sqrt(variance)) for node in _NODES])


def expected_derivatives(
    y: Array, present: Array, mean: Array, variance: Array, level: float, nu: float
) -> tuple[Array, Array]:
    """Return gradient and minus the second derivative, expected under h ~ N(mean, variance)."""
    odds = present * (y - level) ** 2 * node_scales(mean, variance) / (nu - 2.0)
    fraction = odds / (1.0 + odds)
    weights = np.array([1.0, 4.0, 1.0]) / 6.0 * 0.5 * (nu + 1.0)
    return weights @ fraction - 0.5 * present, weights @ (fraction * (1.0 - fraction))


class Tables(NamedTuple):
    """What the kernel is told.

    Attributes
    ----------
    centre : ndarray of shape (n_times,)
        Means of the states under which derivatives are expected.
    scales : ndarray of shape (3, n_times)
        `node_scales` of their moments.
    slopes : ndarray of shape (n_times, n_natural)
        Derivatives of the centre in the coordinates.
    """

    centre: Array
    scales: Array
    slopes: Array


@part
def _prepare(rows: Array, count: int, lanes: int, tables: Tables, constants: Array) -> Given:
    """Return mean, nu, the density's constant, offsets of the chain's parameters, and of nu."""
    nu = load(rows, SHAPE * count + lanes)
    return (
        load(rows, MEAN * count + lanes),
        nu,
        log_constant_lanes(nu),
        offsets_of_chain(rows, count, lanes),
        load(rows, (rows.shape[1] + SHAPE) * count + lanes),
    )


@part
def _term(given: Given, tables: Tables, y: float, present: float, t: int) -> Vectors:
    mean, nu, _, offsets, offset_nu = given
    moved = respond(tables.slopes, t, offsets) + tables.slopes[t, SHAPE] * offset_nu
    error = present * (y - mean)
    square = error * error * approximate_exp(-moved)
    g, c, third = _coefficients(square, nu - 2.0, 0.5 * (nu + 1.0), tables.scales, t)
    return g - 0.5 * present + c * (tables.centre[t] + moved), c, third


@part
def _density(given: Given, sums: Vectors, h: Lanes, y: float, present: float, t: int) -> Vectors:
    """Add to the sum; the factors 1 + w at hand, of which a logarithm is to be taken, are apart."""
    mean, nu, constant, _, _ = given
    total, product = sums
    error = present * (y - mean)
    total = total + present * (constant - 0.5 * h)
    product = product * (1.0 + error * error * (1.0 / (nu - 2.0)) * exp_lanes(-h))
    if t % _PRODUCT == 0:
        total = total - 0.5 * (nu + 1.0) * log_lanes(product)
        product = h * 0.0 + 1.0
    return total, product


@part
def _coefficients(
    square: Lanes, excess: Lanes, half: Lanes, scales: Array, t: int
) -> tuple[Lanes, Lanes, Lanes]:
    """Return the sums over nodes of pi, pi (1 - pi) and pi (1 - pi) (1 - 2 pi)."""
    # 1 - pi at each node, by one division for the three.
    low, middle, high = (
        excess + square * scales[0, t],
        excess + square * scales[1, t],
        excess + square * scales[2, t],
    )
    inverse = excess / (low * middle * high)
    rest_low, rest_middle, rest_high = (
        inverse * middle * high,
        inverse * low * high,
        inverse * low * middle,
    )
    first_low, first_middle, first_high = 1.0 - rest_low, 1.0 - rest_middle, 1.0 - rest_high
    second_low = first_low * rest_low
    second_middle = 4.0 * first_middle * rest_middle
    second_high = first_high * rest_high
    g = half * (1.0 / 6.0) * (first_low + 4.0 * first_middle + first_high)
    c = half * (1.0 / 6.0) * (second_low + second_middle + second_high)
    third = (
        half
        * (1.0 / 6.0)
        * (
            second_low * (rest_low - first_low)
            + second_middle * (rest_middle - first_middle)
            + second_high * (rest_high - first_high)
        )
    )
    return g, c, third


class StudentTObservations(Observations):
    """Observations with Student-t errors."""

    weigh = single_states_kernels("weigh_student_t", SingleStates(_prepare, _term, _density))

    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian."""
        y, present = self.series.y, self.series.present
        mean, phi, sigma, nu = natural[[MEAN, PHI, SIGMA, SHAPE]].tolist()
        h, hh = expected_derivatives(y, present, at.centre, at.variance, mean, nu)
        return Derivatives.of_states(h, hh, at, phi, sigma)

    def least_curvature(self, natural: Array) -> Array:
        """Return half the Fisher information of Gaussian errors."""
        return 0.25 * self.series.present

    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the centre."""
        return expansion.centre[None]

    def arrange(self, natural: Array, expansion: Expansion, values: Array, slopes: Array) -> Tables:
        """Return the centre, exp(-h) at the quadrature's nodes, and the centre's slopes."""
        scales = node_scales(values[0], expansion.variance)
        return Tables(values[0].copy(), scales, slopes[0].copy())
