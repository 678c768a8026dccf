r"""What each observation does to a posterior mean.

To first order in the observations' log-densities, observation t moves the posterior mean of a
function S of the parameters :math:`\theta` by

.. math::

    I_t = \operatorname{Cov}(S, \theta)' \, \nabla_\theta \log p(x_t | \theta)

at the posterior mean of :math:`\theta`: the influence function of the maximum-likelihood
functional, with the posterior's covariance in the place of the inverse information (Giordano &
Broderick 2023, "The Bayesian infinitesimal jackknife for variance"). Their sum of squares is the
variance of S over samples, where observations are independent.

Any law will do: the scores are differences of its log-density. Where a strategy is flat at times,
the logit of the probability of being active is a parameter too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.laws import Law

__all__ = ["Scores", "sample_influence", "score"]

_STEP = 1e-3
"""Of a difference, in posterior standard deviations."""


@dataclass(frozen=True)
class Scores:
    """Draws of the parameters, and the score of each observation in them.

    Attributes
    ----------
    parameters : ndarray of shape (n_parameters, n_draws)
    scores : ndarray of shape (n_parameters, n_observations)
        Centred, as they are where the likelihood is greatest.
    """

    parameters: Array
    scores: Array

    def influence(self, draws: Array) -> Array:
        """Return what each observation does to the posterior mean of something.

        Parameters
        ----------
        draws : ndarray of shape (n_draws,)
            Its draws, in the order of those of the parameters.
        """
        deviations = self.parameters - self.parameters.mean(axis=1, keepdims=True)
        covariances = deviations @ (draws - draws.mean()) / draws.size
        return np.asarray(covariances @ self.scores)


def score(
    law: Law, variables: Mapping[str, Array], excess: Array, active: NDArray[np.bool_]
) -> Scores:
    """Return the scores of the observations.

    Parameters
    ----------
    law : Law
        Of the errors.
    variables : mapping of str to ndarray of shape (n_chains, n_draws)
        `mu`, `sd`, the law's shape, and `rho` or `prob_active` if the model has them.
    excess : ndarray of shape (n_observations,)
    active : ndarray of bool of shape (n_observations,)
        Which of them the law is about.
    """
    names = ["mu", "sd", *law.shape_names, *(["rho"] if "rho" in variables else [])]
    draws = np.array([variables[name].ravel() for name in names])
    centre, spread = draws.mean(axis=1), draws.std(axis=1)
    x = excess[active]

    def log_density(point: Array) -> Array:
        return _log_density(law, dict(zip(names, point, strict=True)), x)

    scores = np.zeros((len(names), excess.size))
    for i, step in enumerate(_STEP * spread):
        if step > 0.0:
            move = step * np.eye(len(names))[i]
            difference = log_density(centre + move) - log_density(centre - move)
            scores[i, active] = difference / (2.0 * step)
            scores[i, active] -= scores[i, active].mean()
    if "prob_active" in variables:
        share = variables["prob_active"].ravel()
        draws = np.vstack([draws, np.log(share / (1.0 - share))])
        scores = np.vstack([scores, active - active.mean()])
    return Scores(draws, scores)


def _log_density(law: Law, point: Mapping[str, Array], x: Array) -> Array:
    if "rho" not in point:
        return law.log_density((x - point["mu"]) / point["sd"], point) - np.log(point["sd"])
    rho, deviations = point["rho"], x - point["mu"]
    spread = point["sd"] * np.sqrt(1.0 - rho**2)
    errors = (deviations[1:] - rho * deviations[:-1]) / spread
    following = law.log_density(errors, point) - np.log(spread)
    return np.concatenate([following[:1], following])


def sample_influence(x: Array) -> Array:
    """Return what each observation does to the sample's mean and log standard deviation.

    Of shape (2, n_observations): :math:`(x_t - m) / n` and :math:`(z_t^2 - 1) / 2 n`.
    """
    deviations = x - x.mean()
    return np.array([deviations, 0.5 * (deviations**2 / x.var() - 1.0)]) / x.size
