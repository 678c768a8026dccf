r"""Whether a series returns to a mean, or is a random walk.

.. math::

    M_0: \; s_t = s_{t-1} + \sigma u_t, \qquad
    M_1: \; s_t - m = \phi (s_{t-1} - m) + \sigma u_t, \quad \phi \sim U(0, 1)

with equal prior probabilities, given :math:`s_1`, and :math:`p(\sigma) \propto 1 / \sigma` in both.
Under :math:`M_1` the first value is stationary around the mean, so that given it
:math:`m \sim N(s_1, \sigma^2 / (1 - \phi^2))` (Schotman & van Dijk 1991): as :math:`\phi` goes
to 1 the model becomes the random walk, and the comparison is fair. A flat prior on m is not: it
finds mean reversion in two thirds of pure random walks.

With :math:`\delta_t = s_t - s_1`, N steps and :math:`k = (1 - \phi) / (1 + \phi)`, m and
:math:`\sigma` integrate out:

.. math::

    p(s | \phi) \propto (1 + N k)^{-1/2} \Big(\sum_t v_t^2 - \frac{k}{1 + N k}
        \big(\sum_t v_t\big)^2\Big)^{-N/2}, \qquad v_t = \delta_t - \phi \delta_{t-1}

and :math:`M_0` is the same at :math:`\phi = 1`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from puffin.arrays import Array
from puffin.inference.inversion import essential_grid, invert

__all__ = ["ReversionPosterior", "reversion_posterior"]

_HIGHEST_LOGIT = 14.0


@dataclass(frozen=True)
class ReversionPosterior:
    """Probability of mean reversion, and quantiles of phi if it is there.

    Attributes
    ----------
    log_factor : float
        Logarithm of the Bayes factor of M_1 against M_0.
    phi : ndarray of shape (n_quantiles,)
        Posterior quantiles under M_1, at evenly spaced levels.
    """

    log_factor: float
    phi: Array

    @property
    def probability(self) -> float:
        """Of M_1; the prior's is one half."""
        return float(expit(self.log_factor))


def reversion_posterior(s: Array, quantiles: int = 4_000) -> ReversionPosterior:
    """Return the posterior of the two models, and of phi.

    Parameters
    ----------
    s : ndarray of shape (n_times,)
        At least three values, not on a straight line of no steps.
    """
    delta = s - s[0]
    now, before = delta[1:], delta[:-1]
    N = now.size
    squares = float(now @ now), float(now @ before), float(before @ before)
    sums = float(now.sum()), float(before.sum())
    steps = np.diff(s)
    log_walk = -0.5 * N * np.log(float(steps @ steps))

    def log_likelihood(phi: Array) -> Array:
        k = (1.0 - phi) / (1.0 + phi)
        total = sums[0] - phi * sums[1]
        residual = squares[0] - 2.0 * phi * squares[1] + phi**2 * squares[2]
        residual = residual - k / (1.0 + N * k) * total**2
        return np.asarray(-0.5 * np.log1p(N * k) - 0.5 * N * np.log(residual))

    def log_density(logit: Array) -> Array:
        phi = 1.0 / (1.0 + np.exp(-logit))
        return np.asarray(log_likelihood(phi) - log_walk + np.log(phi) + np.log1p(-phi))

    grid = essential_grid(log_density, -_HIGHEST_LOGIT, _HIGHEST_LOGIT)
    values = log_density(grid)
    top = values.max()
    log_factor = top + np.log(np.trapezoid(np.exp(values - top), grid))
    levels = (np.arange(quantiles) + 0.5) / quantiles
    phi = 1.0 / (1.0 + np.exp(-invert(grid, values, levels)))
    return ReversionPosterior(float(log_factor), phi)
