r"""What each observation does to the posterior mean of a Sharpe ratio.

To first order in the observations' log-densities, observation t moves the posterior mean of S by

.. math::

    I_t = \operatorname{Cov}(S, \theta)' \, \nabla_\theta \log p(x_t | \theta)

at the posterior mean of :math:`\theta`: the influence function of the maximum-likelihood
functional, with the posterior's covariance in the place of the inverse information (Giordano &
Broderick 2023). Here :math:`\theta` is :math:`(\mu, \log \sigma, \log \nu)`, with the logit of the
probability of being active where a strategy is flat at times.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array

__all__ = ["sharpe_influence"]


def sharpe_influence(
    variables: Mapping[str, Array], active: Array, places: NDArray[np.bool_]
) -> Array:
    """Return what each observation does to the posterior mean of the Sharpe ratio.

    Parameters
    ----------
    variables : mapping of str to ndarray of shape (n_chains, n_draws)
        `mu`, `sigma`, `nu` and `sharpe`, and `prob_active` where a strategy is flat at times.
    active : ndarray of shape (n_active,)
        The observations that are Student-t.
    places : ndarray of bool of shape (n_observations,)
        Which of all observations those are.

    Returns
    -------
    ndarray of shape (n_observations,)
    """
    parameters = [variables["mu"], np.log(variables["sigma"]), np.log(variables["nu"])]
    scores = np.zeros((3, places.size))
    scores[:, places] = _student_t_scores(active, *(float(one.mean()) for one in parameters))
    if "prob_active" in variables:
        share = variables["prob_active"]
        parameters.append(np.log(share / (1.0 - share)))
        scores = np.vstack([scores, places - places.mean()])
    sharpe = variables["sharpe"] - variables["sharpe"].mean()
    covariances = np.array([np.mean(sharpe * (one - one.mean())) for one in parameters])
    return np.asarray(covariances @ scores)


def _student_t_scores(x: Array, mu: float, log_sigma: float, log_nu: float) -> Array:
    """Return each observation's scores, centred, as they are where the likelihood is greatest."""
    sigma, nu = np.exp(log_sigma), np.exp(log_nu)
    squares = ((x - mu) / sigma) ** 2
    weights = (nu + 1.0) / (nu + squares)
    scores = np.array(
        [
            weights * (x - mu) / sigma**2,
            weights * squares,
            0.5 * (weights * squares - nu * np.log1p(squares / nu)),
        ]
    )
    return np.asarray(scores - scores.mean(axis=1, keepdims=True))
