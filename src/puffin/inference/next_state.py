"""The step of a log-variance from one period to the next."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from puffin.arrays import Array
from puffin.inference.regressors import NOTHING_EXPLAINED, Explained
from puffin.laws import Law

__all__ = ["draw_next_state", "next_state_moments"]


def draw_next_state(
    h: Array,
    parameters: Mapping[str, Array],
    law: Law,
    returned: float | Array,
    stream: np.random.Generator,
    *,
    explained: Explained = NOTHING_EXPLAINED,
) -> Array:
    """Draw the log-variance after `h`, given the return of its own period.

    See `next_state_moments`.
    """
    shock = stream.standard_normal(h.shape)
    mean, sd = next_state_moments(h, parameters, law, returned, stream, explained=explained)
    return mean + sd * shock


def next_state_moments(
    h: Array,
    parameters: Mapping[str, Array],
    law: Law,
    returned: float | Array,
    stream: np.random.Generator,
    *,
    explained: Explained = NOTHING_EXPLAINED,
) -> tuple[Array, Array]:
    r"""Return mean and standard deviation of the log-variance after `h`, which is Gaussian.

    .. math::

        h' = \mu + \phi (h - \mu) + \sigma \left(\rho z + \sqrt{1 - \rho^2} \, \eta\right)

    with :math:`\eta` standard normal, and z the Gaussian shock of the return's error under its law.
    Without leverage, or where the return is missing, the shock is :math:`\eta` alone.

    Parameters
    ----------
    h : ndarray
        Less what regressors explain.
    parameters : mapping of str to ndarray
        `mu`, `phi`, `sigma`, what the model has of `mean` and `rho`, and the law's shape; each
        broadcasts with `h`.
    returned : float or ndarray
        NaN if it is missing.
    explained : Explained, optional
        What regressors explain in that period.

    Returns
    -------
    tuple of ndarray
        Each of the shape of `h`. With leverage they are given a draw of z, where an error may be of
        several shocks.
    """
    mu, sigma = parameters["mu"], parameters["sigma"]
    mean, sd = mu + parameters["phi"] * (h - mu), np.broadcast_to(sigma, h.shape)
    if "rho" in parameters and not np.isnan(returned).any():
        rho = parameters["rho"]
        given = law.given_volatility(h + explained.log_variance, parameters)
        shock = given.shock(returned - explained.mean, stream)
        mean, sd = mean + sigma * rho * shock, sd * np.sqrt(1.0 - rho**2)
    return mean, sd
