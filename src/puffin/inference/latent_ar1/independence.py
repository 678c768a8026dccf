"""Independence Metropolis over parameters and states, proposed together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.inference.arrays import Array
from puffin.inference.chains import Advance
from puffin.inference.compiling import kernel, part
from puffin.inference.lanes import LANES, turn
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
    accepted: Array
    log_weights: Array
    longest_rejection: int


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
        One of them is kept, by weight, and their mean weight is the proposal's: Metropolis with an
        unbiased estimate of the density (Andrieu & Roberts 2009), exact for any number.
    """
    batch = Batch.of(target.n_times, stream)
    stride = _proposals_per_draw(target.n_times * paths, draws)
    total = draws * stride + _STARTS
    points = proposal.draw(stream, total)
    log_offsets = target.coordinates.log_prior(points) - proposal.log_density(points)
    rows = target.coordinates.rows(points, guide.approximation.origin)
    log_uniforms = np.log(stream.random(total))
    # A race: the winner among the first proposals is drawn in proportion to its weight.
    log_uniforms[:_STARTS] = -stream.gumbel(size=_STARTS)
    chosen = np.empty(total, np.int64)
    mu, last, log_weights = np.empty(total), np.empty(total), np.empty(total)
    turned = np.empty((LANES, target.n_times), np.float32)
    state, position = np.empty(target.n_times, np.float32), np.array([-np.inf, 0.0])
    at_once = batch.size // paths
    for first in range(0, total, at_once):
        count = min(at_once, total - first)
        columns = np.repeat(np.arange(first, first + at_once) % total, paths)
        target.observations.propose(
            batch, np.ascontiguousarray(rows[:, columns]), guide.approximation, 0.0, 1.0
        )
        weights, lanes = _pick(batch.log_weights.reshape(at_once, paths), stream)
        weighed = weights[:count] + log_offsets[first : first + count]
        # A proposal so far out that numbers overflow has no chance.
        weighed = np.where(np.isfinite(weighed), weighed, -np.inf)
        mu[first : first + count] = batch.mu[lanes[:count]]
        log_weights[first : first + count] = weighed
        _accept(
            first, _STARTS, stride, thin, weighed, lanes, log_uniforms, batch.states, turned,
            position, state, chosen, last, states,
        )  # fmt: skip
        finished = max(first + count - _STARTS, 0) // stride
        advance(finished - max(first - _STARTS, 0) // stride)
    kept = chosen[_STARTS::stride]
    moved = np.diff(chosen)[_STARTS - 1 :] != 0
    return Chain(
        points=points[kept],
        mu=mu[kept],
        last=last[_STARTS::stride],
        accepted=moved.reshape(draws, stride).mean(axis=1),
        log_weights=log_weights[_STARTS:],
        longest_rejection=_longest_run(moved),
    )


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
    lanes: NDArray[np.int64],
    log_uniforms: Array,
    proposed: Array,
    turned: NDArray[np.float32],
    position: Array,
    state: Array,
    chosen: NDArray[np.int64],
    last: Array,
    states: Array,
) -> None:
    """Accept or reject a batch of proposals in turn; `lanes` says where their states are.

    `position` holds the log-weight that the next one is compared with, and the number of the
    proposal where the chain is. Among the first `starts` proposals the winner of a Gumbel race
    is found instead: there `log_uniforms` are minus Gumbel noise.

    Parameters
    ----------
    turned : ndarray of float32 of shape (8, n_times)
        Room for the states of one vector's proposals, each in a row.
    """
    n_times, group = state.size, -1
    for proposal in range(log_weights.size):
        number, lane = first + proposal, lanes[proposal]
        if lane // LANES != group:
            group = lane // LANES
            _turn_all(proposed, group, turned)
        weight = log_weights[proposal]
        score = weight - log_uniforms[number] if number < starts else weight
        if number == starts:
            position[0] = position[0] + log_uniforms[int(position[1])]
        threshold = position[0] if number < starts else position[0] + log_uniforms[number]
        if score > threshold or number == 0:
            position[0], position[1] = score, number
            state[:] = turned[lane % LANES]
        chosen[number] = int(position[1])
        last[number] = state[n_times - 1]
        since = number - starts
        if since >= 0 and since % (stride * thin) == 0:
            states[since // (stride * thin)] = state


@part
def _turn_all(proposed: Array, group: int, turned: NDArray[np.float32]) -> None:
    """Write one vector's states, shape (n_times, 8), as rows of `turned`, shape (8, n_times)."""
    n_times = turned.shape[1]
    whole = n_times - n_times % LANES
    for t in range(0, whole, LANES):
        turn(proposed, (group * n_times + t) * LANES, turned, t, n_times)
    for t in range(whole, n_times):
        for row in range(LANES):
            turned[row, t] = proposed[group, t, row]
