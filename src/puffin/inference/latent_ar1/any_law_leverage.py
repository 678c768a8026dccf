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

With f the density of the error a, s the derivative of its logarithm, and primes for those in h::

    u_a = exp(log f + u^2 / 2 + log(2 pi) / 2)        u_aa = u_a (s + u u_a)
    u' = -a u_a / 2            u'' = (a u_a + a^2 u_aa) / 4

Expectations are those of `any_law`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import part_of
from puffin.compiling.lanes import Lanes, exp_lanes, load, maximum
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
    linked_states_kernel,
)
from puffin.inference.latent_ar1.transport import Row, approximate_exp
from puffin.laws.parts import LawParts, ScoredLaw

__all__ = ["LawLeverageObservations"]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)

LAW = cast(LawParts, None)
"""The parts of the law whose kernel it is: see `kernel_of`."""

Given = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, Any]


def _prepare(rows: Array, n: int, g: int, tables: Tables, scratch: Array) -> tuple[Given, Moved]:
    mean, phi = load(rows, MEAN * n + g), load(rows, PHI * n + g)
    sigma, rho = load(rows, SIGMA * n + g), load(rows, RHO * n + g)
    constants = LAW.prepare(rows, SHAPE * n + g, n)
    return (mean, phi, sigma, rho, 1.0 / (1.0 - rho * rho), constants), offsets_of_all(rows, n, g)


def _at_linked_node(
    constants: Any, a: Lanes, pull: Lanes
) -> tuple[Lanes, Lanes, Lanes, Lanes, Lanes]:
    """Return P' + 1/2 and P'', with `pull` for k rho^2, and u, u' and u''."""
    first, second = at_node(constants, a)
    s, _ = LAW.slopes(constants, a)
    u = LAW.normal_score(constants, a)
    u_a = exp_lanes(LAW.log_density(constants, a) + 0.5 * u * u + _HALF_LOG_2PI)
    u_aa = u_a * (s + u * u_a)
    u_h, u_hh = -0.5 * a * u_a, 0.25 * a * (u_a + a * u_aa)
    return first - pull * u * u_h, second - pull * (u_h * u_h + u * u_hh), u, u_h, u_hh


def _term(
    given: Given, offsets: Moved, tables: Tables, observed: Observed, t: int, onward: bool,
    centres: tuple[Lanes, Lanes],
) -> Row:  # fmt: skip
    mean, phi, sigma, rho, k, constants = given
    y, seen, linked = observed
    m, omega = centres
    zero, square = mean * 0.0, sigma * sigma
    factor = approximate_exp(follow(zero, tables.sd_slopes, t, offsets))
    sd = tables.sd[t] * factor
    k = 1.0 + linked * (k - 1.0)
    tie = linked * k * rho * sigma
    low, middle, high = nodes(tables.centre[t], m, sd, seen * (y - mean))
    pull = linked * k * rho * rho
    at_low, at, at_high = (
        _at_linked_node(constants, low, pull),
        _at_linked_node(constants, middle, pull),
        _at_linked_node(constants, high, pull),
    )
    seconds, bends = (at_low[1], at[1], at_high[1]), (at_low[4], at[4], at_high[4])
    gradient = square * (mean_of((at_low[0], at[0], at_high[0])) - 0.5 * seen)
    curvature, third = -square * mean_of(seconds), square * slope_of(seconds, sd)
    if not onward:
        curvature = maximum(curvature, zero)
        return gradient, zero, curvature, zero, zero, third, zero, zero, zero
    cross = tables.covariance[t] * factor * factor - phi * sd * sd
    u, u1 = mean_of((at_low[2], at[2], at_high[2])), mean_of((at_low[3], at[3], at_high[3]))
    u2, u3 = mean_of(bends), slope_of(bends, sd)
    u4 = (bends[0] - 2.0 * bends[1] + bends[2]) / (3.0 * sd * sd)
    hw = -tie * u1
    return (
        gradient + tie * (u1 * omega + u2 * cross),
        tie * u - k * omega,
        maximum(curvature - tie * (u2 * omega + u3 * cross), hw * hw / k),
        hw,
        k,
        third + tie * (u3 * omega + u4 * cross),
        tie * u2,
        zero,
        zero,
    )


def _density(
    given: Given, sums: Sums, scratch: Array, observed: Observed, t: int, h: Lanes, eta: Lanes
) -> Sums:
    mean, _, _, rho, k, constants = given
    y, seen, linked = observed
    error = seen * (y - mean) * exp_lanes(-0.5 * h)
    u = seen * LAW.normal_score(constants, error)
    residual = u - linked * rho * eta
    k = 1.0 + linked * (k - 1.0)
    total = sums[0] + seen * (LAW.log_density(constants, error) - 0.5 * h)
    return total + 0.5 * (u * u - k * residual * residual), sums[1], sums[2]


@functools.cache
def _kernel(law: ScoredLaw) -> Callable[..., None]:
    at = part_of(at_node, LAW=law.parts)
    at_linked_node = part_of(_at_linked_node, LAW=law.parts, at_node=at)
    prepare = part_of(_prepare, LAW=law.parts)
    density = part_of(_density, LAW=law.parts)
    term = part_of(_term, _at_linked_node=at_linked_node)
    parts = LinkedStates(prepare, follow, term, density)
    return linked_states_kernel(f"weigh_leverage_{law.name}", parts)


class LawLeverageObservations(LawObservations):
    """Observations with leverage and errors of a law."""

    @property
    def kernel(self) -> Callable[..., None]:
        """The sweep with the law's parts."""
        return _kernel(self.law)

    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian."""
        seen, sd = self.series.seen, spread(at)
        phi, sigma, rho = natural[[PHI, SIGMA, RHO]].tolist()
        linked, onward = seen.copy(), np.ones(seen.size)
        linked[-1] = onward[-1] = 0.0
        k = 1.0 / (1.0 - linked * rho**2)
        tie = linked * k * rho / sigma
        log_density, u = self.at_nodes(natural, at)
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
