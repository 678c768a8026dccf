r"""Errors of any law that says its log density and two of its derivatives.

With l the log-density of y_t given h_t, a the error and s and s' the derivatives of its log
density::

    l' = -1/2 - a s / 2        l'' = (a s + a^2 s') / 4

Expectations are Gauss-Hermite sums over three nodes, and those of third derivatives follow from
them by E f' = E[f xi] / sd (Stein 1981). Nodes are formed at each proposal's own parameters, about
a centre and with a spread that move linearly with these. Where the Gaussian is looked for, the law
is asked for densities only, at five nodes.
"""

from __future__ import annotations

import functools
import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes
from puffin.compiling.kernels import part, part_of
from puffin.compiling.lanes import Lanes, load, maximum
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, SHAPE, SIGMA
from puffin.inference.latent_ar1.expansion import Derivatives, Expansion
from puffin.inference.latent_ar1.observations import Kernels, Observations
from puffin.inference.latent_ar1.single_states import SingleStates, Vectors, single_states_kernels
from puffin.inference.latent_ar1.transport import Offsets, along, approximate_exp, offsets_of
from puffin.laws.law import Law, Shape
from puffin.laws.parts import LawParts, ScoredLaw

__all__ = [
    "NODE_WEIGHTS",
    "LawObservations",
    "Moved",
    "ObservationsAtNodes",
    "Tables",
    "Three",
    "at_node",
    "follow",
    "mean_of",
    "moments",
    "nodes",
    "offsets_of_all",
    "slope_of",
    "spread",
]

_REACH = math.sqrt(3.0)
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_LEAST_SD = 0.05
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
NODE_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_HERMITE = NODE_WEIGHTS * np.array(
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
def offsets_of_all(rows: Array, n: int, g: int) -> Moved:
    """Return how far all parameters are from the guide's, or where to find that."""
    return offsets_of(rows, n, g), rows, (rows.shape[1] + SHAPE) * n + g, n


@part
def follow(base: Lanes, slopes: Array, t: int, offsets: Moved) -> Lanes:
    """Return base plus the inner product of row t with the offsets."""
    chain, rows, first, apart = offsets
    total = along(base, slopes, t, chain)
    for i in range(SHAPE, slopes.shape[1]):
        total = total + slopes[t, i] * load(rows, first + (i - SHAPE) * apart)
    return total


@part
def nodes(centre: float, m: Lanes, sd: Lanes, error: Lanes) -> Three:
    """Return errors over exp(h / 2), at h = m less, plus or minus nothing, and plus _REACH sd."""
    a = error * math.exp(-0.5 * centre) * approximate_exp(0.5 * (centre - m))
    half = 0.5 * _REACH * sd
    return a * approximate_exp(half), a, a * approximate_exp(-half)


@part
def mean_of(values: Three) -> Lanes:
    """Return the expectation of a function of h, given at the three nodes."""
    return (1.0 / 6.0) * (values[0] + 4.0 * values[1] + values[2])


@part
def slope_of(values: Three, sd: Lanes) -> Lanes:
    """Return the expectation of its derivative."""
    return (_REACH / 6.0) * (values[2] - values[0]) / sd


Given = tuple[Lanes, object, Moved]
"""Of single states: the mean, what the law has prepared, and offsets from the guide."""


def at_node(constants: object, a: Lanes) -> tuple[Lanes, Lanes]:
    """Return l' + 1/2 and l''."""
    s, ss = LAW.slopes(constants, a)
    a_s = a * s
    return -0.5 * a_s, 0.25 * (a_s + a * a * ss)


# Observations of single states.


def _prepare(rows: Array, n: int, g: int, tables: Tables, table: Array) -> Given:
    constants = LAW.prepare(rows, SHAPE * n + g, n)
    return load(rows, MEAN * n + g), constants, offsets_of_all(rows, n, g)


def _term(given: Given, tables: Tables, y: float, present: float, t: int) -> Three:
    mean, constants, offsets = given
    zero = mean * 0.0
    m = follow(zero + tables.centre[t], tables.centre_slopes, t, offsets)
    sd = tables.sd[t] * approximate_exp(follow(zero, tables.sd_slopes, t, offsets))
    low, middle, high = nodes(tables.centre[t], m, sd, present * (y - mean))
    at_low, at, at_high = (
        at_node(constants, low), at_node(constants, middle), at_node(constants, high)
    )  # fmt: skip
    curvatures = (at_low[1], at[1], at_high[1])
    c = maximum(-mean_of(curvatures), zero)
    b = mean_of((at_low[0], at[0], at_high[0])) - 0.5 * present + c * m
    return b, c, slope_of(curvatures, sd)


def _density(given: Given, sums: Vectors, h: Lanes, y: float, present: float, t: int) -> Vectors:
    mean, constants, _ = given
    error = present * (y - mean) * exp_lanes(-0.5 * h)
    log_density = LAW.log_density(constants, error) - 0.5 * h
    return sums[0] + present * log_density, sums[1]


@functools.cache
def _kernels(law: ScoredLaw) -> Kernels:
    at = part_of(at_node, LAW=law.parts)
    prepare, density = part_of(_prepare, LAW=law.parts), part_of(_density, LAW=law.parts)
    parts = SingleStates(prepare, part_of(_term, at_node=at), density)
    return single_states_kernels(f"weigh_{law.name}", parts)


@dataclass(frozen=True)
class ObservationsAtNodes(Observations):
    """Observations whose densities are known, at nodes of a quadrature."""

    law: Law

    @property
    @abstractmethod
    def kernels(self) -> Kernels:
        """The sweep with the law's parts."""

    @abstractmethod
    def log_densities(self, natural: Array, at: Expansion) -> Array:
        """Return log densities of y at five nodes, shape (5, n_times), perhaps approximate."""

    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian."""
        phi, sigma = natural[[PHI, SIGMA]].tolist()
        first, second = moments(self.log_densities(natural, at), spread(at))[1:3]
        return Derivatives.of_states(first, -second, at, phi, sigma)

    def least_curvature(self, natural: Array) -> Array:
        """Return half the Fisher information of Gaussian errors."""
        return 0.25 * self.series.present

    def tabulate(self, natural: Array, expansion: Expansion) -> Array:
        """Return the centre and the log standard deviation."""
        return np.array([expansion.centre, 0.5 * np.log(expansion.variance)])

    def arrange(self, natural: Array, expansion: Expansion, values: Array, slopes: Array) -> Any:
        """Return moments and level of the expansion, and slopes of its moments."""
        return Tables(
            expansion.centre, np.sqrt(expansion.variance), expansion.covariance, expansion.level,
            slopes[0].copy(), slopes[1].copy(),
        )  # fmt: skip

    def at_nodes(self, natural: Array, at: Expansion) -> tuple[Array, Array, Shape]:
        """Return log-variances and errors at five nodes, (5, n_times), and the law's shape."""
        y, present = self.series.y, self.series.present
        h = at.centre + _NODES[:, None] * spread(at)
        error = present * (y - natural[MEAN]) * np.exp(-0.5 * h)
        names = self.law.shape_names
        return h, error, dict(zip(names, natural[SHAPE:][: len(names)], strict=True))


@dataclass(frozen=True)
class LawObservations(ObservationsAtNodes):
    """Observations with errors of a law."""

    law: ScoredLaw

    @property
    def kernels(self) -> Kernels:
        """The sweep with the law's parts."""
        return _kernels(self.law)

    def log_densities(self, natural: Array, at: Expansion) -> Array:
        """Return log densities of y at five nodes, shape (5, n_times)."""
        h, error, shape = self.at_nodes(natural, at)
        return np.asarray(self.series.present * (self.law.log_density(error, shape) - 0.5 * h))


def spread(at: Expansion) -> Array:
    """Return standard deviations for nodes, which must not fall together."""
    return np.maximum(np.sqrt(at.variance), _LEAST_SD)


def moments(values: Array, sd: Array) -> Array:
    """Return expectations of a function and its first three derivatives, shape (4, n_times)."""
    return np.asarray((_HERMITE @ values) / sd ** np.arange(4)[:, None])
