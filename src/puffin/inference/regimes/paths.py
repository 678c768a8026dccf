r"""What is known of each period's regime, draw by draw: filter, smoother, and whole paths.

Given the parameters, :math:`P(s_t \mid y_1, \dots, y_{t-1})` is *predicted*, with :math:`y_t` it is
*filtered* (Hamilton 1989), with all returns *smoothed* (Kim 1994),

.. math::

    P(s_t = i \mid y_{1:T}) = P(s_t = i \mid y_{1:t})
        \sum_j P_{ij} \frac{P(s_{t+1} = j \mid y_{1:T})}{P(s_{t+1} = j \mid y_{1:t})}

and a path is drawn backwards, :math:`P(s_t = i \mid s_{t+1}, y_{1:t}) \propto P(s_t = i \mid
y_{1:t}) P_{i s_{t+1}}` (Chib 1996).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import kernel
from puffin.inference.regimes.parameters import RegimeParameters
from puffin.inference.threads import go_on
from puffin.laws import Law

__all__ = ["Filtered", "draw_paths", "run_filter", "smooth"]

_AT_ONCE = 2**19
"""Probabilities that are held at a time."""


class Filtered(NamedTuple):
    """What the filter says, of several draws.

    Attributes
    ----------
    draws : slice
        Which draws these are.
    predicted, filtered : ndarray of shape (n_draws, n_times + 1, n_regimes)
        Given the returns before a period, and with its own; the last is the period after all, of
        which nothing is observed.
    log_predictive : ndarray of shape (n_draws, n_times)
        Log density of each return given those before.
    """

    draws: slice
    predicted: Array
    filtered: Array
    log_predictive: Array


def run_filter(
    y: Array, parameters: RegimeParameters, law: Law, start: Array | None = None
) -> Iterator[Filtered]:
    """Run the filter for each draw, some draws at a time.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        NaN where a return is missing.
    start : ndarray of shape (n_draws, n_regimes), optional
        Probabilities of the first period's regime, by default the initial ones.
    """
    n, k = parameters.mean.shape
    at_once = max(1, _AT_ONCE // ((y.size + 1) * k))
    start = parameters.initial if start is None else start
    for first in range(0, n, at_once):
        go_on()
        draws = slice(first, min(first + at_once, n))
        some = parameters.take(draws)
        logs = some.log_densities(y, law)
        size = (len(logs), y.size + 1, k)
        found = Filtered(draws, np.empty(size), np.empty(size), np.empty(logs.shape[:2]))
        found.predicted[:, 0] = start[draws]
        _forward(logs, some.transition, found.predicted, found.filtered, found.log_predictive)
        yield found


def smooth(found: Filtered, transition: Array) -> Array:
    """Return probabilities given all returns, shape (n_draws, n_times + 1, n_regimes)."""
    smoothed = np.empty_like(found.filtered)
    _backward(found.predicted, found.filtered, transition[found.draws], smoothed)
    return smoothed


def draw_paths(found: Filtered, transition: Array, stream: np.random.Generator) -> NDArray[np.int8]:
    """Draw a path of regimes for each draw, shape (n_draws, n_times + 1), regimes from 0."""
    paths = np.empty(found.filtered.shape[:2], np.int8)
    _backward_sample(found.filtered, transition[found.draws], stream.random(paths.shape), paths)
    return paths


@kernel
def _forward(
    logs: Array, transition: Array, predicted: Array, filtered: Array, log_predictive: Array
) -> None:
    """Write everything after the first period's predicted probabilities."""
    n_draws, n_times, k = logs.shape
    for draw in range(n_draws):
        for t in range(n_times):
            highest = logs[draw, t, 0]
            for j in range(1, k):
                highest = max(highest, logs[draw, t, j])
            total = 0.0
            for j in range(k):
                joint = predicted[draw, t, j] * math.exp(logs[draw, t, j] - highest)
                filtered[draw, t, j] = joint
                total += joint
            log_predictive[draw, t] = highest + math.log(total)
            for j in range(k):
                filtered[draw, t, j] /= total
            for j in range(k):
                entering = 0.0
                for i in range(k):
                    entering += filtered[draw, t, i] * transition[draw, i, j]
                predicted[draw, t + 1, j] = entering
        for j in range(k):
            filtered[draw, n_times, j] = predicted[draw, n_times, j]


@kernel
def _backward(predicted: Array, filtered: Array, transition: Array, smoothed: Array) -> None:
    n_draws, n_times, k = filtered.shape
    for draw in range(n_draws):
        for j in range(k):
            smoothed[draw, n_times - 1, j] = filtered[draw, n_times - 1, j]
        for t in range(n_times - 2, -1, -1):
            for i in range(k):
                total = 0.0
                for j in range(k):
                    if predicted[draw, t + 1, j] > 0.0:
                        ratio = smoothed[draw, t + 1, j] / predicted[draw, t + 1, j]
                        total += transition[draw, i, j] * ratio
                smoothed[draw, t, i] = filtered[draw, t, i] * total


@kernel
def _backward_sample(
    filtered: Array, transition: Array, uniforms: Array, paths: NDArray[np.int8]
) -> None:
    n_draws, n_times, k = filtered.shape
    for draw in range(n_draws):
        following = -1
        for t in range(n_times - 1, -1, -1):
            total = 0.0
            for i in range(k):
                weight = filtered[draw, t, i]
                if following >= 0:
                    weight *= transition[draw, i, following]
                total += weight
            left = uniforms[draw, t] * total
            chosen = k - 1
            for i in range(k):
                weight = filtered[draw, t, i]
                if following >= 0:
                    weight *= transition[draw, i, following]
                left -= weight
                if left < 0.0:
                    chosen = i
                    break
            following = chosen
            paths[draw, t] = chosen
