"""Independence Metropolis from a multivariate t at the mode: for posteriors of a few dimensions.

Each proposal is drawn without regard to where the chain is, so its density is evaluated beforehand
for all draws at once, and the draws are as good as independent when most are accepted (Tierney
1994). The proposal is a multivariate t, whose tails are heavier than the posterior's, centred at
the mode; a pilot run corrects its mean and covariance with truncated importance weights (Ionides
2008). The weights also say whether it worked: where they are too uneven, random-walk Metropolis
runs instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.inference.arrays import Array
from puffin.inference.chains import run_chains, streams
from puffin.inference.compiling import kernel
from puffin.inference.failure import SamplingError
from puffin.inference.mode import LogDensity, find_mode
from puffin.inference.pareto import pareto_k_hat
from puffin.inference.settings import Settings

__all__ = ["IndependenceSample", "sample_independence"]


_DEGREES = 5.0
_PILOT = 2000
_REFITS = 2
_GOOD_EFFICIENCY = 0.8
_WORST_K_HAT = 0.7
_LEAST_EFFICIENCY = 0.05
_LEAST_ACCEPTANCE = 0.15
_LARGEST_WEIGHT = 0.02
_WALK_STEPS = 10
_WALK_BURN_IN = 200


@dataclass(frozen=True)
class IndependenceSample:
    """Draws of shape (n_chains, n_draws, n_dims), whether each is new, and how it went."""

    values: Array
    accepted: Array
    method: str
    report: dict[str, float]


@dataclass(frozen=True)
class _MultivariateT:
    """Multivariate t with location `centre` and scale matrix `factor @ factor.T`."""

    centre: Array
    factor: Array

    def draw(self, stream: np.random.Generator, size: int) -> Array:
        normals = stream.standard_normal((size, self.centre.size))
        mixing = np.sqrt(_DEGREES / stream.chisquare(_DEGREES, size))
        return np.asarray(
            self.centre + mixing[:, None] * np.einsum("ij,kj->ik", normals, self.factor)
        )

    def log_density(self, points: Array) -> Array:
        """Return the log-density up to a constant."""
        inverse = np.linalg.inv(self.factor)
        whitened = np.einsum("ij,kj->ik", points - self.centre, inverse)
        squares = np.einsum("ij,ij->i", whitened, whitened)
        n = self.centre.size
        spread = np.log(np.diag(self.factor)).sum()
        return np.asarray(-0.5 * (_DEGREES + n) * np.log1p(squares / _DEGREES) - spread)


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
    draws, chains = settings.draws, settings.chains
    pilot_stream, *chain_streams = streams(settings.seed, chains + 1)
    proposal, pilot, pilot_weights = _fit_proposal(log_density, start, pilot_stream)
    first = pilot_stream.choice(len(pilot), size=chains, p=pilot_weights)

    def run(chain: int, _: object) -> tuple[Array, Array, Array]:
        stream = chain_streams[chain]
        candidates = np.concatenate([pilot[first[chain]][None], proposal.draw(stream, draws)])
        log_weights = log_density(candidates) - proposal.log_density(candidates)
        chosen = _metropolis(log_weights, np.log(stream.random(draws)))
        return candidates[chosen], np.diff(chosen, prepend=0) != 0, log_weights[1:]

    parts = run_chains(run, settings)
    report = _report(np.concatenate([weights for _, _, weights in parts]))
    accepted = np.array([moved for _, moved, _ in parts], dtype=np.float64)
    report["acceptance"] = float(accepted.mean())
    if _trustworthy(report, chains * draws):
        values = np.array([points for points, _, _ in parts])
        return IndependenceSample(values, accepted, "independence Metropolis", report)
    return _random_walk(log_density, proposal, pilot[first], draws, chain_streams, report)


def _fit_proposal(
    log_density: LogDensity, start: Array, stream: np.random.Generator
) -> tuple[_MultivariateT, Array, Array]:
    """Return the proposal, and its pilot draws with their normalised weights."""
    mode = find_mode(log_density, start)
    proposal = _MultivariateT(mode.location, np.linalg.cholesky(mode.covariance))
    for refit in range(_REFITS + 1):
        pilot = proposal.draw(stream, _PILOT)
        log_weights = log_density(pilot) - proposal.log_density(pilot)
        weights = _normalised(log_weights)
        if refit == _REFITS or _efficiency(weights) > _GOOD_EFFICIENCY:
            break
        proposal = _moment_matched(pilot, weights)
    return proposal, pilot, weights


def _moment_matched(points: Array, weights: Array) -> _MultivariateT:
    truncated = np.minimum(weights, weights.mean() * math.sqrt(weights.size))
    truncated /= truncated.sum()
    centre = np.einsum("i,ij->j", truncated, points)
    errors = points - centre
    covariance = np.einsum("i,ij,ik->jk", truncated, errors, errors)
    scale = (_DEGREES - 2.0) / _DEGREES * covariance
    return _MultivariateT(centre, np.linalg.cholesky(scale))


def _normalised(log_weights: Array) -> Array:
    if not np.isfinite(log_weights).any():
        raise SamplingError("No proposal has a finite density.")
    weights = np.exp(log_weights - np.nanmax(log_weights))
    weights = np.nan_to_num(weights, nan=0.0)
    return np.asarray(weights / weights.sum())


def _efficiency(weights: Array) -> float:
    return float(1.0 / (weights.size * np.sum(weights * weights)))


def _report(log_weights: Array) -> dict[str, float]:
    weights = _normalised(log_weights)
    return {
        "pareto_k_hat": pareto_k_hat(np.log(np.maximum(weights, 1e-300))),
        "efficiency": _efficiency(weights),
        "largest_weight": float(weights.max()),
    }


def _trustworthy(report: dict[str, float], count: int) -> bool:
    return (
        report["pareto_k_hat"] < _WORST_K_HAT
        and report["efficiency"] > _LEAST_EFFICIENCY
        and report["acceptance"] > _LEAST_ACCEPTANCE
        and report["largest_weight"] < max(_LARGEST_WEIGHT, 20.0 / count)
    )


@kernel
def _metropolis(log_weights: Array, log_uniforms: Array) -> NDArray[np.int64]:
    """Return which candidate the chain is at after each proposal; it begins at candidate 0."""
    chosen = np.empty(log_uniforms.size, np.int64)
    current = 0
    for proposal in range(log_uniforms.size):
        if log_uniforms[proposal] < log_weights[proposal + 1] - log_weights[current]:
            current = proposal + 1
        chosen[proposal] = current
    return chosen


def _random_walk(
    log_density: LogDensity,
    proposal: _MultivariateT,
    start: Array,
    draws: int,
    chain_streams: list[np.random.Generator],
    report: dict[str, float],
) -> IndependenceSample:
    """Run all chains in step; a draw is nine random-walk moves and one independence move."""
    chains, n = start.shape
    factor = 2.38 / math.sqrt(n) * proposal.factor
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
    report = {**report, "acceptance": float(accepted.mean())}
    return IndependenceSample(values, accepted, "random-walk Metropolis", report)
