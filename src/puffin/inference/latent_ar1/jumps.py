r"""Returns that jump now and then: two components, of which the second is wider.

With :math:`e = y_t - \text{mean}` and jumps integrated out, the density of a return given h is

.. math::

    (1 - \kappa) \, e^{-h/2} f(e \, e^{-h/2}) + \kappa \, j(e - m, h)

f being the density of the errors without jumps and j that of their sum with :math:`N(0, s^2)`: for
normal errors :math:`N(e - m; 0, e^h + s^2)`. With w the second component's share of the sum, l_0
and l_1 the logarithms of the two::

    l' = (1 - w) l_0' + w l_1'
    l'' = (1 - w) l_0'' + w l_1'' + w (1 - w) (l_1' - l_0')^2
    l_1' = r (z^2 - 1) / 2,    l_1'' = r (1 - r) (z^2 - 1) / 2 - r^2 z^2 / 2

with r = e^h / (e^h + s^2) the part of the variance that is not the jump's, and z the standardised
deviation. To look for proposals, j is normal for every law: errors of a law that is not are little
beside a jump, and where they are not the first component has the larger share.

Expectations are Gauss-Hermite sums over nodes, as in `any_law`. Where a return may have been a
jump, the states' posterior has a second mode, of which a Gaussian knows nothing: there it is drawn
whether it was one (`jump_choices`). To find the guide, and on all other days, both components are
averaged over, and curvatures c divided by 1 + c var(h) / 2, which makes the Gaussian a little wider
and the weights less uneven.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes, log_lanes
from puffin.compiling.kernels import part, part_of
from puffin.compiling.lanes import Lanes, load, maximum, sqrt_lanes
from puffin.inference.latent_ar1.any_law import (
    NODE_WEIGHTS,
    Moved,
    ObservationsAtNodes,
    Three,
    follow,
    mean_of,
    moments,
    nodes,
    offsets_of_all,
    slope_of,
    spread,
)
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, SHAPE, SIGMA
from puffin.inference.latent_ar1.expansion import Expansion
from puffin.inference.latent_ar1.jump_choices import (
    NO_CHOICE,
    cavities_of,
    choices_of,
    jump_of,
    no_choices,
    of_choice,
)
from puffin.inference.latent_ar1.jump_errors import (
    PARTS_OF_ERRORS,
    ErrorParts,
    Jumps,
    in_unit,
)
from puffin.inference.latent_ar1.jump_response import (
    JumpTables,
    centre_given_jumps,
    decide,
    weigh_jump,
)
from puffin.inference.latent_ar1.observations import Chosen, Kernels
from puffin.inference.latent_ar1.regressors import (
    NO_REGRESSORS,
    WITH_UNITS,
    InUnit,
    explained_log_variance,
)
from puffin.inference.latent_ar1.single_states import SingleStates, Vectors, single_states_kernels
from puffin.inference.latent_ar1.transport import approximate_exp
from puffin.laws.jumps import WithJumps, log_normal_density

__all__ = [
    "WIDER",
    "JumpObservations",
    "at_node",
    "deciding",
    "either",
    "expected_of",
    "log_sum",
    "observed_errors",
    "prepare_jumps",
]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
WIDER = 0.5
"""By how much curvatures are taken for less: see above."""


ERRORS = cast(ErrorParts, None)
"""The parts of the errors beside which jumps come: see `kernel_of`."""

Given = tuple[Lanes, object, Jumps, Moved, Array, NDArray[np.int64]]
Both = tuple[Lanes, Lanes, Lanes, Lanes, Lanes]
"""At a node: l' + 1/2 and l'' of the first component, of the second, and the second's share."""


@part
def prepare_jumps(rows: Array, place: int, apart: int) -> Jumps:
    """Return the parameters of jumps, of which kappa is at the flat index `place`."""
    kappa, deviation = load(rows, place), load(rows, place + 2 * apart)
    return Jumps(
        load(rows, place + apart), deviation * deviation, log_lanes(1.0 - kappa), log_lanes(kappa)
    )


@part
def observed_errors(observed: InUnit, mean: Lanes, jumps: Jumps) -> tuple[Lanes, Jumps]:
    """Return what a return is more than its mean, and jumps, in the unit that it is observed in."""
    y, unit = observed
    return y - mean, in_unit(jumps, unit)


@part
def log_sum(first: Lanes, second: Lanes) -> Lanes:
    """Return log(exp(first) + exp(second))."""
    high, low = maximum(first, second), -maximum(-first, -second)
    return high + log_lanes(1.0 + exp_lanes(low - high))


@part
def either(table: Array, choice: int, quiet: Lanes, jumping: Lanes) -> Lanes:
    """Return the log density of a return given those of its components, or of the chosen one."""
    if choice == NO_CHOICE:
        return log_sum(quiet, jumping)
    return of_choice(table, choice, quiet, jumping)


def _prepare(rows: Array, n: int, g: int, tables: JumpTables, table: Array) -> Given:
    constants = ERRORS.prepare(rows, SHAPE * n + g, n, table)
    jumps = prepare_jumps(rows, (SHAPE + ERRORS.n_shape) * n + g, n)
    mean, moved = load(rows, MEAN * n + g), offsets_of_all(rows, n, g)
    chain = (mean, load(rows, PHI * n + g), load(rows, SIGMA * n + g), 0.0 * mean)
    decide(constants, jumps, (rows, n, g), chain, tables, table)
    return mean, constants, jumps, moved, table, tables.choices.numbers


def at_node(constants: object, jumps: Jumps, error: Lanes, scale: Lanes) -> Both:
    """Return what is known of both components, with scale = exp(-h / 2)."""
    quiet = error * scale
    first, second = ERRORS.slopes(constants, quiet)
    beyond = (error - jumps.mean) * scale
    r = 1.0 / (1.0 + jumps.variance * scale * scale)
    square = beyond * beyond * r
    jump_first = 0.5 * (r * (square - 1.0) + 1.0)
    jump_second = 0.5 * r * ((1.0 - r) * (square - 1.0) - r * square)
    log_ratio = jumps.log_one - jumps.log_none - 0.5 * square - _HALF_LOG_2PI
    ratio = sqrt_lanes(r) * exp_lanes(log_ratio - ERRORS.log_density(constants, quiet))
    return first, second, jump_first, jump_second, 1.0 - 1.0 / (1.0 + ratio)


@part
def mixed(both: Both, share: Lanes) -> tuple[Lanes, Lanes]:
    """Return l' + 1/2 and l'' where the second component has this share."""
    first, second, jump_first, jump_second, _ = both
    step = jump_first - first
    return (
        first + share * step,
        second + share * (jump_second - second + (1.0 - share) * step * step),
    )


@part
def expected_of(
    both: tuple[Both, Both, Both],
    present: float,
    sd: Lanes,
    choice: int,
    jump: Lanes,
) -> Three:
    """Return expected gradient, curvature and third derivative, given the components at nodes."""
    low, middle, high = both
    shares, wider = (low[4], middle[4], high[4]), WIDER
    if choice != NO_CHOICE:
        shares, wider = (jump, jump, jump), 0.0
    at_low, at, at_high = mixed(low, shares[0]), mixed(middle, shares[1]), mixed(high, shares[2])
    seconds = (present * at_low[1], present * at[1], present * at_high[1])
    curvature = maximum(-mean_of(seconds), sd * 0.0)
    return (
        present * (mean_of((at_low[0], at[0], at_high[0])) - 0.5),
        curvature / (1.0 + wider * sd * sd * curvature),
        slope_of(seconds, sd),
    )


def _term(given: Given, tables: JumpTables, observed: InUnit, present: float, t: int) -> Three:
    mean, constants, jumps, offsets, table, choices = given
    zero = mean * 0.0
    m = centre_given_jumps(tables, t, offsets, zero + tables.centre[t], table)
    sd = tables.sd[t] * approximate_exp(follow(zero, tables.sd_slopes, t, offsets))
    low, middle, high = nodes(tables.centre[t], m, sd, zero + 1.0)
    error, jumps = observed_errors(observed, mean, jumps)
    both = (
        at_node(constants, jumps, error, low),
        at_node(constants, jumps, error, middle),
        at_node(constants, jumps, error, high),
    )
    jump = zero
    if choices[t] != NO_CHOICE:
        jump = jump_of(table, choices[t])
    gradient, c, third = expected_of(both, present, sd, choices[t], jump)
    return gradient + c * m, c, third


def _density(
    given: Given, sums: Vectors, h: Lanes, observed: InUnit, present: float, t: int
) -> Vectors:
    mean, constants, jumps, _, table, choices = given
    scale = exp_lanes(-0.5 * h)
    error, jumps = observed_errors(observed, mean, jumps)
    quiet = jumps.log_none + ERRORS.log_density(constants, error * scale)
    untied = (mean * 0.0, mean * 0.0 + 1.0)
    beyond, variance = (error - jumps.mean) * scale, jumps.variance * scale * scale
    jumping = jumps.log_one + ERRORS.log_jump(constants, table, beyond, variance, untied)
    both = either(table, choices[t], quiet, jumping)
    return sums[0] + present * (both - 0.5 * h), sums[1]


def deciding(errors: ErrorParts) -> Callable[..., None]:
    """Return the part that draws jumps beside these errors."""
    return part_of(decide, weigh_jump=part_of(weigh_jump, ERRORS=errors))


@functools.cache
def _kernels(law: WithJumps) -> Kernels:
    errors = PARTS_OF_ERRORS[law.errors.name]
    at = part_of(at_node, ERRORS=errors)
    prepare = part_of(_prepare, ERRORS=errors, decide=deciding(errors))
    density = part_of(_density, ERRORS=errors)
    parts = SingleStates(prepare, part_of(_term, at_node=at), density)
    return single_states_kernels(f"weigh_{law.name}", parts, WITH_UNITS)


@dataclass(frozen=True)
class JumpObservations(ObservationsAtNodes):
    """Observations with jumps, beside errors of a law.

    Attributes
    ----------
    unit : float or ndarray of shape (n_times,)
        Of the observations: that of the jumps is one.
    """

    law: WithJumps
    unit: Array | float = 1.0
    least_ambiguity: ClassVar[float] = 3e-4
    """With which it is drawn whether there was a jump."""

    @property
    def kernels(self) -> Kernels:
        """The sweep with the parts of the errors."""
        return _kernels(self.law)

    def arrange(
        self, natural: Array, expansion: Expansion, values: Array, slopes: Array
    ) -> JumpTables:
        """Return moments, level and slopes, cavities, and no choices."""
        own, (phi, sigma) = self.expected(natural, expansion), natural[[PHI, SIGMA]].tolist()
        cavities = cavities_of(own, expansion, phi, sigma)
        known = super().arrange(natural, expansion, values, slopes)._asdict()
        n_times = self.series.y.size
        return JumpTables(
            **known, cavities=cavities, choices=no_choices(n_times), regressors=NO_REGRESSORS,
            slopes=np.empty((n_times, 0)),
        )  # fmt: skip

    def of_chain(self, natural: Array) -> Self:
        """Return observations of the chain alone, and what their unit is then."""
        unit = np.exp(-0.5 * explained_log_variance(self.series.regressors, natural))
        return replace(super().of_chain(natural), unit=unit)

    def following(self, tables: JumpTables, slopes: Array) -> JumpTables:
        """Return tables with regressors in them, as jumps are drawn before a sweep begins."""
        return tables._replace(regressors=self.series.regressors, slopes=slopes)

    def with_choices(self, tables: JumpTables, natural: Array, at: Expansion) -> Chosen:
        """Return tables with a choice on each day that may have had a jump or not."""
        ambiguous = self.of_chain(natural).ambiguity(natural, at) > self.least_ambiguity
        choices = choices_of(self.series.y, ambiguous, at)
        return Chosen(tables._replace(choices=choices), choices.times.size)

    def ambiguity(self, natural: Array, at: Expansion) -> Array:
        """Return how much averaging over both components would miss, shape (n_times,).

        Probability of a jump times that of none, times the square of the standard deviations that
        they are apart in their means of the state.
        """
        quiet, jumping = self.log_components(natural, at)
        share = np.einsum("i,it->t", NODE_WEIGHTS, expit(jumping - quiet))
        pull = moments(jumping - quiet, spread(at))[1] * spread(at)
        return np.asarray(self.series.present * share * (1.0 - share) * pull**2)

    def log_densities(self, natural: Array, at: Expansion) -> Array:
        """Return log densities of y at five nodes, shape (5, n_times), with normal jumps."""
        return np.asarray(self.series.present * np.logaddexp(*self.log_components(natural, at)))

    def log_components(self, natural: Array, at: Expansion) -> tuple[Array, Array]:
        """Return log densities at five nodes with no jump and with one, which is normal."""
        h, error, shape = self.at_nodes(natural, at)
        kappa, m = shape["kappa"], shape["jump_mean"] * self.unit
        v = (shape["jump_sd"] * self.unit) ** 2
        quiet = np.log1p(-kappa) + self.law.errors.log_density(error, shape) - 0.5 * h
        beyond = self.series.y - natural[MEAN] - m
        return quiet, np.log(kappa) + log_normal_density(beyond, np.exp(h) + v)
