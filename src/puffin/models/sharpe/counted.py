"""A posterior of independent returns made honest: the law's fit checked, time's dependence counted.

First `sample_moments`: where the law does not fit, mean and standard deviation go by the sample.
Then `dependence`: the deviations of every draw from the centre are widened by how much the returns
hang together in time. Mean, standard deviation and share of active periods move; the law's shape
stays. Both need nothing but the influence of every observation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from puffin.arrays import Array
from puffin.inference.settings import Settings
from puffin.models.sharpe.annualisation import AnnualRatio
from puffin.models.sharpe.dependence import LongRunRatio, long_run_ratio
from puffin.models.sharpe.influence import Scores, sample_influence
from puffin.models.sharpe.priors import SharpePriors
from puffin.models.sharpe.sample_moments import Location, SampleMoments, sample_moments

__all__ = ["Counted", "ExcessReturns", "count", "misfit"]


@dataclass(frozen=True)
class ExcessReturns:
    """The observations, which of them are active, and the unit of the priors."""

    values: Array
    active: NDArray[np.bool_]
    scale: float


@dataclass(frozen=True)
class Counted:
    """What is left of a law's posterior when its fit and time's dependence are counted.

    Attributes
    ----------
    variables : mapping of str to ndarray of shape (n_chains, n_draws)
        `mu`, `sd` and maybe `prob_active`.
    influence : ndarray of shape (n_observations,)
        On the Sharpe ratio.
    sample_weight : float
        How far mean and standard deviation were drawn to the sample's: 0 not, 1 all the way.
    dependence : LongRunRatio
        How much more the returns' sum varies than that of independent ones.
    """

    variables: dict[str, Array]
    influence: Array
    sample_weight: float
    dependence: LongRunRatio


def misfit(
    variables: Mapping[str, Array],
    ratio: AnnualRatio,
    scores: Scores,
    returns: ExcessReturns,
    priors: SharpePriors,
) -> tuple[Location, SampleMoments, float]:
    """Return what the law says of mean and spread, what the sample says, and the weight of that."""
    draws = np.array([variables["mu"].ravel(), np.log(variables["sd"]).ravel()])
    influences = np.array([scores.influence(one) for one in draws])[:, returns.active]
    location = Location(draws, influences)
    sample = sample_moments(returns.values[returns.active], priors, returns.scale)
    at_the_sample = {"mu": sample.centre[0], "sd": np.exp(sample.centre[1])}
    if "prob_active" in variables:
        at_the_sample["prob_active"] = variables["prob_active"].mean()
    gap = float(np.abs(ratio(at_the_sample) - ratio(variables).mean()))
    distance = gap / _sample_error(returns.values, ratio.periods)
    return location, sample, sample.weight(location, distance)


def count(
    variables: Mapping[str, Array],
    ratio: AnnualRatio,
    scores: Scores,
    returns: ExcessReturns,
    priors: SharpePriors,
    settings: Settings,
) -> Counted:
    """Check the law's fit and count the dependence.

    Parameters
    ----------
    variables : mapping of str to ndarray of shape (n_chains, n_draws)
        The posterior of independent returns.
    ratio : AnnualRatio
    scores : Scores
        Of the observations, in those variables.
    """
    location, sample, weight = misfit(variables, ratio, scores, returns, priors)
    location = sample.blend(location, weight)
    draws, influences = location.draws, np.zeros((2, returns.values.size))
    influences[:, returns.active] = location.influences
    if "prob_active" in variables:
        activity = logit(variables["prob_active"].ravel())
        draws = np.vstack([draws, activity])
        influences = np.vstack([influences, scores.influence(activity)])
    shape = variables["mu"].shape
    sharpe = ratio(_variables(draws, shape)).ravel()
    centre = draws.mean(axis=1, keepdims=True)
    slopes = np.linalg.lstsq((draws - centre).T, sharpe - sharpe.mean())[0]
    influence = slopes @ influences
    dependence = long_run_ratio(influence)
    by_data = max(0.0, 1.0 - float(np.var(variables["mu"])) / (returns.scale * priors.mu_sd) ** 2)
    kappa = 1.0 / (1.0 - by_data + by_data / dependence.draw(settings))
    widened = centre + np.sqrt(kappa).ravel() * (draws - centre)
    return Counted(_variables(widened, shape), influence, weight, dependence)


def _variables(draws: Array, shape: tuple[int, ...]) -> dict[str, Array]:
    """Return (mu, log sd) or (mu, log sd, logit of the share) by their names."""
    variables = {"mu": draws[0].reshape(shape), "sd": np.exp(draws[1]).reshape(shape)}
    if len(draws) > 2:
        variables["prob_active"] = expit(draws[2]).reshape(shape)
    return variables


def _sample_error(values: Array, periods: float) -> float:
    """Return the standard error of the sample's annual Sharpe ratio, of independent returns."""
    of_mean, of_log_sd = sample_influence(values)
    influence = (of_mean - values.mean() * of_log_sd) / values.std()
    return float(np.sqrt(periods) * np.linalg.norm(influence))
