r"""Errors of any law that says its log density, two of its derivatives and its normal score.

The model is :math:`y_t = \text{mean} + e^{h_t/2} \epsilon_t`, and with leverage the errors' normal
score :math:`u_t = \Phi^{-1}(F(\epsilon_t))` has correlation :math:`\rho` with :math:`\eta_t`: a
Gaussian copula, which for normal errors is the usual model. With l the log-density of y_t given h_t
and :math:`k = 1 / (1 - \rho^2)`, time t contributes

.. math::

    L = l(h) - \tfrac12 k \rho^2 u(h)^2 + k \rho u(h) \eta - \tfrac12 k \eta^2
      = P(h) + k \rho u(h) \eta - \tfrac12 k \eta^2

to the log-density, the prior of :math:`\eta` included; :math:`\rho = 0` where there is no leverage,
y_t is missing, or no state follows. It is quadratic in :math:`\eta`, so that all expected
derivatives are those of P and u, functions of one variable: for instance

.. math::

    E \, \partial_h L = E P' + k \rho \, (E u' \, E \eta + E u'' \operatorname{cov}(h, \eta))

With s and s' the derivatives of the log density f of the error a, and primes elsewhere those in h::

    l' = -1/2 - a s / 2        l'' = (a s + a^2 s') / 4
    u_a = exp(log f + u^2 / 2 + log(2 pi) / 2)        u_aa = u_a (s + u u_a)
    u' = -a u_a / 2            u'' = (a u_a + a^2 u_aa) / 4

Expectations are Gauss-Hermite sums over three nodes, and those of third derivatives follow from
them by E f' = E[f xi] / sd (Stein 1981). Nodes are formed at each proposal's own parameters, about
a centre and with a spread that move linearly with these.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import part, part_of
from puffin.compiling.lanes import Lanes, exp_lanes, load, maximum
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, RHO, SHAPE, SIGMA
from puffin.inference.latent_ar1.expansion import Derivatives, Expansion
from puffin.inference.latent_ar1.linked_states import (
    LinkedStates,
    Observed,
    Sums,
    linked_states_kernel,
)
from puffin.inference.latent_ar1.observations import Observations
from puffin.inference.latent_ar1.single_states import SingleStates, Vectors, single_states_kernel
from puffin.inference.latent_ar1.transport import Offsets, Row, along, approximate_exp, offsets_of
from puffin.laws.parts import LawParts, ScoredLaw

__all__ = ["LawLeverageObservations", "LawObservations"]

_REACH = math.sqrt(3.0)
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_LEAST_SD = 0.05
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_HERMITE = _WEIGHTS / _WEIGHTS.sum() * np.array(
    [np.ones(5), _NODES, _NODES**2 - 1.0, _NODES**3 - 3.0 * _NODES]
)  # fmt: skip


class Tables(NamedTuple):
    """What the kernel is told.

    Attributes
    ----------
    centre, sd, covariance : ndarray of shape (n_times,)
        Moments of the expansion.
    level : float
        Mean of mu.
    centre_slopes, sd_slopes : ndarray of shape (n_times, n_natural)
        Derivatives of centre and log sd in the coordinates.
    """

    centre: Array
    sd: Array
    covariance: Array
    level: float
    centre_slopes: Array
    sd_slopes: Array


Moved = tuple[Offsets, Array, int, int]
"""Offsets of the chain's parameters; where those of the law are."""
Three = tuple[Lanes, Lanes, Lanes]

LAW = cast(LawParts, None)
"""The parts of the law whose kernel it is: see `kernel_of`."""


@part
def _offsets(rows: Array, n: int, g: int) -> Moved:
    return offsets_of(rows, n, g), rows, (rows.shape[1] + SHAPE) * n + g, n


@part
def _along(base: Lanes, slopes: Array, t: int, offsets: Moved) -> Lanes:
    """Return base plus the inner product of row t with the offsets."""
    chain, rows, first, apart = offsets
    total = along(base, slopes, t, chain)
    for i in range(SHAPE, slopes.shape[1]):
        total = total + slopes[t, i] * load(rows, first + (i - SHAPE) * apart)
    return total


@part
def _nodes(centre: float, m: Lanes, sd: Lanes, error: Lanes) -> Three:
    """Return errors over exp(h / 2), at h = m less, plus or minus nothing, and plus _REACH sd."""
    a = error * math.exp(-0.5 * centre) * approximate_exp(0.5 * (centre - m))
    half = 0.5 * _REACH * sd
    return a * approximate_exp(half), a, a * approximate_exp(-half)


@part
def _mean(values: Three) -> Lanes:
    """Return the expectation of a function of h, given at the three nodes."""
    return (1.0 / 6.0) * (values[0] + 4.0 * values[1] + values[2])


@part
def _slope(values: Three, sd: Lanes) -> Lanes:
    """Return the expectation of its derivative."""
    return (_REACH / 6.0) * (values[2] - values[0]) / sd


def _at_node(constants: Any, a: Lanes) -> tuple[Lanes, Lanes]:
    """Return l' + 1/2 and l''."""
    s, ss = LAW.slopes(constants, a)
    a_s = a * s
    return -0.5 * a_s, 0.25 * (a_s + a * a * ss)


# Observations of single states.


def _prepare(rows: Array, n: int, g: int) -> tuple[Lanes, Any, Moved]:
    constants = LAW.prepare(rows, SHAPE * n + g, n)
    return load(rows, MEAN * n + g), constants, _offsets(rows, n, g)


def _term(given: tuple[Lanes, Any, Moved], tables: Tables, y: float, seen: float, t: int) -> Three:
    mean, constants, offsets = given
    zero = mean * 0.0
    m = _along(zero + tables.centre[t], tables.centre_slopes, t, offsets)
    sd = tables.sd[t] * approximate_exp(_along(zero, tables.sd_slopes, t, offsets))
    low, middle, high = _nodes(tables.centre[t], m, sd, seen * (y - mean))
    at_low, at, at_high = (
        _at_node(constants, low), _at_node(constants, middle), _at_node(constants, high)
    )  # fmt: skip
    curvatures = (at_low[1], at[1], at_high[1])
    c = maximum(-_mean(curvatures), zero)
    b = _mean((at_low[0], at[0], at_high[0])) - 0.5 * seen + c * m
    return b, c, _slope(curvatures, sd)


def _density(
    given: tuple[Lanes, Any, Moved], sums: Vectors, h: Lanes, y: float, seen: float, t: int
) -> Vectors:
    mean, constants, _ = given
    error = seen * (y - mean) * exp_lanes(-0.5 * h)
    log_density = LAW.log_density(constants, error) - 0.5 * h
    return sums[0] + seen * log_density, sums[1], sums[2]


@part
def _total(given: Any, sums: Any, n_seen: float) -> Lanes:
    return sums[0]


# Observations tied to the next shock.

Given = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, Any]


def _prepare_linked(
    rows: Array, n: int, g: int, tables: Tables, scratch: Array
) -> tuple[Given, Moved]:
    mean, phi = load(rows, MEAN * n + g), load(rows, PHI * n + g)
    sigma, rho = load(rows, SIGMA * n + g), load(rows, RHO * n + g)
    constants = LAW.prepare(rows, SHAPE * n + g, n)
    return (mean, phi, sigma, rho, 1.0 / (1.0 - rho * rho), constants), _offsets(rows, n, g)


def _at_linked_node(
    constants: Any, a: Lanes, pull: Lanes
) -> tuple[Lanes, Lanes, Lanes, Lanes, Lanes]:
    """Return P' + 1/2 and P'', with `pull` for k rho^2, and u, u' and u''."""
    first, second = _at_node(constants, a)
    s, _ = LAW.slopes(constants, a)
    u = LAW.normal_score(constants, a)
    u_a = exp_lanes(LAW.log_density(constants, a) + 0.5 * u * u + _HALF_LOG_2PI)
    u_aa = u_a * (s + u * u_a)
    u_h, u_hh = -0.5 * a * u_a, 0.25 * a * (u_a + a * u_aa)
    return first - pull * u * u_h, second - pull * (u_h * u_h + u * u_hh), u, u_h, u_hh


def _term_linked(
    given: Given, offsets: Moved, tables: Tables, observed: Observed, t: int, onward: bool,
    centres: tuple[Lanes, Lanes],
) -> Row:  # fmt: skip
    mean, phi, sigma, rho, k, constants = given
    y, seen, linked = observed
    m, omega = centres
    zero, square = mean * 0.0, sigma * sigma
    factor = approximate_exp(_along(zero, tables.sd_slopes, t, offsets))
    sd = tables.sd[t] * factor
    k = 1.0 + linked * (k - 1.0)
    tie = linked * k * rho * sigma
    low, middle, high = _nodes(tables.centre[t], m, sd, seen * (y - mean))
    pull = linked * k * rho * rho
    at_low, at, at_high = (
        _at_linked_node(constants, low, pull),
        _at_linked_node(constants, middle, pull),
        _at_linked_node(constants, high, pull),
    )
    seconds, bends = (at_low[1], at[1], at_high[1]), (at_low[4], at[4], at_high[4])
    gradient = square * (_mean((at_low[0], at[0], at_high[0])) - 0.5 * seen)
    curvature, third = -square * _mean(seconds), square * _slope(seconds, sd)
    if not onward:
        curvature = maximum(curvature, zero)
        return gradient, zero, curvature, zero, zero, third, zero, zero, zero
    cross = tables.covariance[t] * factor * factor - phi * sd * sd
    u, u1 = _mean((at_low[2], at[2], at_high[2])), _mean((at_low[3], at[3], at_high[3]))
    u2, u3 = _mean(bends), _slope(bends, sd)
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


def _density_linked(
    given: Given, sums: Sums, scratch: Array, observed: Observed, t: int, h: Lanes, eta: Lanes
) -> Sums:
    mean, _, _, rho, k, constants = given
    y, seen, linked = observed
    error = seen * (y - mean) * exp_lanes(-0.5 * h)
    u = seen * LAW.normal_score(constants, error)
    residual = u - linked * rho * eta
    k = 1.0 + linked * (k - 1.0)
    total = sums[0] + seen * (LAW.log_density(constants, error) - 0.5 * h)
    return total + 0.5 * (u * u - k * residual * residual), sums[1], sums[2], sums[3]


@functools.cache
def _kernel(law: ScoredLaw) -> Callable[..., None]:
    at_node = part_of(_at_node, LAW=law.parts)
    prepare, density = (part_of(template, LAW=law.parts) for template in (_prepare, _density))
    parts = SingleStates(prepare, part_of(_term, _at_node=at_node), density, _total)
    return single_states_kernel(f"weigh_{law.name}", parts)


@functools.cache
def _linked_kernel(law: ScoredLaw) -> Callable[..., None]:
    at_node = part_of(_at_node, LAW=law.parts)
    at_linked_node = part_of(_at_linked_node, LAW=law.parts, _at_node=at_node)
    prepare = part_of(_prepare_linked, LAW=law.parts)
    density = part_of(_density_linked, LAW=law.parts)
    term = part_of(_term_linked, _at_linked_node=at_linked_node)
    parts = LinkedStates(prepare, _along, term, density, _total)
    return linked_states_kernel(f"weigh_leverage_{law.name}", parts)


@dataclass(frozen=True)
class LawObservations(Observations):
    """Observations with errors of a law."""

    law: ScoredLaw

    @property
    def kernel(self) -> Callable[..., None]:
        """The sweep with the law's parts."""
        return _kernel(self.law)

    def propose(self, batch: Batch, rows: Array, tables: Tables, keep: float, fresh: float) -> None:
        """Propose chains and weigh them, in place."""
        self.kernel(batch, keep, fresh, rows, self.series, tables)

    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian."""
        phi, sigma = natural[[PHI, SIGMA]].tolist()
        (log_density, _), sd = self._at_nodes(natural, at), _spread(at)
        first, second = _moments(log_density, sd)[1:3]
        return Derivatives.of_states(first, -second, at, phi, sigma)

    def least_curvature(self, natural: Array) -> Array:
        """Return half the Fisher information of Gaussian errors."""
        return 0.25 * self.series.seen

    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the centre and the log standard deviation."""
        return np.array([expansion.centre, 0.5 * np.log(expansion.variance)])

    def arrange(self, natural: Array, expansion: Expansion, values: Array, slopes: Array) -> Tables:
        """Return moments and level of the expansion, and slopes of its moments."""
        return Tables(
            expansion.centre, np.sqrt(expansion.variance), expansion.covariance, expansion.level,
            slopes[0].copy(), slopes[1].copy(),
        )  # fmt: skip

    def _at_nodes(self, natural: Array, at: Expansion) -> tuple[Array, Array]:
        """Return log densities of y and normal scores at five nodes, shape (5, n_times)."""
        y, seen, _ = self.series
        h = at.centre + _NODES[:, None] * _spread(at)
        error = seen * (y - natural[MEAN]) * np.exp(-0.5 * h)
        shape = dict(zip(self.law.shape_names, natural[SHAPE:], strict=True))
        log_density = seen * (self.law.log_density(error, shape) - 0.5 * h)
        return log_density, seen * self.law.normal_score(error, shape)


class LawLeverageObservations(LawObservations):
    """Observations with leverage and errors of a law."""

    @property
    def kernel(self) -> Callable[..., None]:
        """The sweep with the law's parts."""
        return _linked_kernel(self.law)

    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian."""
        seen, sd = self.series.seen, _spread(at)
        phi, sigma, rho = natural[[PHI, SIGMA, RHO]].tolist()
        linked, onward = seen.copy(), np.ones(seen.size)
        linked[-1] = onward[-1] = 0.0
        k = 1.0 / (1.0 - linked * rho**2)
        tie = linked * k * rho / sigma
        log_density, u = self._at_nodes(natural, at)
        _, first, second, _ = _moments(log_density - 0.5 * linked * k * rho**2 * u**2, sd)
        u0, u1, u2, u3 = _moments(u, sd)
        omega, cross = at.innovation(phi), onward * (at.covariance - phi * at.variance)
        ww = onward * k / sigma**2
        return Derivatives(
            h=first + tie * (u1 * omega + u2 * cross),
            w=tie * u0 - ww * omega,
            hh=-second - tie * (u2 * omega + u3 * cross),
            hw=-tie * u1,
            ww=ww,
        )


def _spread(at: Expansion) -> Array:
    """Return standard deviations for nodes, which must not fall together."""
    return np.maximum(np.sqrt(at.variance), _LEAST_SD)


def _moments(values: Array, sd: Array) -> Array:
    """Return expectations of a function and its first three derivatives, shape (4, n_times)."""
    return np.asarray((_HERMITE @ values) / sd ** np.arange(4)[:, None])
