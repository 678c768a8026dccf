"""The step of a log-variance from one period to the next."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from puffin.arrays import Array
from puffin.laws import Law

__all__ = ["draw_next_state"]


def draw_next_state(
    h: Array,
    parameters: Mapping[str, Array],
    law: Law,
    returned: float,
    stream: np.random.Generator,
) -> Array:
    r"""Draw the log-variance after `h`, given the return of its own period.

    .. math::

        h' = \mu + \phi (h - \mu) + \sigma \left(\rho z + \sqrt{1 - \rho^2} \, \eta\right)

    with :math:`\eta` standard normal, and z the Gaussian shock of the return's error under its law.
    Without leverage, or where the return is missing, the shock is :math:`\eta` alone.

    Parameters
    ----------
    h : ndarray
    parameters : mapping of str to ndarray
        `mu`, `phi`, `sigma`, what the model has of `mean` and `rho`, and the law's shape; each
        broadcasts with `h`.
    returned : float
        NaN where it is missing.
    """
    mu = parameters["mu"]
    shock = stream.standard_normal(h.shape)
    if "rho" in parameters and not math.isnan(returned):
        rho = parameters["rho"]
        known = law.given_volatility(h, parameters).shock(returned, stream)
        shock = rho * known + np.sqrt(1.0 - rho**2) * shock
    return np.asarray(mu + parameters["phi"] * (h - mu) + parameters["sigma"] * shock)
