"""Independence Metropolis over parameters and states, proposed together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.inference.arrays import Array
from puffin.inference.chains import Advance
from puffin.inference.compiling import kernel
from puffin.inference.lanes import LANES
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.guide import Guide, Target
from puffin.inference.proposal import Proposal

__all__ = ["Chain", "run_independence"]

_STARTS = 64
_PLENTY = 2000
_CHEAP_STATES = 400_000


@dataclass(frozen=True)
class Chain:
    """What one chain visited.

    Attributes
    ----------
    points : ndarray of shape (n_draws, n_dims)
    mu, last : ndarray of shape (n_draws,)
        Level, and the last state.
    states : ndarray of float32 of shape (n_kept, n_times)
        Every so many draws.
    accepted : ndarray of shape (n_draws,)
        Share of the draw's proposals that were accepted.
    log_weights : ndarray of shape (n_proposals,)
        Of independent proposals.
    longest_rejection : int
        Length of the longest run of rejected proposals.
    """

    points: Array
    mu: Array
    last: Array
    states: NDArray[np.float32]
    accepted: Array
    log_weights: Array
    longest_rejection: int


def run_independence(
    target: Target,
    guide: Guide,
    proposal: Proposal,
    stream: np.random.Generator,
    draws: int,
    thin: int,
    advance: Advance,
) -> Chain:
    """Run a chain, which starts from one of its first proposals, chosen by weight.

    Where the series is short, several proposals are made for each draw.
    """
    batch = Batch.of(target.n_times, stream)
    stride = _proposals_per_draw(target.n_times, draws)
    total = draws * stride + _STARTS
    points = proposal.draw(stream, total)
    log_offsets = target.coordinates.log_prior(points) - proposal.log_density(points)
    rows = target.coordinates.rows(points, guide.approximation.origin)
    log_uniforms = np.log(stream.random(total))
    # A race: the winner among the first proposals is drawn in proportion to its weight.
    log_uniforms[:_STARTS] = -stream.gumbel(size=_STARTS)
    chosen = np.empty(total, np.int64)
    mu, last, log_weights = np.empty(total), np.empty(total), np.empty(total)
    states = np.empty((-(-draws // thin), target.n_times), np.float32)
    state, position = np.empty(target.n_times, np.float32), np.array([-np.inf, 0.0])
    for first in range(0, total, batch.size):
        columns = np.arange(first, first + batch.size) % total
        target.observations.propose(
            batch, np.ascontiguousarray(rows[:, columns]), guide.approximation, 0.0, 1.0
        )
        weighed = batch.log_weights + log_offsets[columns]
        # A proposal so far out that numbers overflow has no chance.
        batch.log_weights[:] = np.where(np.isfinite(weighed), weighed, -np.inf)
        count = min(batch.size, total - first)
        mu[first : first + count] = batch.mu[:count]
        log_weights[first : first + count] = batch.log_weights[:count]
        _accept(
            first, _STARTS, stride, thin, batch.log_weights[:count], log_uniforms, batch.states, position,
            state, chosen, last, states,
        )  # fmt: skip
        finished = max(first + count - _STARTS, 0) // stride
        advance(finished - max(first - _STARTS, 0) // stride)
    kept = chosen[_STARTS::stride]
    moved = np.diff(chosen)[_STARTS - 1 :] != 0
    return Chain(
        points=points[kept],
        mu=mu[kept],
        last=last[_STARTS::stride],
        states=states,
        accepted=moved.reshape(draws, stride).mean(axis=1),
        log_weights=log_weights[_STARTS:],
        longest_rejection=_longest_run(moved),
    )


def _proposals_per_draw(n_times: int, draws: int) -> int:
    """Return how many proposals a draw is worth: several, where they cost next to nothing."""
    affordable = _CHEAP_STATES // (n_times * draws)
    return max(1, min(affordable, -(-_PLENTY // draws)))


def _longest_run(moved: NDArray[np.bool_]) -> int:
    """Return the length of the longest run of rejected proposals."""
    edges = np.flatnonzero(np.concatenate([[True], moved, [True]]))
    return int(np.diff(edges).max()) - 1


@kernel
def _accept(
    first: int,
    starts: int,
    stride: int,
    thin: int,
    log_weights: Array,
    log_uniforms: Array,
    proposed: Array,
    position: Array,
    state: Array,
    chosen: NDArray[np.int64],
    last: Array,
    states: Array,
) -> None:
    """Accept or reject a batch of proposals in turn.

    `position` holds the log-weight that the next one is compared with, and the number of the
    proposal where the chain is. Among the first `starts` proposals the winner of a Gumbel race
    is found instead: there `log_uniforms` are minus Gumbel noise.
    """
    n_times = state.size
    for lane in range(log_weights.size):
        number = first + lane
        weight = log_weights[lane]
        score = weight - log_uniforms[number] if number < starts else weight
        if number == starts:
            position[0] = position[0] + log_uniforms[int(position[1])]
        threshold = position[0] if number < starts else position[0] + log_uniforms[number]
        if score > threshold or number == 0:
            position[0], position[1] = score, number
            for t in range(n_times):
                state[t] = proposed[lane // LANES, t, lane % LANES]
        chosen[number] = int(position[1])
        last[number] = state[n_times - 1]
        since = number - starts
        if since >= 0 and since % (stride * thin) == 0:
            for t in range(n_times):
                states[since // (stride * thin), t] = state[t]
