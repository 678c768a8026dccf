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
from collections.abc import Callable, Sequence
from typing import NamedTuple

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
    walkers = _Walkers(target, guide, proposal, streams, _STARTS + tune + draws)
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
        at = walkers.at
        points[:, draw], mu[:, draw] = at.points.T[:count], at.mu[:count]
        last[:, draw], accepted[:, draw] = at.states[-1, :count], moved[:count]
        log_weights[:, draw] = fresh_weights[:count]
        if draw % kept.thin == 0:
            kept.array[:, draw // kept.thin] = at.states[:, :count].T
        advance(count)
    nothing = np.empty((0, n_dims))
    return [
        Chain(points[i], mu[i], last[i], accepted[i], nothing, log_weights[i]) for i in range(count)
    ]


class _Place(NamedTuple):
    """Where eight walkers are, or might go: the last axis of each array is theirs.

    Attributes
    ----------
    points : ndarray of shape (n_dims, 8)
    rows : ndarray of shape (2, n_natural, 8)
        What a sweep is told of the points: `Coordinates.rows`.
    log_prior : ndarray of shape (8,)
    log_weights : ndarray of shape (8,)
        The log prior included.
    mu : ndarray of shape (8,)
    z, states : ndarray of shape (n_times + 1 + n_choices, 8) and (n_times, 8)
    """

    points: Array
    rows: Array
    log_prior: Array
    log_weights: Array
    mu: Array
    z: Array
    states: Array

    def take(self, where: NDArray[np.bool_], other: _Place) -> None:
        """Let some of the walkers go to where the other place has them."""
        for held, new in zip(self, other, strict=True):
            np.copyto(held, new, where=where)


class _Walkers:
    """Eight chains in step: where they are, and how far they step."""

    def __init__(
        self,
        target: Target,
        guide: Guide,
        proposal: Proposal,
        streams: Sequence[np.random.Generator],
        n_independent: int,
    ) -> None:
        self.target, self.guide, self.proposal = target, guide, proposal
        # Lanes without a chain of their own walk with a stream of the first one's.
        self.streams = [*streams, *streams[0].spawn(LANES - len(streams))]
        n_choices = guide.approximation.n_choices
        self.batch = Batch.of(target.n_times, self.streams[0], 1, n_choices)
        # Drawn and evaluated one by one, these would take longer than all the sweeps.
        points = np.stack([proposal.draw(one, n_independent) for one in self.streams], axis=-1)
        densities = proposal.log_density(np.concatenate(points.transpose(0, 2, 1)))
        self.independent = iter(zip(points, densities.reshape(-1, LANES), strict=True))
        self.factor = np.linalg.cholesky(guide.mode.covariance)
        self.log_walk = math.log(2.38 / math.sqrt(guide.mode.location.size))
        self.log_mixing = math.log(0.5)
        self.sweeps = 0
        self.at = self._start()

    def _start(self) -> _Place:
        """Return one of several proposals for each chain, chosen by weight."""
        for number in range(_STARTS):
            proposed, densities = self._independent()
            score = proposed.log_weights - densities + self._of_each(lambda one: one.gumbel())
            if number == 0:
                at, best = _Place(*map(np.copy, proposed)), score
                continue
            better = (score > best) | ~np.isfinite(best)
            best = np.where(better, score, best)
            at.take(better, proposed)
        return at

    def sweep(self, *, adapt: bool) -> tuple[Array, Array]:
        """Make one draw; return the share of accepted moves and the independent weights."""
        uniforms = self._of_each(lambda stream: stream.random(_MOVES))
        shape = (_MOVES // 2, self.factor.shape[0])
        normals = self._of_each(lambda stream: stream.standard_normal(shape))
        proposed, densities = self._independent()
        fresh_weights = proposed.log_weights - densities
        held = self.at.log_weights - self.proposal.log_density(self.at.points.T)
        moved = self._accept(proposed, fresh_weights - held, uniforms[0])
        gain = 2.0 / math.sqrt(1.0 + self.sweeps) if adapt else 0.0
        for move in range(1, _MOVES):
            walks = move % 2 == 1
            proposed = self._walked(normals[move // 2]) if walks else self._mixed()
            taken = self._accept(
                proposed, proposed.log_weights - self.at.log_weights, uniforms[move]
            )
            moved += taken
            change = (taken.mean() - _GOOD_ACCEPTANCE) * gain
            if walks:
                self.log_walk += change
            else:
                self.log_mixing = min(self.log_mixing + change, -0.01)
        self.sweeps += 1
        return moved / _MOVES, fresh_weights

    def _of_each(self, draw: Callable[[np.random.Generator], Array | float]) -> Array:
        return np.stack([draw(stream) for stream in self.streams], axis=-1)

    def _independent(self) -> tuple[_Place, Array]:
        """Return the next independent proposals, and the log-density of their points."""
        points, densities = next(self.independent)
        return self._proposed(points, *self._told(points), 0.0, 1.0), densities

    def _walked(self, normals: Array) -> _Place:
        """Return a step of the parameters, the normals of the states held."""
        points = self.at.points + math.exp(self.log_walk) * self.factor @ normals
        return self._proposed(points, *self._told(points), 1.0, 0.0)

    def _mixed(self) -> _Place:
        """Return a step of the normals, the parameters held."""
        fresh = math.exp(self.log_mixing)
        at = self.at
        return self._proposed(at.points, at.rows, at.log_prior, math.sqrt(1.0 - fresh**2), fresh)

    def _told(self, points: Array) -> tuple[Array, Array]:
        """Return what a sweep is told of points, and their log prior density."""
        approximation, coordinates = self.guide.approximation, self.target.coordinates
        rows = coordinates.rows(points.T, approximation.origin, approximation.reach)
        return rows, coordinates.log_prior(points.T)

    def _proposed(
        self, points: Array, rows: Array, log_prior: Array, keep: float, fresh: float
    ) -> _Place:
        """Weigh what the current normals, moved, make of the points; it lasts until the next."""
        batch = self.batch
        batch.z[0] = self.at.z if keep > 0.0 else 0.0
        self.target.observations.propose(batch, rows, self.guide.approximation.tables, keep, fresh)
        weights = batch.log_weights + log_prior
        weights[~np.isfinite(weights)] = -np.inf
        return _Place(points, rows, log_prior, weights, batch.mu, batch.z[0], batch.states[0])

    def _accept(self, proposed: _Place, log_ratio: Array, uniforms: Array) -> Array:
        taken = np.log(uniforms) < log_ratio
        self.at.take(taken, proposed)
        return taken.astype(np.float64)
