r"""Leverage with errors of any law that says its normal score as well.

The model is :math:`y_t = \text{mean} + e^{h_t/2} \epsilon_t`, where the errors' normal score
:math:`u_t = \Phi^{-1}(F(\epsilon_t))` has correlation :math:`\rho` with :math:`\eta_t`: a Gaussian
copula, which for normal errors is the usual model. With l the log-density of y_t given h_t and
:math:`k = 1 / (1 - \rho^2)`, time t contributes

.. math::

    L = l(h) - \tfrac12 k \rho^2 u(h)^2 + k \rho u(h) \eta - \tfrac12 k \eta^2
      = P(h) + k \rho u(h) \eta - \tfrac12 k \eta^2

to the log-density, the prior of :math:`\eta` included; :math:`\rho = 0` where y_t is missing or no
state follows. It is quadratic in :math:`\eta`, so that all expected derivatives are those of P and
u, functions of one variable: for instance

.. math::

    E \, \partial_h L = E P' + k \rho \, (E u' \, E \eta + E u'' \operatorname{cov}(h, \eta))

The derivatives of the log density are expected over three nodes, as in `any_law`. Those of u follow
at the centre alone from its slope, with f the density of the error a and l_1, l_2, ... derivatives
of l + h/2::

    u_1 = -a exp(log f + u^2 / 2 + log(2 pi) / 2) / 2      b = l_1 + u u_1 - 1/2
    u_2 = u_1 b,   u_3 = u_1 (b^2 + b'),   u_4 = u_1 (b^3 + 3 b b' + b'')

and expectations to first order in the variance of h: for instance E u = u + u_2 var h / 2.
"""

from __future__ import annotations

import functools
import math
from typing import cast

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes
from puffin.compiling.kernels import part_of
from puffin.compiling.lanes import Lanes, load, maximum
from puffin.inference.latent_ar1.any_law import (
    LawObservations,
    Moved,
    Tables,
    at_node,
    follow,
    mean_of,
    moments,
    nodes,
    offsets_of_all,
    slope_of,
    spread,
)
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, RHO, SHAPE, SIGMA
from puffin.inference.latent_ar1.expansion import Derivatives, Expansion
from puffin.inference.latent_ar1.linked_states import (
    LinkedStates,
    Observed,
    Sums,
    linked_states_kernels,
)
from puffin.inference.latent_ar1.observations import Kernels
from puffin.inference.latent_ar1.transport import Row, approximate_exp
from puffin.laws.parts import LawParts, ScoredLaw

__all__ = ["LawLeverageObservations"]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)

LAW = cast(LawParts, None)
"""The parts of the law whose kernel it is: see `kernel_of`."""

Given = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, object, Array]


def _prepare(rows: Array, n: int, g: int, tables: Tables, table: Array) -> tuple[Given, Moved]:
    mean, phi = load(rows, MEAN * n + g), load(rows, PHI * n + g)
    sigma, rho = load(rows, SIGMA * n + g), load(rows, RHO * n + g)
    constants = LAW.prepare(rows, SHAPE * n + g, n)
    LAW.tabulate(constants, table)
    given = (mean, phi, sigma, rho, 1.0 / (1.0 - rho * rho), constants, table)
    return given, offsets_of_all(rows, n, g)


def _score(
    constants: object, table: Array, a: Lanes, slopes: tuple[Lanes, Lanes, Lanes]
) -> tuple[Lanes, Lanes, Lanes, Lanes, Lanes]:
    """Return u and its first four derivatives, given three of l + h/2."""
    first, second, third = slopes
    u = LAW.normal_score(constants, table, a)
    u1 = -0.5 * a * exp_lanes(LAW.log_density(constants, a) + 0.5 * u * u + _HALF_LOG_2PI)
    b = first + u * u1 - 0.5
    u2 = u1 * b
    b1 = second + u1 * u1 + u * u2
    u3 = u1 * (b * b + b1)
    b2 = third + 3.0 * u1 * u2 + u * u3
    return u, u1, u2, u3, u1 * (b * (b * b + 3.0 * b1) + b2)


def _term(
    given: Given, offsets: Moved, tables: Tables, observed: Observed, t: int, onward: bool,
    centres: tuple[Lanes, Lanes],
) -> Row:  # fmt: skip
    mean, phi, sigma, rho, k, constants, table = given
    y, present, linked = observed
    m, omega = centres
    zero, square = mean * 0.0, sigma * sigma
    factor = approximate_exp(follow(zero, tables.sd_slopes, t, offsets))
    sd = tables.sd[t] * factor
    low, middle, high = nodes(tables.centre[t], m, sd, present * (y - mean))
    at_low, at, at_high = (
        at_node(constants, low), at_node(constants, middle), at_node(constants, high)
    )  # fmt: skip
    seconds = (at_low[1], at[1], at_high[1])
    gradient = mean_of((at_low[0], at[0], at_high[0])) - 0.5 * present
    curvature, third = -mean_of(seconds), slope_of(seconds, sd)
    if not onward:
        return (
            square * gradient, zero, square * maximum(curvature, zero), zero, zero,
            square * third, zero, zero, zero,
        )  # fmt: skip
    k, half = 1.0 + linked * (k - 1.0), 0.5 * sd * sd
    tie, pull = linked * k * rho * sigma, linked * k * rho * rho
    cross = tables.covariance[t] * factor * factor - phi * sd * sd
    u, u1, u2, u3, u4 = _score(constants, table, middle, (at[0], at[1], third))
    # Derivatives of u^2 / 2, then expectations.
    p1, p2, p3 = u * u1, u1 * u1 + u * u2, 3.0 * u1 * u2 + u * u3
    p4 = 3.0 * u2 * u2 + 4.0 * u1 * u3 + u * u4
    u, u1, u2 = u + half * u2, u1 + half * u3, u2 + half * u4
    gradient = gradient - pull * (p1 + half * p3)
    curvature = square * (curvature + pull * (p2 + half * p4)) - tie * (u2 * omega + u3 * cross)
    hw = -tie * u1
    return (
        square * gradient + tie * (u1 * omega + u2 * cross),
        tie * u - k * omega,
        maximum(curvature, hw * hw / k),
        hw,
        k,
        square * (third - pull * p3) + tie * (u3 * omega + u4 * cross),
        tie * u2,
        zero,
        zero,
    )


def _density(
    given: Given, sums: Sums, table: Array, observed: Observed, t: int, h: Lanes, eta: Lanes
) -> Sums:
    mean, _, _, rho, k, constants, _ = given
    y, present, linked = observed
    error = present * (y - mean) * exp_lanes(-0.5 * h)
    u = present * LAW.normal_score(constants, table, error)
    residual = u - linked * rho * eta
    k = 1.0 + linked * (k - 1.0)
    total = sums[0] + present * (LAW.log_density(constants, error) - 0.5 * h)
    return total + 0.5 * (u * u - k * residual * residual), sums[1], sums[2]


@functools.cache
def _kernels(law: ScoredLaw) -> Kernels:
    at = part_of(at_node, LAW=law.parts)
    score = part_of(_score, LAW=law.parts)
    prepare = part_of(_prepare, LAW=law.parts)
    density = part_of(_density, LAW=law.parts)
    term = part_of(_term, at_node=at, _score=score)
    parts = LinkedStates(prepare, follow, term, density)
    return linked_states_kernels(f"weigh_leverage_{law.name}", parts)


class LawLeverageObservations(LawObservations):
    """Observations with leverage and errors of a law."""

    @property
    def kernels(self) -> Kernels:
        """The sweep with the law's parts."""
        return _kernels(self.law)

    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian."""
        present, sd = self.series.present, spread(at)
        phi, sigma, rho = natural[[PHI, SIGMA, RHO]].tolist()
        linked, onward = present.copy(), np.ones(present.size)
        linked[-1] = onward[-1] = 0.0
        k = 1.0 / (1.0 - linked * rho**2)
        tie = linked * k * rho / sigma
        log_density = self.log_densities(natural, at)
        _, error, shape = self.at_nodes(natural, at)
        u = present * self.law.normal_score(error, shape)
        _, first, second, _ = moments(log_density - 0.5 * linked * k * rho**2 * u**2, sd)
        u0, u1, u2, u3 = moments(u, sd)
        omega, cross = at.innovation(phi), onward * (at.covariance - phi * at.variance)
        ww = onward * k / sigma**2
        return Derivatives(
            h=first + tie * (u1 * omega + u2 * cross),
            w=tie * u0 - ww * omega,
            hh=-second - tie * (u2 * omega + u3 * cross),
            hw=-tie * u1,
            ww=ww,
        )
