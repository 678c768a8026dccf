"""A sweep of the sampler in `puffin.inference.hierarchical.sampler`, compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import drawing_kernel, part
from puffin.inference.chains import Advance
from puffin.inference.hierarchical.means import (
    Eliminated,
    Evidence,
    draw_means,
    gather,
    move_between,
)
from puffin.inference.hierarchical.problem import HierarchicalPrior, NoisyEstimates
from puffin.inference.hierarchical.spike import Slab, draw_active, move_line
from puffin.inference.hierarchical.spreads import (
    Said,
    add_spreads,
    move_spreads,
    own_spreads,
    say_of_spread,
)
from puffin.inference.settings import Settings

__all__ = ["Kept", "SweepData", "run_sweeps"]

_PIECE = 20_000
"""Assets times sweeps between two looks at whether anybody still waits."""

_LINES = ((0.0, 1.0), (0.5, -1.0))
"""What a step moves: the share alone; and spreads, with it so that the variance of all stays."""


class SweepData(NamedTuple):
    """Estimates and prior as the sweeps need them.

    Attributes
    ----------
    share_prior : ndarray of shape (2,)
        Zeros if none is zero.
    """

    values: Array
    loadings: Array
    own_precision: Array
    own_root: Array
    groups: NDArray[np.intp]
    starts: NDArray[np.intp]
    prior_precision: Array
    spread_sd: Array
    share_prior: Array

    @classmethod
    def of(cls, estimates: NoisyEstimates, prior: HierarchicalPrior) -> SweepData:
        """Return what follows from estimates and prior, once for all sweeps."""
        firsts = np.flatnonzero(np.diff(estimates.groups, prepend=-1))
        return cls(
            np.ascontiguousarray(estimates.values),
            estimates.loadings,
            np.linalg.inv(estimates.own),
            np.linalg.cholesky(estimates.own),
            estimates.groups,
            np.append(firsts, len(estimates.groups)),
            estimates.prior_precision(prior),
            prior.spread_sd,
            np.array(prior.share or (0.0, 0.0)),
        )


class _State(NamedTuple):
    """Where a chain is: tau, omega, s, what is shared, b, z and logit pi (of shape (1,))."""

    spread: Array
    between: Array
    typical: Array
    shared: Array
    deviations: Array
    active: Array
    logit: Array

    @classmethod
    def of(cls, data: SweepData, stream: np.random.Generator) -> _State:
        """Return where a chain begins: spreads about half of their scale, none at zero."""
        n_groups, q = data.starts.size - 1, data.spread_sd.size
        scale = data.spread_sd * np.exp(0.5 * stream.standard_normal(q))
        between = 0.5 * scale if n_groups > 1 else np.zeros(q)
        return cls(
            np.tile(0.5 * scale, (n_groups, 1)), between, scale,
            np.zeros(len(data.prior_precision)), np.zeros((n_groups, q)),
            np.ones(len(data.values)), np.zeros(1),
        )  # fmt: skip


class _Scratch(NamedTuple):
    """What the sweeps write to and need no more after."""

    evidence: Evidence
    found: Eliminated
    said: Said
    slab: Slab
    weights: Array
    rest: Array
    column: Array
    tau: Array
    before: Array
    gap: Array
    noise: Array
    ones: Array
    spread: Array

    @classmethod
    def of(cls, data: SweepData) -> _Scratch:
        (n_assets, q), n_groups = data.values.shape, data.starts.size - 1
        size = len(data.prior_precision)
        said = Said(np.zeros(n_assets), np.zeros(n_assets))
        return cls(
            Evidence.of(n_groups, q, size), Eliminated.of(n_groups, q, size), said,
            Slab(said, data.groups, np.zeros(n_groups), np.zeros(n_groups)),
            np.zeros((n_assets, q, q)), np.zeros((n_assets, q)), np.zeros(q), np.zeros(q),
            np.zeros(q), np.zeros(q), np.zeros(q), np.ones(n_groups), np.zeros(n_groups),
        )  # fmt: skip


class Kept(NamedTuple):
    """Draws, a row a sweep, by the names that `sample_hierarchical` gives them."""

    theta: Array
    mean: Array
    typical_spread: Array
    spread: Array
    group_mean: Array
    between: Array
    share: Array

    @classmethod
    def of(cls, data: SweepData, sweeps: int) -> Kept:
        """Return room for so many draws."""
        n_groups, q = data.starts.size - 1, data.spread_sd.size
        return cls(
            np.zeros((sweeps, len(data.values), q)), np.zeros((sweeps, q)), np.zeros((sweeps, q)),
            np.zeros((sweeps, n_groups, q)), np.zeros((sweeps, n_groups, q)),
            np.zeros((sweeps, q)), np.zeros(sweeps),
        )  # fmt: skip


def run_sweeps(
    data: SweepData, settings: Settings, stream: np.random.Generator, advance: Advance
) -> Kept:
    """Run a chain, warm-up first."""
    state, scratch = _State.of(data, stream), _Scratch.of(data)
    piece = max(1, _PIECE // len(data.values))
    kept = Kept.of(data, settings.draws)
    for first in range(-settings.tune, settings.draws, piece):
        sweeps = min(piece, settings.draws - first)
        advance(sweeps)
        _sweep(stream, data, state, scratch, first, first + sweeps, kept)
    return kept


@drawing_kernel
def _sweep(
    stream: np.random.Generator,
    data: SweepData,
    state: _State,
    scratch: _Scratch,
    first: int,
    last: int,
    kept: Kept,
) -> None:
    """Make the sweeps with these numbers; those below 0 are warm-up."""
    evidence, found, said = scratch.evidence, scratch.found, scratch.said
    weights, rest = scratch.weights, scratch.rest
    column, tau, ones, spread = scratch.column, scratch.tau, scratch.ones, scratch.spread
    q, n_groups = column.size, ones.size
    for sweep in range(first, last):
        for i in range(data.groups.size):
            own_spreads(state.spread[data.groups[i]], state.active[i], tau)
            add_spreads(data.own_precision[i], tau, -1, column, weights[i])
        gather(
            weights, data.values, data.loadings, data.groups, state.active, data.prior_precision,
            evidence,
        )  # fmt: skip
        if n_groups > 1:
            move_between(stream, state.between, data.spread_sd, evidence, found)
        draw_means(stream, state.between, evidence, found, state.shared, state.deviations)
        _rests(data, state, rest)
        for j in range(q):
            say_of_spread(
                j, rest, data.own_precision, state.spread, data.groups, state.active, tau, column,
                weights[0], said,
            )  # fmt: skip
            if j == 0 and data.share_prior[0] > 0.0:
                _choose(stream, data, state, scratch)
            for g in range(n_groups):
                spread[g] = state.spread[g, j]
            state.typical[j] = move_spreads(
                stream, said, data.groups, data.starts, data.spread_sd[j], ones, spread,
                state.typical[j],
            )  # fmt: skip
            for g in range(n_groups):
                state.spread[g, j] = spread[g]
        if sweep >= 0:
            _keep(stream, data, state, scratch, sweep, kept)


@part
def _rests(data: SweepData, state: _State, rest: Array) -> None:
    """Write estimates less their groups' means and the chance of common factors."""
    n_assets, width = data.loadings.shape
    for i in range(n_assets):
        for j in range(rest.shape[1]):
            value = data.values[i, j] - state.deviations[data.groups[i], j]
            for a in range(width):
                value -= state.shared[j * width + a] * data.loadings[i, a]
            rest[i, j] = value


@part
def _choose(stream: np.random.Generator, data: SweepData, state: _State, scratch: _Scratch) -> None:
    """Draw pi and z; then write estimates, and what they say of the spread of alphas, given z."""
    said, slab, width = scratch.said, scratch.slab, data.loadings.shape[1]
    for g in range(slab.means.size):
        slab.means[g] = state.shared[width - 1] + state.deviations[g, 0]
        slab.spreads[g] = state.spread[g, 0]
    for line in _LINES:
        rising = 0.5 * (state.typical[0] / data.spread_sd[0]) ** 2
        step = move_line(stream, slab, state.logit[0], line, data.share_prior, rising)
        factor = math.exp(line[0] * step)
        state.logit[0] += line[1] * step
        state.typical[0] *= factor
        for g in range(slab.means.size):
            slab.spreads[g] *= factor
            state.spread[g, 0] = slab.spreads[g]
    draw_active(stream, slab, state.logit[0], state.active)
    for i in range(data.groups.size):
        if state.active[i] == 0.0:
            scratch.rest[i, 0] += slab.means[data.groups[i]]
            said.known[i] = said.scores[i] = 0.0


@part
def _keep(
    stream: np.random.Generator,
    data: SweepData,
    state: _State,
    scratch: _Scratch,
    sweep: int,
    kept: Kept,
) -> None:
    """Draw coefficients given the rest, and write what is kept of a sweep.

    A draw of coefficients and estimates before the estimates were known is corrected by how far
    these are from what they turned out to be (Matheron).
    """
    column, tau, before = scratch.column, scratch.tau, scratch.before
    gap, noise = scratch.gap, scratch.noise
    n_groups, q = state.deviations.shape
    width = data.loadings.shape[1]
    kept.share[sweep] = 1.0 / (1.0 + math.exp(-state.logit[0]))
    for j in range(q):
        mean = state.shared[j * width + width - 1]
        kept.mean[sweep, j], kept.typical_spread[sweep, j] = mean, state.typical[j]
        kept.between[sweep, j] = state.between[j]
        for g in range(n_groups):
            kept.spread[sweep, g, j] = state.spread[g, j]
            kept.group_mean[sweep, g, j] = mean + state.deviations[g, j]
    for i in range(data.groups.size):
        precision, rest = scratch.weights[i], scratch.rest[i]
        own_spreads(state.spread[data.groups[i]], state.active[i], tau)
        add_spreads(data.own_precision[i], tau, -1, column, precision)
        for j in range(q):
            before[j] = tau[j] * stream.standard_normal()
            noise[j] = stream.standard_normal()
        for j in range(q):
            gap[j] = rest[j] - before[j]
            for m in range(j + 1):
                gap[j] -= data.own_root[i, j, m] * noise[m]
        for j in range(q):
            corrected = 0.0
            for m in range(q):
                corrected += precision[j, m] * gap[m]
            centre = kept.group_mean[sweep, data.groups[i], j]
            if j == 0:
                centre *= state.active[i]
            kept.theta[sweep, i, j] = centre + before[j] + tau[j] * tau[j] * corrected
