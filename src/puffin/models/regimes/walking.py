r"""What would have been known at each time: fits to the past alone, and the filter in between.

Draws are made given the returns up to some time. From there each draw's filter goes on, and its
weight is multiplied by the density of each return (`updating`), so that the next regime's
probabilities and the density of the next return are those of all returns so far,

.. math::

    P(s_{t+1} \mid y_{1:t}) = \sum_i w_i P(s_{t+1} \mid y_{1:t}, \theta_i), \qquad
    p(y_{t+1} \mid y_{1:t}) = \sum_i w_i \, p(y_{t+1} \mid y_{1:t}, \theta_i)

Where the weights are worth too few draws, or after so many returns, it is fitted again, after the
last return too. Nothing at a time depends on what comes later, or on whether anything does.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from puffin.arrays import Array
from puffin.inference.settings import Settings
from puffin.models.regimes.draws import RegimeDraws
from puffin.models.regimes.sampling import sample
from puffin.models.regimes.specification import Specification
from puffin.models.regimes.updating import LEAST_EFFICIENCY, filter_on

__all__ = ["Walk", "walk"]

_BLOCK = 64
"""Returns that are filtered at a time, some of them in vain."""


@dataclass(frozen=True)
class Walk:
    """What was known at each time from the first fit on.

    Attributes
    ----------
    probabilities : ndarray of shape (n_times - start + 1, n_regimes)
        Of the regime of the period to come; the last is after all returns.
    log_scores : ndarray of shape (n_times - start,)
        Log density of each return given those before it.
    fits : int
    """

    probabilities: Array
    log_scores: Array
    fits: int


def walk(
    y: Array, specification: Specification, settings: Settings, start: int, every: int | None = None
) -> Walk:
    """Fit to the first `start` returns, and go on from there.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        NaN where a return is missing.
    every : int, optional
        Fit again after so many returns at the latest.
    """
    draws, fitted_at, fits = sample(y[:start], specification, settings), start, 1
    probabilities, scores = [_next(draws)], list[Array]()
    at = start
    while at < y.size:
        end = min(at + _BLOCK, y.size, fitted_at + (every or y.size))
        stretch = _stretch(draws, y[at:end])
        probabilities.append(stretch.probabilities)
        scores.append(stretch.log_scores)
        at += stretch.log_scores.size
        draws = stretch.draws
        if stretch.worn_out or at == fitted_at + (every or y.size):
            draws = sample(y[:at], specification, settings, scale=draws.scale, step=draws.step)
            probabilities[-1][-1] = _next(draws)[0]
            fitted_at, fits = at, fits + 1
    return Walk(np.concatenate(probabilities), np.concatenate([np.empty(0), *scores]), fits)


class _Stretch(NamedTuple):
    """What draws say of returns that come, as far as their weights go."""

    probabilities: Array
    log_scores: Array
    draws: RegimeDraws
    worn_out: bool


def _next(draws: RegimeDraws) -> Array:
    """Return the probabilities of the next regime by draws of equal weight, a row."""
    return np.asarray(draws.ahead.mean(axis=(0, 1))[None])


def _stretch(draws: RegimeDraws, y: Array) -> _Stretch:
    found = filter_on(draws, y)
    log_weights = np.cumsum(np.column_stack([draws.weights.ravel(), found.log_predictive]), axis=1)
    totals = logsumexp(log_weights, axis=0)
    weights = np.exp(log_weights - totals)
    with np.errstate(invalid="ignore"):
        worn = ~(1.0 / (len(weights) * (weights**2).sum(axis=0)) > LEAST_EFFICIENCY)[1:]
    count = int(np.argmax(worn)) + 1 if worn.any() else y.size
    probabilities = np.einsum(
        "nt,ntj->tj", weights[:, 1 : count + 1], found.predicted[:, 1 : count + 1]
    )
    longer = dataclasses.replace(
        draws,
        ahead=found.predicted[:, count].reshape(draws.ahead.shape),
        log_weights=log_weights[:, count].reshape(draws.weights.shape),
    )
    return _Stretch(probabilities, np.diff(totals)[:count], longer, bool(worn.any()))
