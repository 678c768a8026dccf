r"""Coefficients of many assets, in groups, from estimates whose errors are known.

Asset i has q coefficients, such as alpha and betas, and estimates of them:

.. math::

    \hat\theta_i = \theta_i + G \lambda_i + u_i, \qquad u_i \sim N(0, S_i), \qquad
    \operatorname{vec} G \sim N(0, \Gamma)

Own errors :math:`u_i` are independent; what errors have in common is :math:`G`, of shape (q, k),
the chance of k common factors, to which asset i has the exposures :math:`\lambda_i`. So the
covariance of all estimates is that of blocks and a low rank. Coefficients have the prior

.. math::

    \theta_{ij} \sim N(\mu_j + b_{g(i) j}, \tau_{g(i) j}^2), \quad b_{gj} \sim N(0, \omega_j^2),
    \quad \mu_j \sim N(0, M_j^2), \quad \tau_{gj} \sim HN(s_j), \quad
    \omega_j, s_j \sim HN(S_j)

HN is half-normal. Spreads :math:`\tau` differ from group to group, and groups teach each other how
large they usually are, by s: a group of one is shrunk as much as those of its kind. With a single
group there is no b.

The sampler is Gibbs over spreads, with all that is Gaussian given them integrated out where it
would slow the chain: :math:`\omega` is drawn given :math:`\tau` only, with :math:`G, \mu, b`
eliminated, then these three at once (`hierarchical_means`); then each :math:`\tau` and s, with the
coefficients :math:`\theta` integrated out (`hierarchical_spreads`). Spreads are drawn by slices, so
that nothing is on a grid. Coefficients are drawn from their normal distribution given the rest, for
the draws that are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import drawing_kernel, part
from puffin.inference.chains import Advance, run_chains, streams
from puffin.inference.draws import Draws
from puffin.inference.failure import SamplingError
from puffin.inference.hierarchical_means import (
    Eliminated,
    Evidence,
    draw_means,
    gather,
    move_between,
)
from puffin.inference.hierarchical_spreads import Said, add_spreads, move_spreads, say_of_spread
from puffin.inference.settings import Settings

__all__ = ["HierarchicalPrior", "NoisyEstimates", "sample_hierarchical"]

_PIECE = 20_000
"""Assets times sweeps between two looks at whether anybody still waits."""


@dataclass(frozen=True)
class HierarchicalPrior:
    """Scales of the priors, one for each coefficient: M and S of the module's docstring.

    Attributes
    ----------
    mean_sd, spread_sd : ndarray of shape (n_coefficients,)
    """

    mean_sd: Array
    spread_sd: Array


@dataclass(frozen=True)
class NoisyEstimates:
    """Estimates of each asset's coefficients, and the covariance of their errors.

    Attributes
    ----------
    values : ndarray of shape (n_assets, n_coefficients)
    own : ndarray of shape (n_assets, n_coefficients, n_coefficients)
        Covariances of own errors.
    exposures : ndarray of shape (n_assets, n_common)
    common : ndarray of shape (n_coefficients * n_common, n_coefficients * n_common)
        Covariance of G, its rows one after the other.
    groups : ndarray of int of shape (n_assets,)
        In ascending order from 0, none left out.
    """

    values: Array
    own: Array
    exposures: Array
    common: Array
    groups: NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, int]:
        """How many groups and coefficients there are."""
        return int(self.groups[-1]) + 1, self.values.shape[1]

    @property
    def loadings(self) -> Array:
        """Exposures, and a column of ones: that to the mean of all."""
        return np.column_stack([self.exposures, np.ones(len(self.values))])

    def prior_precision(self, prior: HierarchicalPrior) -> Array:
        """Return the prior precision of G and mu: for each coefficient k columns, then the mean."""
        n_coefficients, n_common = self.values.shape[1], self.exposures.shape[1]
        matrix = np.zeros((n_coefficients, n_common + 1, n_coefficients, n_common + 1))
        shape = (n_coefficients, n_common, n_coefficients, n_common)
        matrix[:, :n_common, :, :n_common] = np.linalg.inv(self.common).reshape(shape)
        each = np.arange(n_coefficients)
        matrix[each, n_common, each, n_common] = prior.mean_sd**-2
        size = n_coefficients * (n_common + 1)
        return matrix.reshape(size, size)


def sample_hierarchical(
    estimates: NoisyEstimates, prior: HierarchicalPrior, settings: Settings
) -> Draws:
    """Draw coefficients, means and spreads.

    Returns
    -------
    Draws
        `theta` of shape (..., n_assets, n_coefficients), `mean` and `typical_spread` (mu and s) of
        shape (..., n_coefficients), `spread` (tau) of shape (..., n_groups, n_coefficients) and,
        with more than one group, `group_mean` (mu + b) of that shape too and `between` (omega).

    Raises
    ------
    SamplingError
        If a density is not finite.
    """
    data = _Data.of(estimates, prior)
    chain_streams = streams(settings.seed, settings.chains)

    def run(chain: int, advance: Advance) -> _Kept:
        return _run(data, settings, chain_streams[chain], advance)

    parts = run_chains(run, settings)
    variables = {name: np.stack([getattr(part, name) for part in parts]) for name in _Kept._fields}
    if not all(np.isfinite(draws).all() for draws in variables.values()):
        raise SamplingError("a density of the hierarchical model is not finite.")
    if estimates.shape[0] == 1:
        del variables["group_mean"], variables["between"]
    return Draws(variables, method="Gibbs with slices")


class _Data(NamedTuple):
    """Estimates and prior as the sweeps need them."""

    values: Array
    loadings: Array
    own_precision: Array
    own_root: Array
    groups: NDArray[np.intp]
    starts: NDArray[np.intp]
    prior_precision: Array
    spread_sd: Array

    @classmethod
    def of(cls, estimates: NoisyEstimates, prior: HierarchicalPrior) -> _Data:
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
        )


class _State(NamedTuple):
    """Where a chain is: tau, omega, s, what is shared, and b."""

    spread: Array
    between: Array
    typical: Array
    shared: Array
    deviations: Array

    @classmethod
    def of(cls, data: _Data, stream: np.random.Generator) -> _State:
        """Return where a chain begins: spreads about half of their scale."""
        n_groups, q = data.starts.size - 1, data.spread_sd.size
        scale = data.spread_sd * np.exp(0.5 * stream.standard_normal(q))
        between = 0.5 * scale if n_groups > 1 else np.zeros(q)
        return cls(
            np.tile(0.5 * scale, (n_groups, 1)), between, scale,
            np.zeros(len(data.prior_precision)), np.zeros((n_groups, q)),
        )  # fmt: skip


class _Scratch(NamedTuple):
    """What the sweeps write to and need no more after."""

    evidence: Evidence
    found: Eliminated
    said: Said
    weights: Array
    rest: Array
    column: Array
    before: Array
    gap: Array
    noise: Array
    ones: Array
    spread: Array

    @classmethod
    def of(cls, data: _Data) -> _Scratch:
        (n_assets, q), n_groups = data.values.shape, data.starts.size - 1
        size = len(data.prior_precision)
        return cls(
            Evidence.of(n_groups, q, size), Eliminated.of(n_groups, q, size),
            Said(np.zeros(n_assets), np.zeros(n_assets)), np.zeros((n_assets, q, q)),
            np.zeros((n_assets, q)), np.zeros(q), np.zeros(q), np.zeros(q), np.zeros(q),
            np.ones(n_groups), np.zeros(n_groups),
        )  # fmt: skip


class _Kept(NamedTuple):
    """Draws, a row a sweep, by the names that `sample_hierarchical` gives them."""

    theta: Array
    mean: Array
    typical_spread: Array
    spread: Array
    group_mean: Array
    between: Array

    @classmethod
    def of(cls, data: _Data, sweeps: int) -> _Kept:
        n_groups, q = data.starts.size - 1, data.spread_sd.size
        return cls(
            np.zeros((sweeps, len(data.values), q)), np.zeros((sweeps, q)), np.zeros((sweeps, q)),
            np.zeros((sweeps, n_groups, q)), np.zeros((sweeps, n_groups, q)), np.zeros((sweeps, q)),
        )  # fmt: skip


def _run(data: _Data, settings: Settings, stream: np.random.Generator, advance: Advance) -> _Kept:
    state, scratch = _State.of(data, stream), _Scratch.of(data)
    piece = max(1, _PIECE // len(data.values))
    kept = _Kept.of(data, settings.draws)
    for first in range(-settings.tune, settings.draws, piece):
        sweeps = min(piece, settings.draws - first)
        advance(sweeps)
        _sweep(stream, data, state, scratch, first, first + sweeps, kept)
    return kept


@drawing_kernel
def _sweep(
    stream: np.random.Generator,
    data: _Data,
    state: _State,
    scratch: _Scratch,
    first: int,
    last: int,
    kept: _Kept,
) -> None:
    """Make the sweeps with these numbers; those below 0 are warm-up."""
    evidence, found, said, weights, rest = scratch[:5]
    column, ones, spread = scratch.column, scratch.ones, scratch.spread
    q, n_groups = column.size, ones.size
    for sweep in range(first, last):
        for i in range(data.groups.size):
            own, tau = data.own_precision[i], state.spread[data.groups[i]]
            add_spreads(own, tau, -1, column, weights[i])
        gather(weights, data.values, data.loadings, data.groups, data.prior_precision, evidence)
        if n_groups > 1:
            move_between(stream, state.between, data.spread_sd, evidence, found)
        draw_means(stream, state.between, evidence, found, state.shared, state.deviations)
        _rests(data, state, rest)
        for j in range(q):
            say_of_spread(
                j, rest, data.own_precision, state.spread, data.groups, column, weights[0], said
            )
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
def _rests(data: _Data, state: _State, rest: Array) -> None:
    """Write estimates less their groups' means and the chance of common factors."""
    n_assets, width = data.loadings.shape
    for i in range(n_assets):
        for j in range(rest.shape[1]):
            value = data.values[i, j] - state.deviations[data.groups[i], j]
            for a in range(width):
                value -= state.shared[j * width + a] * data.loadings[i, a]
            rest[i, j] = value


@part
def _keep(
    stream: np.random.Generator,
    data: _Data,
    state: _State,
    scratch: _Scratch,
    sweep: int,
    kept: _Kept,
) -> None:
    """Draw coefficients given the rest, and write what is kept of a sweep.

    A draw of coefficients and estimates before the estimates were known is corrected by how far
    these are from what they turned out to be (Matheron).
    """
    column, before, gap, noise = scratch.column, scratch.before, scratch.gap, scratch.noise
    n_groups, q = state.deviations.shape
    width = data.loadings.shape[1]
    for j in range(q):
        mean = state.shared[j * width + width - 1]
        kept.mean[sweep, j], kept.typical_spread[sweep, j] = mean, state.typical[j]
        kept.between[sweep, j] = state.between[j]
        for g in range(n_groups):
            kept.spread[sweep, g, j] = state.spread[g, j]
            kept.group_mean[sweep, g, j] = mean + state.deviations[g, j]
    for i in range(data.groups.size):
        tau, precision, rest = state.spread[data.groups[i]], scratch.weights[i], scratch.rest[i]
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
            kept.theta[sweep, i, j] = centre + before[j] + tau[j] * tau[j] * corrected
