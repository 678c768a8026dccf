"""The common prior of pooled Sharpe ratios, and the draws of its width tau, inside kernels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import part

__all__ = ["draw_pool_sd", "log_pool_prior"]


@part
def log_pool_prior(
    mu: Array, variance: Array, periods: Array, inflation: float, log_pool_sd: float
) -> float:
    """Return the log prior of means whose annual Sharpe ratios are N(0, tau^2), given tau."""
    inverse = math.exp(-2.0 * log_pool_sd) / inflation
    total = 0.0
    for k in range(mu.size):
        total -= 0.5 * math.log(variance[k] * inflation)
        total -= 0.5 * mu[k] * mu[k] * periods[k] * inverse / variance[k]
    return total


@part
def draw_pool_sd(
    stream: np.random.Generator,
    sizes: NDArray[np.int64],
    periods: Array,
    tails: Array,
    variances: Array,
    pool_sd: float,
    precision: float,
    shift: float,
    location: Array,
    log_pool_sd: Array,
) -> None:
    """Draw tau given mu / tau, moving mu with it, and then tau given mu."""
    precision += 1.0 / (pool_sd * pool_sd)
    new_pool_sd = _draw_positive_normal(stream, shift / precision, 1.0 / math.sqrt(precision))
    ratio = new_pool_sd * math.exp(-log_pool_sd[0])
    sum_of_squares, count = 0.0, 0.0
    for group in range(sizes.size):
        inflation = 1.0 + 2.0 * math.exp(-tails[group])
        for k in range(sizes[group]):
            mu = location[group, k] * ratio
            location[group, k] = mu
            sum_of_squares += mu * mu * periods[group, k] / (variances[group, k] * inflation)
            count += 1.0
    log_pool_sd[0] = _slice_log_pool_sd(
        stream, math.log(new_pool_sd), count, sum_of_squares, pool_sd
    )


@part
def _slice_log_pool_sd(
    stream: np.random.Generator, current: float, count: float, squares: float, pool_sd: float
) -> float:
    """Move log tau given `count` Sharpe ratios and the sum of their squares.

    Slice sampling by stepping out and shrinking (Neal 2003) of a log-concave density.
    """
    level = _log_density_of_pool_sd(current, count, squares, pool_sd) + math.log(stream.random())
    left = current - stream.random()
    right = left + 1.0
    while _log_density_of_pool_sd(left, count, squares, pool_sd) > level:
        left -= 1.0
    while _log_density_of_pool_sd(right, count, squares, pool_sd) > level:
        right += 1.0
    while True:
        trial = left + (right - left) * stream.random()
        if _log_density_of_pool_sd(trial, count, squares, pool_sd) > level:
            return trial
        if trial < current:
            left = trial
        else:
            right = trial


@part
def _log_density_of_pool_sd(
    log_pool_sd: float, count: float, squares: float, pool_sd: float
) -> float:
    tau = math.exp(log_pool_sd)
    return (
        (1.0 - count) * log_pool_sd
        - 0.5 * squares / (tau * tau)
        - 0.5 * (tau / pool_sd) * (tau / pool_sd)
    )


@part
def _draw_positive_normal(stream: np.random.Generator, mean: float, sd: float) -> float:
    """Draw from a normal truncated to positive numbers (Robert 1995)."""
    bound = -mean / sd
    if bound < 0.5:
        while True:
            draw = stream.standard_normal()
            if draw > bound:
                return mean + sd * draw
    rate = 0.5 * (bound + math.sqrt(bound * bound + 4.0))
    while True:
        draw = bound - math.log(stream.random()) / rate
        if math.log(stream.random()) < -0.5 * (draw - rate) * (draw - rate):
            return sd * (draw - bound)
