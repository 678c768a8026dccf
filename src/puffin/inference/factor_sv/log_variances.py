r"""The block of the log-variances: parameters and states of every series, given its errors.

Eight series at a time, in the lanes of a vector. Given the components of a mixture (`mixture`), the
states are those of a Gaussian model, whose density p(phi, sigma) has mu and all h integrated out:
a few steps of a random walk on it, then mu and h given phi and sigma, all together, drawn exactly.
Drawing the components, then those, leaves the posterior under the mixture as it is, and is
reversible; so that accepting the result with the ratio of the weights

.. math:: w(h) = \prod_t N(y_t; 0, e^{h_t}) / \text{mixture}(\log y_t^2 - h_t)

after and before leaves the exact posterior as it is (Liu 2001, surrogate transitions). A log is
taken of :math:`y_t^2` plus next to nothing, for errors of zero: the weights make up for that too.
"""

from __future__ import annotations

import math

from puffin.compiling.elementary import exp_lanes, log_lanes
from puffin.compiling.kernels import kernel, part
from puffin.compiling.lanes import LANES, Lanes, align_stack, load, sqrt_lanes, store, where_less
from puffin.compiling.normal_pairs import normal_pair, uniform_lanes
from puffin.inference.factor_sv.chain import Chain, FactorPrior, Panel, Scratch
from puffin.inference.factor_sv.mixture import choose_component, running_density, widest
from puffin.inference.latent_ar1.transport import refresh

__all__ = ["draw_log_variances"]

_NEXT_TO_NOTHING = 1e-8
_RENORMALISE = 8


@kernel
def draw_log_variances(
    panel: Panel, prior: FactorPrior, walks: int, chain: Chain, scratch: Scratch
) -> None:
    """Draw phi, sigma, mu and h of every column, in place, and the precisions that h makes."""
    align_stack()
    for group in range(panel.returns.shape[1] // LANES):
        first = group * LANES
        mu_precision = load(panel.mu_precision, first)
        refresh(chain.bits, 0.0, 1.0, scratch.normals, 0, scratch.normals.shape[0])
        before = _draw_components(panel, chain, scratch, first)
        phi, square, mean, deviation = _walk(prior, walks, chain, scratch, first, mu_precision)
        mu = mean + deviation * load(scratch.normals, scratch.pivots.shape[0] * LANES)
        after = _draw_states(panel, chain, scratch, first, (phi, square, mu))
        _accept(panel, chain, scratch, first, (mu, after - before))


@part
def _draw_components(panel: Panel, chain: Chain, scratch: Scratch, first: int) -> Lanes:
    """Draw the mixture's components of eight series; return the log of the weight of their h."""
    n_times, width = panel.returns.shape
    zero = load(panel.mu_precision, first) * 0.0
    squares, count = zero, zero + 1e-300
    for t in range(n_times):
        error, present = (
            load(chain.errors, t * width + first),
            load(panel.present, t * width + first),
        )
        squares, count = squares + present * error * error, count + present
    offset = _NEXT_TO_NOTHING * squares / count + 1e-300
    product, log_weight = zero + 1.0, zero
    for t in range(n_times):
        at, row = t * width + first, t * LANES
        error, present, h = load(chain.errors, at), load(panel.present, at), load(chain.h, at)
        log_square = log_lanes(error * error + offset)
        store(scratch.log_squares, row, log_square)
        total = running_density(log_square - h, scratch.sums)
        mean, precision = choose_component(uniform_lanes(chain.bits) * total, scratch.sums)
        precision = present * precision
        store(scratch.precision, row, precision)
        store(scratch.shift, row, precision * (log_square - mean))
        product = product * (1.0 + present * (total - 1.0))
        deviance = h + error * error * exp_lanes(-h)
        log_weight = log_weight - present * (0.5 * deviance + widest(log_square - h))
        if t % _RENORMALISE == 0:
            log_weight = log_weight - log_lanes(product)
            product = zero + 1.0
    return log_weight - log_lanes(product)


@part
def _walk(
    prior: FactorPrior, walks: int, chain: Chain, scratch: Scratch, first: int, mu_precision: Lanes
) -> tuple[Lanes, Lanes, Lanes, Lanes]:
    """Walk phi and sigma; return phi, sigma^2, mean and sd of mu; leave the elimination behind.

    The candidate of the first round, and that of the last, are where the walk is.
    """
    width = chain.mu.size
    x, z = load(chain.points, first), load(chain.points, width + first)
    density = x * 0.0 - math.inf
    phi, square, deviation, mean = x, x, x, x
    for step in range(walks + 2):
        moves = 1.0 if 0 < step <= walks else 0.0
        one, other = normal_pair(chain.bits)
        one, other = moves * one, moves * other
        new_x = x + load(chain.steps, first) * one
        new_z = (
            z
            + load(chain.steps, width + first) * one
            + load(chain.steps, 2 * width + first) * other
        )
        odds = exp_lanes(-2.0 * new_x)
        up = 1.0 / (1.0 + odds)
        down = odds * up
        phi, square = up - down, new_z * new_z * new_z * new_z
        log_prior = prior.phi_a * log_lanes(up) + prior.phi_b * log_lanes(down)
        log_prior = log_prior - square * (0.5 / (prior.sigma_sd * prior.sigma_sd))
        log_prior = log_prior + 0.5 * log_lanes(new_z * new_z)
        likelihood, mean, deviation = _eliminate(
            scratch, phi, square, 4.0 * up * down, mu_precision
        )
        new_density = likelihood + log_prior
        gap = log_lanes(uniform_lanes(chain.bits)) + density - new_density
        bound = x * 0.0
        x = where_less(gap, bound, new_x, x)
        z = where_less(gap, bound, new_z, z)
        density = where_less(gap, bound, new_density, density)
    store(scratch.points, 0, x)
    store(scratch.points, LANES, z)
    return phi, square, mean, deviation


@part
def _eliminate(
    scratch: Scratch, phi: Lanes, square: Lanes, start: Lanes, mu_precision: Lanes
) -> tuple[Lanes, Lanes, Lanes]:
    """Return log p(components' data | phi, sigma), and mean and sd of mu; `start` is 1 - phi^2.

    Everything is multiplied by sigma^2, so that nothing is large where h hardly moves.
    """
    zero = phi * 0.0
    last = scratch.pivots.shape[0] - 1
    ratio, shift_b, shift_c = zero, zero, zero
    sum_b, sum_c, sum_bb, sum_bc, sum_cc = zero, zero, zero, zero, zero
    product, log_pivots = zero + 1.0, zero
    for t in range(last + 1):
        row = t * LANES
        b, c = load(scratch.shift, row), load(scratch.precision, row)
        ends = 1.0 if 0 < t < last else 0.0
        pivot = 1.0 / (1.0 + ends * phi * phi + square * c - phi * ratio)
        shift_b, shift_c = b + ratio * shift_b, c + ratio * shift_c
        store(scratch.pivots, row, pivot)
        store(scratch.shifts, row, shift_b)
        store(scratch.precisions, row, shift_c)
        sum_b, sum_c = sum_b + b, sum_c + c
        solved_b, solved_c = pivot * shift_b, pivot * shift_c
        sum_bb, sum_bc = sum_bb + shift_b * solved_b, sum_bc + shift_b * solved_c
        sum_cc = sum_cc + shift_c * solved_c
        ratio = phi * pivot
        product = product * pivot
        if t % _RENORMALISE == 0:
            log_pivots = log_pivots + log_lanes(product)
            product = zero + 1.0
    log_pivots = log_pivots + log_lanes(product * start)
    precision = sum_c - square * sum_cc + mu_precision
    shift = sum_b - square * sum_bc
    likelihood = square * sum_bb + shift * shift / precision + log_pivots
    likelihood = likelihood - log_lanes(precision / mu_precision)
    return 0.5 * likelihood, shift / precision, 1.0 / sqrt_lanes(precision)


@part
def _draw_states(
    panel: Panel, chain: Chain, scratch: Scratch, first: int, parameters: tuple[Lanes, Lanes, Lanes]
) -> Lanes:
    """Draw h of eight series, backwards, into scratch; return the log of its weight."""
    phi, square, mu = parameters
    n_times, width = panel.returns.shape
    zero = phi * 0.0
    q, product, log_weight = zero, zero + 1.0, zero
    sigma = sqrt_lanes(square)
    for t in range(n_times - 1, -1, -1):
        at, row = t * width + first, t * LANES
        pivot = load(scratch.pivots, row)
        shift = load(scratch.shifts, row) - mu * load(scratch.precisions, row)
        noise = sigma * sqrt_lanes(pivot) * load(scratch.normals, row)
        q = pivot * (phi * q + square * shift) + noise
        h = mu + q
        store(scratch.states, row, h)
        error, present = load(chain.errors, at), load(panel.present, at)
        log_square = load(scratch.log_squares, row)
        total = running_density(log_square - h, scratch.sums)
        product = product * (1.0 + present * (total - 1.0))
        deviance = h + error * error * exp_lanes(-h)
        log_weight = log_weight - present * (0.5 * deviance + widest(log_square - h))
        if t % _RENORMALISE == 0:
            log_weight = log_weight - log_lanes(product)
            product = zero + 1.0
    return log_weight - log_lanes(product)


@part
def _accept(
    panel: Panel, chain: Chain, scratch: Scratch, first: int, proposed: tuple[Lanes, Lanes]
) -> None:
    """Go where the proposal is, in those lanes in which the ratio of weights has it accepted."""
    mu, log_ratio = proposed
    n_times, width = panel.returns.shape
    gap, bound = log_lanes(uniform_lanes(chain.bits)) - log_ratio, mu * 0.0
    store(chain.mu, first, where_less(gap, bound, mu, load(chain.mu, first)))
    store(chain.accepted, first, where_less(gap, bound, bound + 1.0, bound))
    for row in range(2):
        at = row * width + first
        moved = load(scratch.points, row * LANES)
        store(chain.points, at, where_less(gap, bound, moved, load(chain.points, at)))
    for t in range(n_times):
        at = t * width + first
        h = where_less(gap, bound, load(scratch.states, t * LANES), load(chain.h, at))
        store(chain.h, at, h)
        store(chain.precision, at, load(panel.present, at) * exp_lanes(-h))
