"""The safety net: Metropolis steps from where the chain is, where independent proposals fail.

A chain's state is its parameters and the normals that its states were made of. The weight
log p(y, h, mu, parameters) - log q(h, mu | parameters), as a function of both, is the log-density
of the target relative to those normals. One draw is a proposal as in the independence sampler, then
nine local moves in turn: of the normals, by an autoregressive step that leaves their Gaussian as
it is (Cotter, Roberts, Stuart & White 2013), and of the parameters, by a random walk with the
normals held, which takes the states along. Eight chains share the lanes of a vector.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.lanes import LANES
from puffin.inference.chains import Advance
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.guide import Guide, Target
from puffin.inference.latent_ar1.independence import Chain, ThinnedStates
from puffin.inference.proposal import Proposal

__all__ = ["run_local_moves"]

_MOVES = 10
_LEAST_TUNE = 200
_GOOD_ACCEPTANCE = 0.35
_STARTS = 16


def run_local_moves(
    target: Target,
    guide: Guide,
    proposal: Proposal,
    streams: Sequence[np.random.Generator],
    kept: ThinnedStates,
    draws: int,
    tune: int,
    advance: Advance,
) -> list[Chain]:
    """Run up to eight chains, one for each of the streams; the first seeds the normals.

    Parameters
    ----------
    kept : ThinnedStates
        Those of these chains; overwritten.
    """
    tune = max(tune, _LEAST_TUNE)
    walkers = _Walkers(target, guide, proposal, streams)
    walkers.start()
    count = len(streams)
    n_dims = guide.mode.location.size
    points, mu = np.empty((count, draws, n_dims)), np.empty((count, draws))
    last, accepted = np.empty((count, draws)), np.empty((count, draws))
    log_weights = np.empty((count, draws))
    for draw in range(-tune, draws):
        moved, fresh_weights = walkers.sweep(adapt=draw < 0)
        if draw < 0:
            advance(0)
            continue
        points[:, draw], mu[:, draw] = walkers.points[:count], walkers.mu[:count]
        last[:, draw], accepted[:, draw] = walkers.states[-1, :count], moved[:count]
        log_weights[:, draw] = fresh_weights[:count]
        if draw % kept.thin == 0:
            kept.array[:, draw // kept.thin] = walkers.states[:, :count].T
        advance(count)
    nothing = np.empty((0, n_dims))
    return [
        Chain(points[i], mu[i], last[i], accepted[i], nothing, log_weights[i]) for i in range(count)
    ]


class _Walkers:
    """Eight chains in step: where they are, and how far they step."""

    def __init__(
        self,
        target: Target,
        guide: Guide,
        proposal: Proposal,
        streams: Sequence[np.random.Generator],
    ) -> None:
        self.target, self.guide, self.proposal = target, guide, proposal
        # Lanes without a chain of their own walk with a stream of the first one's.
        self.streams = [*streams, *streams[0].spawn(LANES - len(streams))]
        n_choices = guide.approximation.n_choices
        self.batch = Batch.of(target.n_times, self.streams[0], 1, n_choices)
        self.points = np.tile(guide.mode.location, (LANES, 1))
        self.factor = np.linalg.cholesky(guide.mode.covariance)
        self.weights = np.full(LANES, -np.inf)
        self.mu = np.empty(LANES)
        self.z, self.states = np.empty_like(self.batch.z[0]), np.empty_like(self.batch.states[0])
        self.log_walk = math.log(2.38 / math.sqrt(guide.mode.location.size))
        self.log_mixing = math.log(0.5)
        self.sweeps = 0

    def start(self) -> None:
        """Take each chain to one of several proposals, chosen by weight."""
        best = np.full(LANES, -np.inf)
        for _ in range(_STARTS):
            points = self._independent_points()
            weights = self._weights(points, 0.0, 1.0)
            score = weights - self.proposal.log_density(points) + self._each("gumbel")
            better = (score > best) | ~np.isfinite(best)
            best = np.where(better, score, best)
            self._move(better, points, weights)

    def sweep(self, *, adapt: bool) -> tuple[Array, Array]:
        """Make one draw; return the share of accepted moves and the independent weights."""
        moved = np.zeros(LANES)
        points = self._independent_points()
        weights = self._weights(points, 0.0, 1.0)
        fresh_weights = weights - self.proposal.log_density(points)
        held = self.weights - self.proposal.log_density(self.points)
        moved += self._accept(points, weights, fresh_weights - held)
        for move in range(1, _MOVES):
            if move % 2 == 0:
                mixing = math.exp(self.log_mixing)
                points = self.points
                weights = self._weights(points, math.sqrt(1.0 - mixing**2), mixing)
                taken = self._accept(points, weights, weights - self.weights)
                change = taken.mean() - _GOOD_ACCEPTANCE
                if adapt:
                    self.log_mixing = min(self.log_mixing + change * self._gain(), -0.01)
            else:
                normals = np.array(
                    [stream.standard_normal(self.points.shape[1]) for stream in self.streams]
                )
                step = math.exp(self.log_walk) * normals @ self.factor.T
                points = self.points + step
                weights = self._weights(points, 1.0, 0.0)
                taken = self._accept(points, weights, weights - self.weights)
                if adapt:
                    self.log_walk += (taken.mean() - _GOOD_ACCEPTANCE) * self._gain()
            moved += taken
        self.sweeps += 1
        return moved / _MOVES, fresh_weights

    def _gain(self) -> float:
        return 2.0 / math.sqrt(1.0 + self.sweeps)

    def _each(self, method: str) -> Array:
        return np.array([getattr(stream, method)() for stream in self.streams])

    def _independent_points(self) -> Array:
        return np.concatenate([self.proposal.draw(stream, 1) for stream in self.streams])

    def _weights(self, points: Array, keep: float, fresh: float) -> Array:
        """Weigh what the current normals, moved, make of the points."""
        self.batch.z[0] = self.z if keep > 0.0 else 0.0
        approximation = self.guide.approximation
        rows = self.target.coordinates.rows(points, approximation.origin, approximation.reach)
        self.target.observations.propose(self.batch, rows, approximation.tables, keep, fresh)
        weights = self.batch.log_weights + self.target.coordinates.log_prior(points)
        return np.nan_to_num(weights, nan=-np.inf, posinf=-np.inf, neginf=-np.inf)

    def _accept(self, points: Array, weights: Array, log_ratio: Array) -> Array:
        taken = np.log(self._each("random")) < log_ratio
        self._move(taken, points, weights)
        return taken.astype(np.float64)

    def _move(self, taken: NDArray[np.bool_], points: Array, weights: Array) -> None:
        self.points = np.where(taken[:, None], points, self.points)
        self.weights = np.where(taken, weights, self.weights)
        self.mu = np.where(taken, self.batch.mu, self.mu)
        self.z = np.where(taken, self.batch.z[0], self.z)
        self.states = np.where(taken, self.batch.states[0], self.states)
