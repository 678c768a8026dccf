r"""A return more: the filter of each draw goes on, and its weight is multiplied.

.. math:: w \leftarrow w \, p(y_{T+1} \mid y_{1:T}, \theta), \qquad
    P(s_{T+2} \mid y_{1:T+1}, \theta)

(IBIS; Chopin 2002, "A sequential particle filter method for static models", Biometrika 89). This is
exact, and takes no earlier return. Weights grow uneven; where too few draws are left, effectively,
it is time for new ones.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from puffin.arrays import Array
from puffin.inference.regimes.paths import Filtered, run_filter
from puffin.models.regimes.draws import RegimeDraws, efficiency

__all__ = ["LEAST_EFFICIENCY", "add_returns", "filter_on"]

LEAST_EFFICIENCY = 0.6
_FEWEST_DRAWS = 100


def filter_on(draws: RegimeDraws, y: Array) -> Filtered:
    """Return what each draw's filter says of the returns after those it is given.

    Parameters
    ----------
    y : ndarray of shape (n_new,)
        NaN where one is missing.
    """
    start = draws.ahead.reshape(-1, draws.n_regimes)
    pieces = list(run_filter(y, draws.parameters, draws.law, start))
    arrays = (np.concatenate(parts) for parts in zip(*(piece[1:] for piece in pieces), strict=True))
    return Filtered(slice(0, len(start)), *arrays)


def add_returns(draws: RegimeDraws, y: Array) -> RegimeDraws | None:
    """Return draws given more returns, or None where there would be too few effective ones."""
    if draws.ahead.shape[1] < _FEWEST_DRAWS:
        return None
    found = filter_on(draws, y)
    log_weights = draws.weights + found.log_predictive.sum(axis=1).reshape(draws.weights.shape)
    with np.errstate(invalid="ignore"):
        if not efficiency(log_weights) > LEAST_EFFICIENCY:
            return None
    ahead = found.predicted[:, -1].reshape(draws.ahead.shape)
    return dataclasses.replace(draws, ahead=ahead, log_weights=log_weights)
