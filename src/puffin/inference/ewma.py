r"""Exponentially weighted volatility, with the uncertainty of its own effective sample size.

.. math:: s_t^2 = \lambda s_{t-1}^2 + (1 - \lambda) y_{t-1}^2

is a weighted mean of squares (J.P. Morgan 1996). Its weights are worth :math:`n_t = 1 / \sum w^2`
observations, :math:`(1 + \lambda) / (1 - \lambda)` in the long run, so that with normal returns
:math:`\sigma_t^2 = n_t s_t^2 / \chi^2_{n_t}`.
"""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import streams
from puffin.inference.draws import Draws
from puffin.inference.settings import Settings

__all__ = ["DECAY", "METHOD", "sample_ewma"]

DECAY = 0.94
METHOD = f"EWMA (decay {DECAY:g})"


def sample_ewma(y: Array, settings: Settings, thin: int = 1) -> Draws:
    """Draw log-variances: `h`, shape (n_chains, n_kept, n_times), and `h_next` of the next period.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        Returns less their mean; NaN where one is missing.
    thin : int
        Keep `h` of every so many draws.
    """
    variance, size = _weighted_variance(y)
    kept = -(-settings.draws // thin)
    paths, following = [], []
    for stream in streams(settings.seed, settings.chains):
        path = np.empty((kept, y.size), np.float32)
        for row in path:
            row[:] = np.log(variance[:-1] * size[:-1] / stream.chisquare(size[:-1]))
        paths.append(path)
        last = stream.chisquare(size[-1], settings.draws)
        following.append(np.log(variance[-1] * size[-1] / last))
    return Draws({"h": np.array(paths), "h_next": np.array(following)}, METHOD)


def _weighted_variance(y: Array) -> tuple[Array, Array]:
    """Return the weighted variance before each return and after the last, and its sample size.

    It starts at the variance of all returns, whose sample size is their number less one.
    """
    level, squared_weights = float(np.nanvar(y)), 1.0 / max(np.isfinite(y).sum() - 1, 1)
    variances, sizes = np.empty(y.size + 1), np.empty(y.size + 1)
    for t in range(y.size + 1):
        variances[t], sizes[t] = level, 1.0 / squared_weights
        if t < y.size and np.isfinite(y[t]):
            level = DECAY * level + (1.0 - DECAY) * y[t] ** 2
            squared_weights = DECAY**2 * squared_weights + (1.0 - DECAY) ** 2
    return variances, sizes
