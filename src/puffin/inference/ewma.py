r"""Exponentially weighted volatility, with the uncertainty of its own effective sample size.

.. math:: s_t^2 = \lambda s_{t-1}^2 + (1 - \lambda) y_{t-1}^2

is a weighted mean of squares (J.P. Morgan 1996). Its weights are worth :math:`n = 1 / \sum w^2 =
(1 + \lambda) / (1 - \lambda)` observations, so that with normal returns :math:`\sigma_t^2 =
n s_t^2 / \chi^2_n`.
"""

from __future__ import annotations

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.chains import streams
from puffin.inference.draws import Draws
from puffin.inference.settings import Settings

__all__ = ["DECAY", "METHOD", "sample_ewma"]

DECAY = 0.94
METHOD = f"EWMA (decay {DECAY:g})"
_SIZE = (1.0 + DECAY) / (1.0 - DECAY)


def sample_ewma(y: Array, settings: Settings) -> Draws:
    """Draw log-variances `h`, shape (n_chains, n_draws, n_times), and `h_next` of the next period.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        Returns; NaN where one is missing.
    """
    variance = _weighted_variance(y - np.nanmean(y))
    shape = (settings.draws, variance.size)
    draws = []
    for stream in streams(settings.seed, settings.chains):
        chi_square = stream.chisquare(_SIZE, shape)
        draws.append(np.log(variance * _SIZE / chi_square).astype(np.float32))
    h = np.array(draws)
    return Draws({"h": h[..., :-1], "h_next": h[..., -1].astype(np.float64)}, METHOD)


def _weighted_variance(y: Array) -> Array:
    """Return the weighted variance before each return, from that of all, and after the last."""
    level, variances = float(np.nanvar(y)), np.empty(y.size + 1)
    for t in range(y.size):
        variances[t] = level
        if np.isfinite(y[t]):
            level = DECAY * level + (1.0 - DECAY) * y[t] ** 2
    variances[-1] = level
    return variances
