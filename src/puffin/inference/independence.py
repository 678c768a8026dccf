"""Independence Metropolis from a multivariate t at the mode: for posteriors of a few dimensions.

Proposals do not depend on the chain's state, so that their densities are evaluated beforehand, for
all draws at once; where most are accepted the draws are nearly independent (Tierney 1994). The
proposal is a multivariate t, whose tails are heavier than the posterior's, centred at the mode; a
pilot run corrects its mean and covariance with truncated importance weights (Ionides 2008). The
weights also say whether it worked: where they are too uneven, random-walk Metropolis runs instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import kernel
from puffin.inference.chains import run_chains, streams
from puffin.inference.mode import LogDensity, find_mode
from puffin.inference.proposal import (
    Pilot,
    Proposal,
    fit_proposal,
    trustworthy,
    weight_report,
)
from puffin.inference.settings import Settings

__all__ = ["IndependenceSample", "run_independence", "sample_independence"]


_DEGREES = 5.0
_PILOT = 2000
_REFITS = 2
_GOOD_EFFICIENCY = 0.8
_WALK_STEPS = 10
_WALK_BURN_IN = 200


@dataclass(frozen=True)
class IndependenceSample:
    """Draws of shape (n_chains, n_draws, n_dims), whether each is new, and how it went.

    Attributes
    ----------
    log_weights : ndarray of shape (n_proposals,)
        Of the independent proposals, used or not: the logarithm of their mean weight estimates that
        of the density's integral.
    """

    values: Array
    accepted: Array
    method: str
    report: dict[str, float]
    log_weights: Array


def sample_independence(
    log_density: LogDensity,
    start: Array,
    settings: Settings,
) -> IndependenceSample:
    """Draw from the density, whatever its constant. Needs no tuning.

    Parameters
    ----------
    log_density : callable
        Maps points of shape (n_points, n_dims), any real numbers, to values of shape (n_points,).
    start : ndarray of shape (n_dims,)
        Where the search for the mode begins.
    """
    pilot_stream, *chain_streams = streams(settings.seed, settings.chains + 1)
    proposal, pilot = fit_proposal(
        log_density,
        find_mode(log_density, start),
        pilot_stream,
        degrees=_DEGREES,
        size=_PILOT,
        refits=_REFITS,
        good_efficiency=_GOOD_EFFICIENCY,
    )
    return run_independence(
        log_density, proposal, pilot, proposal.factor, settings, pilot_stream, chain_streams
    )


def run_independence(
    log_density: LogDensity,
    proposal: Proposal,
    pilot: Pilot,
    factor: Array,
    settings: Settings,
    pilot_stream: np.random.Generator,
    chain_streams: list[np.random.Generator],
    stride: int = 1,
) -> IndependenceSample:
    """Draw from the density by a proposal that is there already.

    Parameters
    ----------
    pilot : Pilot
        Of the proposal: chains start at its points, chosen by weight.
    factor : ndarray of shape (n_dims, n_dims)
        Of the covariance of a random walk's steps, should the weights be too uneven.
    stride : int, default 1
        How many proposals are made for each draw.
    """
    draws, chains = settings.draws, settings.chains
    first = pilot_stream.choice(len(pilot.points), size=chains, p=pilot.weights)

    def run(chain: int, _: object) -> tuple[Array, Array, Array]:
        stream = chain_streams[chain]
        candidates = np.concatenate(
            [pilot.points[first[chain]][None], proposal.draw(stream, draws * stride)]
        )
        log_weights = log_density(candidates) - proposal.log_density(candidates)
        chosen = np.empty(draws * stride, np.int64)
        _metropolis(log_weights, np.log(stream.random(draws * stride)), chosen)
        chosen = chosen[stride - 1 :: stride]
        return candidates[chosen], np.diff(chosen, prepend=0) != 0, log_weights[1:]

    parts = run_chains(run, settings)
    log_weights = np.concatenate([weights for _, _, weights in parts])
    report = weight_report(log_weights)
    accepted = np.array([moved for _, moved, _ in parts], dtype=np.float64)
    report["acceptance"] = float(accepted.mean())
    if trustworthy(report, chains * draws * stride):
        values = np.array([points for points, _, _ in parts])
        return IndependenceSample(values, accepted, "independence Metropolis", report, log_weights)
    start = pilot.points[first]
    walked, moved = _random_walk(log_density, proposal, factor, start, draws, chain_streams)
    report["acceptance"] = float(moved.mean())
    return IndependenceSample(walked, moved, "random-walk Metropolis", report, log_weights)


@kernel
def _metropolis(log_weights: Array, log_uniforms: Array, chosen: NDArray[np.int64]) -> None:
    """Write which candidate the chain is at after each proposal; it begins at candidate 0."""
    current = 0
    for proposal in range(log_uniforms.size):
        if log_uniforms[proposal] < log_weights[proposal + 1] - log_weights[current]:
            current = proposal + 1
        chosen[proposal] = current


def _random_walk(
    log_density: LogDensity,
    proposal: Proposal,
    factor: Array,
    start: Array,
    draws: int,
    chain_streams: list[np.random.Generator],
) -> tuple[Array, Array]:
    """Return draws, and the share of moves that each accepted.

    All chains run in step; a draw is nine random-walk moves and one independence move.
    """
    chains, n = start.shape
    factor = 2.38 / math.sqrt(n) * factor
    current, value = start.copy(), log_density(start)
    values, accepted = np.empty((chains, draws, n)), np.empty((chains, draws))
    for draw in range(-_WALK_BURN_IN, draws):
        moved = np.zeros(chains)
        for move in range(_WALK_STEPS):
            if move == 0:
                trial = np.concatenate([proposal.draw(stream, 1) for stream in chain_streams])
                correction = proposal.log_density(current) - proposal.log_density(trial)
            else:
                normals = np.array([stream.standard_normal(n) for stream in chain_streams])
                trial, correction = current + normals @ factor.T, np.zeros(chains)
            trial_value = log_density(trial)
            log_uniforms = np.log([stream.random() for stream in chain_streams])
            take = log_uniforms < trial_value - value + correction
            current = np.where(take[:, None], trial, current)
            value = np.where(take, trial_value, value)
            moved += take
        if draw >= 0:
            values[:, draw], accepted[:, draw] = current, moved / _WALK_STEPS
    return values, accepted
