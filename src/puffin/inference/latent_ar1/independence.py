"""Metropolis over parameters and states, proposed together, many proposals at once.

The proposals do not depend on where the chain is. Given a block of them and the present state, the
stationary distribution over all of these is that of their importance weights, so that many draws
can be taken by weight at once, and any one of them, at random, is the state of the chain from which
to go on (Tjelmeland 2004; Calderhead 2014). They are taken systematically: each proposal as often
as its weight says, but for rounding. That leaves about twice the effective draws of accepting or
rejecting one proposal after the other.

Proposals come in antithetic pairs: the normals that the states are made of change their signs, and
the parameters go to the other side of their proposal (Hammersley & Morton 1956; Durbin & Koopman
1997). Whichever of a pair came first, the other would have followed, and each by itself is
distributed like any proposal; so the kernel is exact if the chain's present state brings its own
antithetic into the block.

Of a mean most of the error cancels: it is that of two to four times as many draws without pairs.
What a pair says of spread it says twice: standard deviations have the error of half to nine tenths
as many. Effective draws in the tails are as they were. Where states are kept of every second draw
or fewer, pairs are broken up, and most of the gain is gone for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, turn
from puffin.inference.chains import Advance
from puffin.inference.latent_ar1.batch import Batch, groups_in_cache
from puffin.inference.latent_ar1.guide import Guide, Target
from puffin.inference.proposal import Proposal
from puffin.inference.resampling import systematic

__all__ = ["Chain", "ThinnedStates", "run_independence"]

_STARTS = 64
_PLENTY = 2000
_CHEAP_STATES = 400_000
_STATES_IN_CACHE = 262_144
_FEWEST_DRAWS, _MOST_DRAWS = 8, 128
_NORMALS = ((0.0, 1.0), (-1.0, 0.0))
"""What is kept of the normals, and what is new, for the first and the second of a pair."""


@dataclass(frozen=True)
class Chain:
    """What one chain visited.

    Attributes
    ----------
    points : ndarray of shape (n_draws, n_dims)
    mu, last : ndarray of shape (n_draws,)
        Level, and the last state.
    accepted : ndarray of shape (n_draws,)
        Whether a draw is another than the one before; of local moves, the share accepted.
    proposed : ndarray of shape (n_proposals, n_dims)
        Independent proposals; none of local moves.
    log_weights : ndarray of shape (n_proposals,)
        Theirs.
    """

    points: Array
    mu: Array
    last: Array
    accepted: Array
    proposed: Array
    log_weights: Array


class ThinnedStates(NamedTuple):
    """Takes the states of every `thin` draws.

    Attributes
    ----------
    array : ndarray of float32 of shape (..., n_kept, n_times)
    thin : int
    """

    array: NDArray[np.float32]
    thin: int

    def of(self, chains: int | slice) -> ThinnedStates:
        """Return those of some of the chains."""
        return ThinnedStates(self.array[chains], self.thin)


@dataclass(frozen=True)
class _Block:
    """Pairs of proposals with their weights; the chain's present state is in the first pair."""

    log_weights: Array
    mu: Array
    last: Array
    states: NDArray[np.float32]

    @classmethod
    def of(cls, size: int, n_times: int) -> _Block:
        states = np.empty((size, n_times), np.float32)
        return cls(np.empty(size), np.empty(size), np.empty(size), states)


def run_independence(
    target: Target,
    guide: Guide,
    proposal: Proposal,
    stream: np.random.Generator,
    kept: ThinnedStates,
    draws: int,
    advance: Advance,
    *,
    paths: int,
) -> Chain:
    """Run a chain, which starts from one of its first proposals, chosen by weight.

    Where the series is short, several proposals are made for each draw.

    Parameters
    ----------
    kept : ThinnedStates
        Those of one chain; overwritten.
    paths : int
        How many paths of the states are drawn for each proposal of the parameters, a divisor of 8.
        One of them is kept, by weight, and their mean weight is the proposal's: an unbiased
        estimate of the density takes its place (Andrieu & Roberts 2009), exactly for any number.
    """
    stride = _proposals_per_draw(target.n_times * paths, draws)
    at_once = _draws_at_once(target.n_times * stride)
    total = _even(draws * stride) + _STARTS
    points = proposal.draw_pairs(stream, total // 2)
    log_offsets = target.coordinates.log_prior(points) - proposal.log_density(points)
    most = max(at_once * stride, _STARTS)
    proposals = _Proposals.of(target, guide, points, log_offsets, stream, most, paths)
    block = proposals.block

    proposals.fill(0, _STARTS)
    chosen = np.empty(draws, np.int64)
    mu, last, log_weights = np.empty(draws), np.empty(draws), np.empty(total - _STARTS)
    present = 2 + int(np.argmax(block.log_weights[2 : _STARTS + 2] + stream.gumbel(size=_STARTS)))
    numbers, phi = np.arange(-2, most), points[:, target.coordinates.names.index("phi")]
    for done in range(0, draws, at_once):
        now = min(at_once, draws - done)
        pair = slice(present - present % 2, present - present % 2 + 2)
        for values in (numbers, block.log_weights, block.mu, block.last, block.states):
            values[:2] = values[pair]
        first, count = _STARTS + done * stride, _even(now * stride)
        proposals.fill(first, count)
        numbers[2 : count + 2] = np.arange(first, first + count)
        log_weights[done * stride :][:count] = block.log_weights[2 : count + 2]
        order = np.argsort(phi[numbers[: count + 2]])
        taken = systematic(block.log_weights[: count + 2], now, stream, order)
        chosen[done : done + now] = numbers[taken]
        mu[done : done + now], last[done : done + now] = block.mu[taken], block.last[taken]
        to_keep = np.arange(-(-done // kept.thin) * kept.thin, done + now, kept.thin)
        written = kept.array[-(-done // kept.thin) :][: to_keep.size]
        np.take(block.states, taken[to_keep - done], axis=0, mode="clip", out=written)
        advance(now)
        present = int(taken[-1])  # Their order begins anywhere, so that this is any of them.
    accepted = (np.diff(chosen, prepend=-1) != 0).astype(np.float64)
    return Chain(points[chosen], mu, last, accepted, points[_STARTS:], log_weights)


def _proposals_per_draw(n_times: int, draws: int) -> int:
    """Return how many proposals a draw is worth: several, where they cost next to nothing."""
    affordable = _CHEAP_STATES // (n_times * draws)
    return max(1, min(affordable, -(-_PLENTY // draws)))


def _draws_at_once(states_per_draw: int) -> int:
    return _even(min(max(_STATES_IN_CACHE // states_per_draw, _FEWEST_DRAWS), _MOST_DRAWS))


def _even(count: int) -> int:
    return count + count % 2


@dataclass(frozen=True)
class _Proposals:
    """What makes a chain's proposals, in order, and the block that they are written to.

    Attributes
    ----------
    rows : ndarray
        The parameters of all proposals, as sweeps take them: see `Coordinates.rows`.
    log_offsets : ndarray of shape (n_proposals,)
        What the weight of a path lacks: log-density of the prior less that of the proposal.
    """

    target: Target
    guide: Guide
    stream: np.random.Generator
    rows: Array
    log_offsets: Array
    paths: int
    batch: Batch
    block: _Block

    @classmethod
    def of(
        cls,
        target: Target,
        guide: Guide,
        points: Array,
        log_offsets: Array,
        stream: np.random.Generator,
        most: int,
        paths: int,
    ) -> _Proposals:
        """Return what makes proposals at these points, `most` of them at once."""
        approximation, n_times = guide.approximation, target.n_times
        rows = target.coordinates.rows(points, approximation.origin, approximation.reach)
        needed = -(-(most // 2) * paths // LANES)
        groups = min(needed, groups_in_cache(n_times))
        batch = Batch.of(n_times, stream, groups, approximation.n_choices)
        block = _Block.of(2 + most + 2 * batch.size // paths, n_times)
        return cls(target, guide, stream, rows, log_offsets, paths, batch, block)

    def fill(self, first: int, count: int) -> None:
        """Make proposals number `first` and on, behind the pair of the present state."""
        self._propose(first, count)
        weights = self.block.log_weights[2 : count + 2] + self.log_offsets[first : first + count]
        # A proposal so far out that numbers overflow has no chance.
        self.block.log_weights[2 : count + 2] = np.where(np.isfinite(weights), weights, -np.inf)

    def _propose(self, first: int, count: int) -> None:
        """Make `count` proposals, and more to fill the batch."""
        batch, block, paths = self.batch, self.block, self.paths
        at_once = batch.size // paths
        columns = first + np.repeat(2 * np.arange(at_once), paths)
        for done in range(0, count, 2 * at_once):
            noise = np.zeros((at_once, 1))
            if paths > 1:
                noise = self.stream.gumbel(size=(at_once, paths))
            for second, (keep, fresh) in enumerate(_NORMALS):
                padded = second + np.minimum(done + columns, first + count - 2)
                taken = np.take(self.rows, padded, axis=-1)
                tables = self.guide.approximation.tables
                self.target.observations.propose(batch, taken, tables, keep, fresh)
                weights, lanes = _pick(batch.log_weights.reshape(at_once, paths), noise)
                begin = 2 + done + second
                places = slice(begin, begin + 2 * at_once, 2)
                block.log_weights[places], block.mu[places] = weights, batch.mu[lanes]
                block.last[places] = batch.states[:, -1].reshape(-1)[lanes]
                _gather(batch.states, lanes, begin, block.states)


def _pick(log_weights: Array, noise: Array) -> tuple[Array, NDArray[np.int64]]:
    """Return the log of each row's mean weight, and the number of one element of it, by weight.

    Standard Gumbel noise makes the choice: the same for both of a pair, so that the paths that are
    kept are mostly each other's antithetics.
    """
    n, paths = log_weights.shape
    if paths == 1:
        return log_weights[:, 0], np.arange(n)
    weights = np.where(np.isfinite(log_weights), log_weights, -np.inf)
    highest = np.maximum(weights.max(axis=1), -1e300)
    mean = highest + np.log(np.maximum(np.exp(weights - highest[:, None]).mean(axis=1), 1e-300))
    winners = np.argmax(weights + noise, axis=1)
    return mean, np.arange(n) * paths + winners


@kernel
def _gather(states: Array, lanes: NDArray[np.int64], begin: int, out: NDArray[np.float32]) -> None:
    """Write the states of some lanes, shape (n_groups, n_times, 8), to each second row of `out`."""
    n_times = out.shape[1]
    whole, row = n_times - n_times % LANES, 0
    while row < lanes.size:
        group, lane = lanes[row] // LANES, lanes[row] % LANES
        if (
            lane == 0
            and row + LANES <= lanes.size
            and lanes[row + LANES - 1] == lanes[row] + LANES - 1
        ):
            for t in range(0, whole, LANES):
                place = (begin + 2 * row) * n_times + t
                turn(states, (group * n_times + t) * LANES, out, place, 2 * n_times)
            for t in range(whole, n_times):
                for other in range(LANES):
                    out[begin + 2 * (row + other), t] = states[group, t, other]
            row += LANES
        else:
            for t in range(n_times):
                out[begin + 2 * row, t] = states[group, t, lane]
            row += 1
