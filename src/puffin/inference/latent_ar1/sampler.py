"""The posterior of a latent AR(1) chain and its parameters.

Parameters and states are proposed together, without regard to where the chain is: the parameters
from a split t or a mixture of t, mu and the states from a transported Gaussian given them
(`sweeps`). Independence Metropolis makes of them draws from the exact posterior. The importance
weights say whether this works (where those of a pilot are poor, or the model draws choices besides
the states, guide and proposal go to where the posterior is beforehand). Where it does not, the
proposal is fitted to the weights so far and the chains run again, with no draw kept of the first
run; then the mean weight of eight paths takes the place of each weight; where that does not work
either, `local_moves` run instead.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.lanes import LANES
from puffin.inference.chains import Advance, Purpose, run_chains, streams
from puffin.inference.draws import Draws
from puffin.inference.latent_ar1.adapting import adapt
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.guide import (
    Guide,
    Start,
    Target,
    find_guide,
    find_proposal,
    refit_proposal,
)
from puffin.inference.latent_ar1.independence import Chain, ThinnedStates, run_independence
from puffin.inference.latent_ar1.local_moves import run_local_moves
from puffin.inference.latent_ar1.pool import Pool
from puffin.inference.proposal import Proposal, trustworthy, weight_report
from puffin.inference.settings import Settings

__all__ = ["LatentSample", "sample_latent_ar1"]

LOCAL_MOVES = "local-move Metropolis"
_LONGEST_RUN = 0.02
_LEAST_EFFICIENCY = 0.2
_WORST_K_HAT = 0.5
"""Above it weights have no variance, so that chains do not know their own error: at 0.5 to 0.7,
quantiles and probabilities of jumps were up to six errors off."""
_POOR_PILOT = 0.3
"""Below it the guide is not where the posterior is, and moves there: see `adapting`."""
_MEAN_EXISTS, _ENOUGH_FOR_MEAN = 1.0, 0.2
_EVIDENCE = ("log_marginal_likelihood", "log_marginal_likelihood_se")
_DOUBTS = ("pareto_k_hat", "efficiency", "largest_weight", "longest_rejection")


class _Attempt(NamedTuple):
    """A way of proposing independently: so many paths for each proposal, from streams of its own.

    So each attempt's normals are the same whatever came before.
    """

    method: str
    paths: int
    purpose: Purpose


_ATTEMPTS = (
    _Attempt("independence Metropolis", 1, Purpose.INDEPENDENT_PROPOSALS),
    _Attempt("independence Metropolis", 1, Purpose.REFITTED_PROPOSALS),
    _Attempt("pseudo-marginal Metropolis", 8, Purpose.PROPOSALS_OF_MANY_PATHS),
    _Attempt("pseudo-marginal Metropolis", 8, Purpose.REFITTED_PROPOSALS_OF_MANY_PATHS),
    _Attempt("pseudo-marginal Metropolis", 8, Purpose.THIRD_PROPOSALS_OF_MANY_PATHS),
)
"""One after the other, until one is reliable: each proposes as the weights of all before it say."""


@dataclass(frozen=True)
class LatentSample:
    """Draws, and where a later sample can start.

    Attributes
    ----------
    draws : Draws
        Variables `mu`, `phi`, `sigma`, those of mean, nu and rho that the model has, `h_last` (the
        last state), and `h` of shape (n_chains, n_kept, n_times), float32.
    thin : int
        States are kept of every so many draws.
    """

    draws: Draws
    thin: int
    start: Start


def sample_latent_ar1(
    target: Target,
    settings: Settings,
    *,
    thin: int = 1,
    start: Start | None = None,
) -> LatentSample:
    """Draw parameters and states.

    Parameters
    ----------
    target : Target
    settings : Settings
        `tune` matters to the safety net only.
    thin : int
        Keep the states of every so many draws.
    start : Start, optional
        Of an earlier sample, perhaps of a shorter series.
    """
    [pilot_stream] = streams(settings.seed, 1, purpose=Purpose.PILOT)
    batch = Batch.of(target.n_times, pilot_stream)
    guide = find_guide(target, start, batch, pilot_stream)
    guide = guide.with_choices(target)
    if not guide.approximation.n_choices:
        proposal, pilot = find_proposal(target, guide, batch, pilot_stream)
    if guide.approximation.n_choices or pilot.efficiency < _POOR_PILOT:
        guide, proposal, pilot = adapt(target, guide, pilot_stream)

    n_kept = -(-settings.draws // thin)
    states = np.empty((settings.chains, n_kept, target.n_times), np.float32)
    kept = ThinnedStates(states, thin)
    pool = Pool(guide.mode.location.size)
    for attempt in _ATTEMPTS:
        method = attempt.method
        chains = _run_attempt(attempt, target, guide, proposal, settings, kept)
        report = _report(chains)
        count = sum(chain.log_weights.size for chain in chains)
        if _reliable(report, count, settings.draws):
            break
        points = np.concatenate([chain.proposed for chain in chains])
        log_weights = np.concatenate([chain.log_weights for chain in chains])
        pool.add(proposal, points, log_weights + proposal.log_density(points))
        proposal = refit_proposal(guide, pool.points, pool.log_weights, pilot_stream)
    else:
        method = LOCAL_MOVES
        chains = _run_net(target, guide, proposal, settings, kept)
        report = _of_the_weights_alone(report)
        report["acceptance"] = float(np.mean([chain.accepted for chain in chains]))
    report["pilot_efficiency"] = pilot.efficiency
    return LatentSample(_draws(target, chains, states, method, report), thin, guide.start)


def _run_attempt(
    attempt: _Attempt,
    target: Target,
    guide: Guide,
    proposal: Proposal,
    settings: Settings,
    kept: ThinnedStates,
) -> list[Chain]:
    chain_streams = streams(settings.seed, settings.chains, purpose=attempt.purpose)

    def run(chain: int, advance: Advance) -> Chain:
        return run_independence(
            target, guide, proposal, chain_streams[chain], kept.of(chain), settings.draws,
            advance, paths=attempt.paths,
        )  # fmt: skip

    return run_chains(run, dataclasses.replace(settings, tune=0))


def _run_net(
    target: Target,
    guide: Guide,
    proposal: Proposal,
    settings: Settings,
    kept: ThinnedStates,
) -> list[Chain]:
    net_streams = streams(settings.seed, settings.chains, purpose=Purpose.LOCAL_MOVES)
    teams = [slice(first, first + LANES) for first in range(0, len(net_streams), LANES)]

    def run(team: int, advance: Advance) -> list[Chain]:
        return run_local_moves(
            target, guide, proposal, net_streams[teams[team]], kept.of(teams[team]),
            settings.draws, settings.tune, advance,
        )  # fmt: skip

    by_team = run_chains(run, dataclasses.replace(settings, chains=len(teams), tune=0))
    return [chain for team in by_team for chain in team]


def _report(chains: list[Chain]) -> dict[str, float]:
    """Return what the weights say, and an estimate of the log marginal likelihood."""
    log_weights = np.concatenate([chain.log_weights for chain in chains])
    if not np.isfinite(log_weights).any():
        nothing = dict.fromkeys((*_DOUBTS, "acceptance"), 0.0)
        return nothing | {"pareto_k_hat": math.inf, "largest_weight": 1.0}
    report = weight_report(log_weights)
    highest = float(np.nanmax(log_weights))
    weights = np.nan_to_num(np.exp(log_weights - highest), nan=0.0)
    report["log_marginal_likelihood"] = highest + math.log(weights.mean())
    of_pairs = weights.reshape(-1, 2).mean(axis=1)
    report["log_marginal_likelihood_se"] = float(
        of_pairs.std() / of_pairs.mean() / math.sqrt(of_pairs.size)
    )
    report["acceptance"] = float(np.mean([chain.accepted for chain in chains]))
    report["longest_rejection"] = float(max(_longest_run(chain.accepted) for chain in chains))
    return report


def _of_the_weights_alone(report: dict[str, float]) -> dict[str, float]:
    """Return what made independent proposals unreliable, and the evidence where it is not.

    Chains of them stay too long where they are, or a standard deviation is that of few large
    weights. The weights' mean takes less than either: that they have one, and enough of them.
    """
    found = {f"independent_{name}": report[name] for name in _DOUBTS}
    if report["pareto_k_hat"] < _MEAN_EXISTS and report["efficiency"] > _ENOUGH_FOR_MEAN:
        found |= {name: report[name] for name in _EVIDENCE}
    return found


def _longest_run(accepted: Array) -> int:
    """Return how often at most a draw is followed by itself."""
    edges = np.flatnonzero(np.concatenate([[True], accepted > 0.0, [True]]))
    return int(np.diff(edges).max()) - 1


def _reliable(report: dict[str, float], count: int, draws: int) -> bool:
    """Return whether `count` weights, and chains of so many draws, can be relied on.

    Of weights as uneven as those of jumps a tenth may be effective, and k-hat still in order: a
    quantile of sigma was 5 of its standard errors off there.
    """
    longest = max(_LONGEST_RUN * draws, 20.0)
    return (
        trustworthy(report, count)
        and report["pareto_k_hat"] < _WORST_K_HAT
        and report["efficiency"] > _LEAST_EFFICIENCY
        and report["longest_rejection"] <= longest
    )


def _draws(
    target: Target,
    chains: list[Chain],
    states: NDArray[np.float32],
    method: str,
    report: dict[str, float],
) -> Draws:
    points = np.array([chain.points for chain in chains])
    variables: dict[str, Array] = {
        parameter.name: parameter.natural(points[..., column])
        for column, parameter in enumerate(target.coordinates.parameters)
    }
    variables["mu"] = np.array([chain.mu for chain in chains])
    variables["h_last"] = np.array([chain.last for chain in chains])
    variables["h"] = states
    accepted = np.array([chain.accepted for chain in chains])
    return Draws(variables, method, {"accepted": accepted}, report)
