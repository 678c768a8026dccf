r"""Jumps with leverage: two components that are tied to the volatility's next shock.

Given h_t and :math:`\eta_t` the shock of the error is :math:`N(\rho \eta_t, 1 - \rho^2)`, whether
there is a jump or not, so that the density of a return is that of `jumps` with other components:
for normal errors

.. math::

    (1 - \kappa) N(e; \rho \eta e^{h/2}, (1 - \rho^2) e^h)
    + \kappa N(e - m; \rho \eta e^{h/2}, (1 - \rho^2) e^h + s^2)

Derivatives of either in h and :math:`\eta` are in closed form (`jump_errors.normal_row`), and those
of the sum follow with the share w of the second: gradients are averages g over the two, and the
second derivative in h is the average of theirs and w (1 - w) times the squared difference of the
gradients. In eta that term is left out: with it, draws about a day that may have had a jump or not
run away. What it would say, that the states from there on have two modes, no Gaussian knows: on
such days it is drawn whether there was a jump (`jump_choices`).

They are expected over three nodes of h, with eta on its regression line, on which derivatives of
the third order follow from differences; that of eta alone is next to nothing.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes, log_lanes
from puffin.compiling.kernels import part, part_of
from puffin.compiling.lanes import Lanes, load, maximum, sqrt_lanes
from puffin.inference.latent_ar1.any_law import (
    Moved,
    Three,
    follow,
    mean_of,
    nodes,
    offsets_of_all,
    slope_of,
    spread,
)
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, RHO, SHAPE, SIGMA
from puffin.inference.latent_ar1.expansion import Derivatives, Expansion
from puffin.inference.latent_ar1.jump_choices import NO_CHOICE, jump_of
from puffin.inference.latent_ar1.jump_errors import (
    PARTS_OF_ERRORS,
    ErrorParts,
    Five,
    Jumps,
    normal_row,
)
from puffin.inference.latent_ar1.jump_response import (
    FARTHEST,
    JumpTables,
    centre_given_jumps,
    decide,
)
from puffin.inference.latent_ar1.jumps import (
    WIDER,
    JumpObservations,
    at_node,
    deciding,
    either,
    expected_of,
    observed_errors,
    prepare_jumps,
)
from puffin.inference.latent_ar1.linked_states import (
    LinkedStates,
    Observed,
    Sums,
    linked_states_kernels,
)
from puffin.inference.latent_ar1.observations import Kernels
from puffin.inference.latent_ar1.regressors import WITH_UNITS
from puffin.inference.latent_ar1.shock_derivatives import log_terms
from puffin.inference.latent_ar1.transport import Row, approximate_exp
from puffin.laws.jumps import WithJumps, log_normal_density

__all__ = ["JumpLeverageObservations"]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_REACH = math.sqrt(3.0)
_LEAST_REST = 0.1
_LEAST_CURVATURE = 0.5
"""Of eta, whose prior alone has 1."""
_NODES = np.array([-_REACH, 0.0, _REACH])
_HERMITE = np.array([[1.0, 4.0, 1.0], _NODES, _NODES**2 - 1.0])
_HERMITE[1:] *= [1.0, 4.0, 1.0]
_HERMITE /= 6.0

ERRORS = cast(ErrorParts, None)
"""The parts of the errors beside which jumps come: see `kernel_of`."""

Given = tuple[
    Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, object, Jumps, Array, NDArray[np.int64]
]  # fmt: skip
Offsets = tuple[Moved, JumpTables, Array]
BothTied = tuple[Five, Five, Lanes]
"""The derivatives of either component, and the second's share."""


def _prepare(
    rows: Array, n: int, g: int, tables: JumpTables, table: Array
) -> tuple[Given, Offsets]:
    mean, phi = load(rows, MEAN * n + g), load(rows, PHI * n + g)
    sigma, rho = load(rows, SIGMA * n + g), load(rows, RHO * n + g)
    constants = ERRORS.prepare(rows, SHAPE * n + g, n, table)
    jumps = prepare_jumps(rows, (SHAPE + ERRORS.n_shape) * n + g, n)
    own = 1.0 - rho * rho
    half_log = 0.5 * log_lanes(own)
    given = (mean, phi, sigma, rho, own, half_log, constants, jumps, table, tables.choices.numbers)
    decide(constants, jumps, (rows, n, g), (mean, phi, sigma, rho), tables, table)
    return given, (offsets_of_all(rows, n, g), tables, table)


@part
def _along(base: Lanes, slopes: Array, t: int, offsets: Offsets) -> Lanes:
    moved, tables, table = offsets
    return centre_given_jumps(tables, t, moved, base, table)


def tied_rows(given: Given, jumps: Jumps, error: Lanes, scale: Lanes, eta: Lanes) -> BothTied:
    """Return the derivatives of both components, with scale = exp(-h / 2)."""
    _, _, _, rho, own, _, constants, _, table, _ = given
    quiet = error * scale
    none = ERRORS.tied_slopes(constants, quiet, eta, rho)
    wide = 1.0 / sqrt_lanes(own + jumps.variance * scale * scale)
    z, b = ((error - jumps.mean) * scale - rho * eta) * wide, rho * wide
    one = normal_row(z, b, own * wide * wide, eta)
    log_jump = jumps.log_one - 0.5 * z * z - _HALF_LOG_2PI
    log_quiet = jumps.log_none + ERRORS.log_tied(constants, table, quiet, (rho * eta, own))
    return none, one, 1.0 - 1.0 / (1.0 + wide * exp_lanes(log_jump - log_quiet))


@part
def mixed_rows(both: BothTied, share: Lanes) -> Five:
    """Return the derivatives where the second component has this share."""
    none, one, _ = both
    step = one[0] - none[0]
    return (
        none[0] + share * step,
        none[1] + share * (one[1] - none[1]),
        none[2] + share * (one[2] - none[2]) + share * (1.0 - share) * step * step,
        none[3] + share * (one[3] - none[3]),
        none[4] + share * (one[4] - none[4]),
    )


def last_term(
    constants: object, jumps: Jumps, error: Lanes, present: float, sd: Lanes, scales: Three,
    choice: int, jump: Lanes,
) -> Three:  # fmt: skip
    """Return expected gradient, curvature and third derivative of a return tied to no shock."""
    both = (
        at_node(constants, jumps, error, scales[0]),
        at_node(constants, jumps, error, scales[1]),
        at_node(constants, jumps, error, scales[2]),
    )
    return expected_of(both, present, sd, choice, jump)


def _term(
    given: Given, offsets: Offsets, tables: JumpTables, observed: Observed, t: int, onward: bool,
    centres: tuple[Lanes, Lanes],
) -> Row:  # fmt: skip
    mean, phi, sigma = given[:3]
    value, present, _ = observed
    m, omega = centres
    zero, square = mean * 0.0, sigma * sigma
    factor = approximate_exp(follow(zero, tables.sd_slopes, t, offsets[0]))
    sd = tables.sd[t] * factor
    error, jumps = observed_errors(value, mean, given[7])
    low, middle, high = nodes(tables.centre[t], m, sd, zero + 1.0)
    choice, jump = given[9][t], zero
    if choice != NO_CHOICE:
        jump = jump_of(given[8], choice)
    if not onward:
        scales = (low, middle, high)
        first, second, third = last_term(given[6], jumps, error, present, sd, scales, choice, jump)
        return (
            square * first, zero, square * second, zero, zero, square * third, zero, zero, zero,
        )  # fmt: skip
    # Where a line went too far for so small a sigma, derivatives are not those of so far out.
    eta = omega / sigma
    near = maximum(eta, zero - FARTHEST)
    near = -maximum(-near, zero - FARTHEST)
    slope = (tables.covariance[t] * factor * factor / (sd * sd) - phi) / sigma
    reach = _REACH * sd * slope
    both = (
        tied_rows(given, jumps, error, low, near - reach),
        tied_rows(given, jumps, error, middle, near),
        tied_rows(given, jumps, error, high, near + reach),
    )
    shares, wider = (both[0][2], both[1][2], both[2][2]), WIDER
    if choice != NO_CHOICE:
        shares, wider = (jump, jump, jump), 0.0
    below, at, above = (
        mixed_rows(both[0], shares[0]),
        mixed_rows(both[1], shares[1]),
        mixed_rows(both[2], shares[2]),
    )
    gradient = present * (mean_of((below[0], at[0], above[0])) - 0.5)
    pull = present * mean_of((below[1], at[1], above[1]))
    seconds = (below[2], at[2], above[2])
    cross, own = (below[3], at[3], above[3]), (below[4], at[4], above[4])
    hw, ww = (
        -present * mean_of(cross),
        maximum(1.0 - present * mean_of(own), zero + _LEAST_CURVATURE),
    )
    hh = maximum(-present * mean_of(seconds), zero)
    hh = maximum(hh / (1.0 + wider * sd * sd * hh), hw * hw / ww)
    hww = present * slope_of(own, sd)
    hhw = present * slope_of(cross, sd) - slope * hww
    hhh = present * slope_of(seconds, sd) - slope * hhw
    beyond = eta - near
    return (
        square * (gradient - hw * beyond),
        sigma * (pull - near - ww * beyond),
        square * hh,
        sigma * hw,
        ww,
        square * hhh,
        sigma * hhw,
        hww,
        zero,
    )


def _density(
    given: Given, sums: Sums, table: Array, observed: Observed, t: int, h: Lanes, eta: Lanes
) -> Sums:
    mean, _, _, rho, own, half_log_own, constants, jumps, _, choices = given
    value, present, linked = observed
    scale = exp_lanes(-0.5 * h)
    error, jumps = observed_errors(value, mean, jumps)
    tie = (linked * rho * eta, 1.0 + linked * (own - 1.0))
    quiet = jumps.log_none + ERRORS.log_tied(constants, table, error * scale, tie)
    beyond, variance = (error - jumps.mean) * scale, jumps.variance * scale * scale
    jumping = jumps.log_one + ERRORS.log_jump(constants, table, beyond, variance, tie)
    both = either(table, choices[t], quiet, jumping)
    total = sums[0] + present * (both - 0.5 * h)
    return total + linked * half_log_own, sums[1], sums[2]


@functools.cache
def _kernels(law: WithJumps) -> Kernels:
    errors = PARTS_OF_ERRORS[law.errors.name]
    at, rows = part_of(at_node, ERRORS=errors), part_of(tied_rows, ERRORS=errors)
    last = part_of(last_term, at_node=at)
    prepare = part_of(_prepare, ERRORS=errors, decide=deciding(errors))
    density = part_of(_density, ERRORS=errors)
    parts = LinkedStates(prepare, _along, part_of(_term, last_term=last, tied_rows=rows), density)
    return linked_states_kernels(f"weigh_leverage_{law.name}", parts, WITH_UNITS)


class _Nodes(NamedTuple):
    """Where terms are evaluated to be expected under a Gaussian.

    Attributes
    ----------
    h, omega : ndarray of shape (3, 1, n_times) and (3, 3, n_times)
    sd, slope, rest, onward : ndarray of shape (n_times,)
        Standard deviation of h; slope of omega on it, and the standard deviation that is left; 1
        where there is an omega, else 0.
    """

    h: Array
    omega: Array
    sd: Array
    slope: Array
    rest: Array
    onward: Array


class JumpLeverageObservations(JumpObservations):
    """Observations with jumps and leverage, beside errors of a law."""

    least_ambiguity = 1e-4

    @property
    def kernels(self) -> Kernels:
        """The sweep with the parts of the errors."""
        return _kernels(self.law)

    def expected(self, natural: Array, at: Expansion) -> Derivatives:
        """Return derivatives expected under a Gaussian, jumps being normal for every law.

        They are sums of the log density times Hermite polynomials, as in `shock_derivatives`, over
        three nodes in either direction.
        """
        nodes = self._nodes(natural, at)
        quiet, jumping = self._log_components(natural, nodes)
        _, omega, sd, slope, rest, onward = nodes
        sigma = natural[SIGMA]
        prior = 0.5 * onward * (omega / sigma) ** 2
        moment = _moments(self.series.present * np.logaddexp(quiet, jumping) - prior)
        w, ww = onward * moment[0, 1] / rest, onward * moment[0, 2] / rest**2
        hw = onward * moment[1, 1] / rest - slope * sd * ww
        hh = moment[2, 0] - slope * sd * (2.0 * hw + slope * sd * ww)
        # Two modes of eta would have a Gaussian no curvature at all.
        curvature = np.maximum(-ww, _LEAST_CURVATURE * onward / sigma**2)
        return Derivatives(moment[1, 0] / sd - slope * w, w, -hh / sd**2, -hw / sd, curvature)

    def ambiguity(self, natural: Array, at: Expansion) -> Array:
        """Return how much averaging over both components would miss, of the next shock too."""
        quiet, jumping = self._log_components(natural, self._nodes(natural, at))
        share = _moments(expit(jumping - quiet))[0, 0]
        pulls = _moments(jumping - quiet)
        squares = pulls[1, 0] ** 2 + pulls[0, 1] ** 2
        return np.asarray(self.series.present * share * (1.0 - share) * squares)

    def _nodes(self, natural: Array, at: Expansion) -> _Nodes:
        phi, sigma = natural[[PHI, SIGMA]].tolist()
        onward = np.ones(at.centre.size)
        onward[-1] = 0.0
        sd = spread(at)
        cross = onward * (at.covariance - phi * at.variance)
        slope = cross / sd**2
        following = np.append(at.variance[1:], 0.0)
        variance = following - 2.0 * phi * at.covariance + phi**2 * at.variance - slope * cross
        rest = np.sqrt(np.maximum(onward * variance, (_LEAST_REST * sigma) ** 2))
        step = _NODES[:, None, None] * sd
        omega = onward * (at.innovation(phi) + slope * step + _NODES[:, None] * rest)
        return _Nodes(at.centre + step, omega, sd, slope, rest, onward)

    def _log_components(self, natural: Array, nodes: _Nodes) -> tuple[Array, Array]:
        """Return the log densities with no jump and with one, shape (3, 3, n_times) each."""
        y, present = self.series.y, self.series.present
        h, omega, onward = nodes.h, nodes.omega, nodes.onward
        mean, sigma, rho = natural[[MEAN, SIGMA, RHO]].tolist()
        end = SHAPE + len(self.law.shape_names)
        *shape, kappa, jump_mean, jump_sd = natural[SHAPE:end].tolist()
        eta, linked = omega / sigma, present * onward
        r = linked * rho
        own, pull = (1.0 - r**2) * np.exp(h), r * eta * np.exp(0.5 * h)
        error = present * (y - mean)
        if shape:
            theta = (mean, 0.0, sigma, rho, shape[0])
            quiet = log_terms(y, present, theta, h, omega, linked, 0.0 * onward)
        else:
            quiet = log_normal_density(error - pull, own)
        beyond, v = error - self.unit * jump_mean - pull, (self.unit * jump_sd) ** 2
        jumping = log_normal_density(beyond, own + v)
        return np.log1p(-kappa) + quiet, np.log(kappa) + jumping


def _moments(values: Array) -> Array:
    """Return the expectations of Hermite polynomials times the values at nodes: (3, 3, n_times)."""
    return np.asarray(np.einsum("mi,nj,ijt->mnt", _HERMITE, _HERMITE, values))
