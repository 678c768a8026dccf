r"""The sweeps that propose a latent chain from observations of single states, and weigh it.

About the Gaussian approximation, each observation's log-density is b h - c h^2 / 2 + third
(h - m)^3 / 6, expectations under that Gaussian being meant; measures of the state add to b and c.
With q = h - mu and the prior's
precision Q, a stationary AR(1)'s, q given mu is then N(P^{-1} (b - c mu), P^{-1}), P = Q + diag(c),
and mu has a Gaussian of its own. The sweep forwards eliminates P, with both right-hand sides, and
hands the third derivatives on; the sweep backwards draws each state given the next, as `transport`
says, and weighs it.

Everything is multiplied by sigma^2, so that nothing is large where the chain hardly moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from puffin.arrays import Array
from puffin.compiling.elementary import log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, align_stack, load, sqrt_lanes, store
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, SIGMA
from puffin.inference.latent_ar1.measures import MeasureParts
from puffin.inference.latent_ar1.observations import Kernels, Series
from puffin.inference.latent_ar1.regressors import BY_REGRESSORS, RegressorParts
from puffin.inference.latent_ar1.transport import draw_given_next, hand_on, refresh

__all__ = ["SingleStates", "offsets_of_chain", "respond", "single_states_kernels"]

_SCRATCH = 4
_RENORMALISE = 8

Vectors = tuple[Lanes, ...]


class SingleStates(NamedTuple):
    """The parts of a model of observations of single states.

    Attributes
    ----------
    prepare : (rows, count, lanes, tables, constants) -> given
        What is the same at all times, for eight proposals from flat index `lanes` of each of the
        rows, which are of length `count`. Its type is the model's own, as is what it leaves in
        `constants`, an array of rows of eight.
    term : (given, tables, y, present, t) -> (b, c, third)
        See above.
    density : (given, sums, h, y, present, t) -> sums
        Add one time's log-density to the first of two sums, which begin as 0 and 1; t falls to 0,
        where the first must be the log-likelihood.
    """

    prepare: Callable[..., object]
    term: Callable[..., Vectors]
    density: Callable[..., Vectors]


def single_states_kernels(
    name: str,
    parts: SingleStates,
    by_regressors: tuple[RegressorParts, RegressorParts] = BY_REGRESSORS,
) -> Kernels:
    """Return the kernels of a model, cached under its name."""
    return Kernels(_weigh, name, parts, by_regressors)


PARTS, MEASURES, REGRESSORS = (
    cast(SingleStates, None), cast(MeasureParts, None), cast(RegressorParts, None)
)  # fmt: skip
"""Those of the model whose kernel it is, of measures, and of regressors: see `Kernels`."""


def _weigh(batch: Batch, keep: float, fresh: float, rows: Array, series: Series, told: Any) -> None:
    """Propose a chain for each column of `rows`, and weigh it.

    The weight is exact: log p(y, h | mu, theta) + log N(mu; 0, mu_sd^2) - log q(h, mu | theta),
    with every constant, so that the mean of its exponential over draws estimates p(y | theta).

    Parameters
    ----------
    keep, fresh : float
        The normals become keep z + fresh N(0, 1): 0 and 1 for independent draws, 1 and 0 to repeat
        those in `z`, cosine and sine of an angle for a local move.
    rows : ndarray of shape (2, n_natural, batch.size)
        Natural parameters of each proposal and how far they are from the guide's: see
        `Coordinates.rows`. Only the proposal depends on the latter.
    told : named tuple
        What the model's `tell` returns.
    """
    align_stack()
    y, present, mu_sd, measures = series.y, series.present, series.mu_sd, series.measures
    regressors, tables = series.regressors, REGRESSORS.tables(told)
    z, scratch, states, constants = batch.z, batch.scratch, batch.states, batch.constants
    last, count = y.size - 1, batch.log_weights.size
    mu_precision = 1.0 / (mu_sd * mu_sd)
    for group in range(count // LANES):
        lanes, path = group * LANES, group * (last + 1) * LANES
        normals = group * z.shape[1] * LANES
        refresh(batch.bits, keep, fresh, z, normals, z.shape[1])
        hand_on(z, normals, last + 2, constants)
        phi, sigma = load(rows, PHI * count + lanes), load(rows, SIGMA * count + lanes)
        given = PARTS.prepare(rows, count, lanes, tables, constants)
        MEASURES.prepare(measures, rows, count, lanes, constants)
        square, zero, one = sigma * sigma, phi * 0.0, phi * 0.0 + 1.0
        start = one - phi * phi

        # Forwards: inverse pivots of P; eliminated b and c; third derivatives handed on.
        pivot, shift_b, shift_c, handed = zero, zero, zero, zero
        sum_b, sum_c, sum_bc, sum_cc = zero, zero, zero, zero
        for t in range(last + 1):
            value, moved = REGRESSORS.at_centre(regressors, told, rows, count, lanes, t, y[t])
            b, c, third = PARTS.term(given, tables, value, present[t], t)
            b = REGRESSORS.move_gradient(b, c, moved)
            h = REGRESSORS.add_log_variance(regressors, rows, count, lanes, t, zero)
            b, c = MEASURES.add_to_term(measures, constants, t, h, one, (b, c))
            coupling = phi * pivot
            inner = one if t in (0, last) else one + phi * phi
            pivot = 1.0 / (inner + square * c - phi * coupling)
            shift_b = b + coupling * shift_b
            shift_c = c + coupling * shift_c
            third = handed + square * third
            place = t * _SCRATCH * LANES
            store(scratch, place, pivot)
            store(scratch, place + LANES, shift_b)
            store(scratch, place + 2 * LANES, shift_c)
            store(scratch, place + 3 * LANES, third)
            r, solved_c = phi * pivot, shift_c * pivot
            handed = r * r * r * third
            sum_b, sum_c = sum_b + b, sum_c + c
            sum_bc, sum_cc = sum_bc + shift_b * solved_c, sum_cc + shift_c * solved_c

        # mu, and log p(mu) / q(mu).
        normal = load(z, normals + (last + 1) * LANES)
        precision = sum_c - square * sum_cc + mu_precision
        mu = (sum_b - square * sum_bc) / precision + normal / sqrt_lanes(precision)
        store(batch.mu, lanes, mu)
        log_weight = -0.5 * (mu * mu * mu_precision + log_lanes(precision)) - math.log(mu_sd)
        squares = normal * normal

        # Backwards: u and its variance, the mean of q, and q of the time after.
        u, spread, centre, after = zero, zero, zero, zero
        pivots, slopes, innovations = one, one, zero
        sums: Vectors = (zero, one)
        for t in range(last, -1, -1):
            normal = load(z, normals + t * LANES)
            squares = squares + normal * normal
            place = t * _SCRATCH * LANES
            pivot, third = load(scratch, place), load(scratch, place + 3 * LANES)
            shift = load(scratch, place + LANES) - mu * load(scratch, place + 2 * LANES)
            r, variance = phi * pivot, square * pivot
            tilt = r * third
            u, slope = draw_given_next(
                normal, u, spread, (pivot, variance), (r, 0.5 * r * tilt, tilt, third)
            )
            spread = variance + r * r * spread
            centre = r * centre + variance * shift
            q = centre + u
            pivots, slopes = pivots * pivot, slopes * slope
            if t % _RENORMALISE == 0:
                log_weight = log_weight + log_lanes(slopes) + 0.5 * log_lanes(pivots)
                pivots = slopes = one
            if t < last:
                innovation = after - phi * q
                innovations = innovations + innovation * innovation
            after = q
            h = mu + q
            store(states, path + t * LANES, h)
            value = REGRESSORS.observation(regressors, rows, count, lanes, t, y[t])
            sums = PARTS.density(given, sums, h, value, present[t], t)
            h = REGRESSORS.add_log_variance(regressors, rows, count, lanes, t, h)
            log_weight = MEASURES.add_to_density(measures, constants, t, h, log_weight)
        quadratic = (innovations + start * after * after) / square
        log_weight = log_weight + sums[0] + 0.5 * (squares + log_lanes(start) - quadratic)
        store(batch.log_weights, lanes, log_weight)


@part
def offsets_of_chain(rows: Array, count: int, lanes: int) -> tuple[Lanes, Lanes, Lanes]:
    """Return how far mean, phi and sigma are from the guide's, in their coordinates."""
    first = rows.shape[1] * count + lanes
    return (
        load(rows, first + MEAN * count),
        load(rows, first + PHI * count),
        load(rows, first + SIGMA * count),
    )


@part
def respond(slopes: Array, t: int, offsets: tuple[Lanes, Lanes, Lanes]) -> Lanes:
    """Return the inner product of the first three elements of row t with the offsets."""
    product: Lanes = (
        slopes[t, MEAN] * offsets[0] + slopes[t, PHI] * offsets[1] + slopes[t, SIGMA] * offsets[2]
    )
    return product
