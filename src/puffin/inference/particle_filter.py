r"""Stochastic volatility filtered: log-variances given returns up to the present one.

The bootstrap filter (Gordon, Salmond & Smith 1993) with systematic resampling: particles are
weighed by the density of the return given their log-variance, taken by weight, and moved to the
next period. Where there are measures of the log-variance, a particle is drawn given these as well,
and weighed by their density given where it came from: however exact they are, most particles are
where they say. There is a filter for each draw of the parameters; all of them go through time
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.measures import Measure, draw_measured_state
from puffin.inference.next_state import next_state_moments
from puffin.inference.regressors import Explained
from puffin.laws import Law

__all__ = ["filter_states", "taken"]

Values = TypeVar("Values", bound=NDArray[Any])

_PARTICLES = 256
_KEPT = 16


def filter_states(
    y: Array,
    parameters: Mapping[str, Array],
    law: Law,
    stream: np.random.Generator,
    *,
    log_measures: Array | None = None,
    measures: Sequence[Measure] = (),
    explained: Explained | None = None,
) -> NDArray[np.float32]:
    """Draw from the filter of each of several parameters.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        Returns; NaN where one is missing.
    parameters : mapping of str to ndarray of shape (n_filters,)
        `mu`, `phi`, `sigma`, what the model has of `mean` and `rho`, the law's shape, and what the
        measures have.
    log_measures : ndarray of shape (n_times, n_measures), optional
        NaN where one is missing.
    measures : sequence of Measure
    explained : Explained, optional
        By regressors, of shape (n_times,) or (n_filters, n_times).

    Returns
    -------
    ndarray of float32 of shape (n_filters * 16, n_times)
        Log-variances, less what regressors explain, equally weighted.
    """
    rows = {name: values[:, None] for name, values in parameters.items()}
    n_filters = parameters["mu"].size
    if log_measures is None:
        log_measures = np.empty((y.size, 0))
    if explained is None:
        explained = Explained(np.zeros(y.size), np.zeros(y.size))
    stationary = rows["sigma"] / np.sqrt(1.0 - rows["phi"] ** 2)
    size = (n_filters, _PARTICLES)
    moments = np.broadcast_to(rows["mu"], size), np.broadcast_to(stationary, size)
    kept = np.empty((n_filters, _KEPT, y.size), np.float32)
    each = _PARTICLES // _KEPT
    places = each * np.arange(_KEPT)
    for t, value in enumerate(y.tolist()):
        now, (mean, sd) = explained.at(t).of_draws(), moments
        total, log_weights = draw_measured_state(
            (mean + now.log_variance, sd), log_measures[t], measures, rows, stream
        )
        log_weights += _log_likelihood(total, value - now.mean, rows, law)
        h: Array = total - now.log_variance
        h = taken(h, log_weights, stream.random((n_filters, 1)))
        first = stream.integers(each, size=(n_filters, 1))
        kept[..., t] = np.take_along_axis(h, first + places, axis=1)
        moments = next_state_moments(h, rows, law, value, stream, explained=now)
    return kept.reshape(-1, y.size)


def _log_likelihood(h: Array, value: Array, parameters: Mapping[str, Array], law: Law) -> Array:
    """Return the log density of a return given each particle; zero where it is missing."""
    if np.isnan(value).any():
        return np.zeros_like(h)
    return law.given_volatility(h, parameters).log_density(value)


def taken(values: Values, log_weights: NDArray[Any], starts: NDArray[Any]) -> Values:
    """Return each row's values taken by weight, systematically and in order (Kitagawa 1996).

    Position i + start is in the value whose cumulated weight, of n in all, is the first above it:
    the number of positions below each says how often its value is taken.

    Parameters
    ----------
    values, log_weights : ndarray of shape (n_rows, n)
    starts : ndarray of shape (n_rows, 1)
        Uniform between 0 and 1.
    """
    n = values.shape[1]
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    cumulated = np.cumsum(weights, axis=1)
    total = cumulated[:, -1:]
    below = np.minimum(np.ceil(cumulated * (n / total) - starts), n)
    below[cumulated >= total] = n
    counts = np.diff(below, axis=1, prepend=0.0).astype(np.int64)
    found: Values = np.repeat(values.ravel(), counts.ravel()).reshape(values.shape)  # type: ignore[assignment]
    return found
