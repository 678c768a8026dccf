"""Metropolis over parameters and states, proposed together, many proposals at once.

The proposals do not depend on where the chain is. Given a block of them and the present state, the
stationary distribution over all of these is that of their importance weights, so that as many draws
as there were proposals can be taken by weight, and any one of them, at random, is the state of the
chain from which to go on (Tjelmeland 2004; Calderhead 2014). The draws are taken systematically and
in order: each proposal as often as its weight says, but for rounding. That leaves about twice the
effective draws of accepting or rejecting one proposal after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.inference.arrays import Array
from puffin.inference.chains import Advance
from puffin.inference.compiling import kernel
from puffin.inference.lanes import LANES, turn
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.guide import Guide, Target
from puffin.inference.proposal import Proposal
from puffin.inference.resampling import systematic

__all__ = ["Chain", "run_independence"]

_STARTS = 64
_PLENTY = 2000
_CHEAP_STATES = 400_000
_STATES_IN_CACHE = 262_144
_FEWEST_DRAWS, _MOST_DRAWS = 8, 128


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
    log_weights : ndarray of shape (n_proposals,)
        Of independent proposals.
    """

    points: Array
    mu: Array
    last: Array
    accepted: Array
    log_weights: Array


@dataclass(frozen=True)
class _Block:
    """Proposals with their weights; the chain's present state comes first."""

    log_weights: Array
    mu: Array
    last: Array
    states: NDArray[np.float32]


def run_independence(
    target: Target,
    guide: Guide,
    proposal: Proposal,
    stream: np.random.Generator,
    states: NDArray[np.float32],
    draws: int,
    thin: int,
    advance: Advance,
    *,
    paths: int,
) -> Chain:
    """Run a chain, which starts from one of its first proposals, chosen by weight.

    Where the series is short, several proposals are made for each draw.

    Parameters
    ----------
    states : ndarray of float32 of shape (n_kept, n_times)
        Takes the states of every `thin` draws.
    paths : int
        How many paths of the states are drawn for each proposal of the parameters, a divisor of 8.
        One of them is kept, by weight, and their mean weight is the proposal's: an unbiased
        estimate of the density takes its place (Andrieu & Roberts 2009), exactly for any number.
    """
    batch = Batch.of(target.n_times, stream)
    stride = _proposals_per_draw(target.n_times * paths, draws)
    at_once = _draws_at_once(target.n_times * stride)
    total = draws * stride + _STARTS
    points = proposal.draw(stream, total)
    log_offsets = target.coordinates.log_prior(points) - proposal.log_density(points)
    rows = target.coordinates.rows(points, guide.approximation.origin, guide.approximation.reach)
    room = max(at_once * stride, _STARTS) + 1
    block = _Block(
        np.empty(room), np.empty(room), np.empty(room), np.empty((room, target.n_times), np.float32)
    )

    def fill(first: int, count: int) -> None:
        """Make proposals number `first` and on, behind the present state."""
        _propose(target, guide, batch, stream, rows, log_offsets, first, count, paths, block)

    fill(0, _STARTS)
    chosen = np.empty(draws, np.int64)
    mu, last, log_weights = np.empty(draws), np.empty(draws), np.empty(draws * stride)
    present = 1 + int(np.argmax(block.log_weights[1 : _STARTS + 1] + stream.gumbel(size=_STARTS)))
    present_number = present - 1
    for done in range(0, draws, at_once):
        now = min(at_once, draws - done)
        for values in (block.log_weights, block.mu, block.last, block.states):
            values[0] = values[present]
        first, count = _STARTS + done * stride, now * stride
        fill(first, count)
        log_weights[done * stride :][:count] = block.log_weights[1 : count + 1]
        taken = systematic(block.log_weights[: count + 1], now, stream)
        chosen[done : done + now] = np.where(taken == 0, present_number, first + taken - 1)
        mu[done : done + now], last[done : done + now] = block.mu[taken], block.last[taken]
        kept = np.arange(-(-done // thin) * thin, done + now, thin)
        np.take(
            block.states, taken[kept - done], axis=0, mode="clip",
            out=states[-(-done // thin) :][: kept.size],
        )  # fmt: skip
        advance(now)
        pick = int(stream.integers(now))
        present, present_number = int(taken[pick]), int(chosen[done + pick])
    return Chain(
        points=points[chosen],
        mu=mu,
        last=last,
        accepted=(np.diff(chosen, prepend=-1) != 0).astype(np.float64),
        log_weights=log_weights,
    )


def _proposals_per_draw(n_times: int, draws: int) -> int:
    """Return how many proposals a draw is worth: several, where they cost next to nothing."""
    affordable = _CHEAP_STATES // (n_times * draws)
    return max(1, min(affordable, -(-_PLENTY // draws)))


def _draws_at_once(states_per_draw: int) -> int:
    return min(max(_STATES_IN_CACHE // states_per_draw, _FEWEST_DRAWS), _MOST_DRAWS)


def _propose(
    target: Target,
    guide: Guide,
    batch: Batch,
    stream: np.random.Generator,
    rows: Array,
    log_offsets: Array,
    first: int,
    count: int,
    paths: int,
    block: _Block,
) -> None:
    at_once = batch.size // paths
    turned = np.empty((LANES, target.n_times), np.float32)
    for done in range(0, count, at_once):
        now = min(at_once, count - done)
        columns = np.repeat(first + np.minimum(done + np.arange(at_once), count - 1), paths)
        target.observations.propose(
            batch, np.ascontiguousarray(rows[:, columns]), guide.approximation, 0.0, 1.0
        )
        weights, lanes = _pick(batch.log_weights.reshape(at_once, paths), stream)
        weights, lanes = weights[:now], lanes[:now]
        weights = weights + log_offsets[first + done : first + done + now]
        place = slice(1 + done, 1 + done + now)
        # A proposal so far out that numbers overflow has no chance.
        block.log_weights[place] = np.where(np.isfinite(weights), weights, -np.inf)
        block.mu[place] = batch.mu[lanes]
        block.last[place] = batch.states[lanes // LANES, -1, lanes % LANES]
        _gather(batch.states, lanes, turned, block.states[place])


def _pick(log_weights: Array, stream: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
    """Return the log of each row's mean weight, and the number of one element of it, by weight."""
    n, paths = log_weights.shape
    if paths == 1:
        return log_weights[:, 0], np.arange(n)
    weights = np.where(np.isfinite(log_weights), log_weights, -np.inf)
    highest = np.maximum(weights.max(axis=1), -1e300)
    mean = highest + np.log(np.maximum(np.exp(weights - highest[:, None]).mean(axis=1), 1e-300))
    winners = np.argmax(weights + stream.gumbel(size=weights.shape), axis=1)
    return mean, np.arange(n) * paths + winners


@kernel
def _gather(
    states: Array,
    lanes: NDArray[np.int64],
    turned: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the states of some lanes, shape (n_groups, n_times, 8), as rows of `out`.

    `turned`, of shape (8, n_times), is room for one group's.
    """
    n_times, group = out.shape[1], -1
    whole = n_times - n_times % LANES
    for row in range(lanes.size):
        if lanes[row] // LANES != group:
            group = lanes[row] // LANES
            for t in range(0, whole, LANES):
                turn(states, (group * n_times + t) * LANES, turned, t, n_times)
            for t in range(whole, n_times):
                for lane in range(LANES):
                    turned[lane, t] = states[group, t, lane]
        out[row] = turned[lanes[row] % LANES]
