"""The probability of backtest overfitting, by combinatorially symmetric cross-validation."""

from __future__ import annotations

import itertools

import numpy as np

from puffin.arrays import Array

__all__ = ["probability_of_overfitting"]

_BLOCKS, _SHORTEST = 16, 5
_BATCH = 2000


def probability_of_overfitting(excess: Array) -> float:
    """Return how often the best of one half of the time is worse than the median in the other.

    The periods are cut into 16 blocks in a row (fewer where these would be shorter than five
    periods), and each half of the blocks is in turn what the best is selected by; the others are
    what it is judged by. A frequency, not a posterior: near a half where there is no more than luck
    to select by, near 0 where the best is better wherever one looks. Where all trials are nearly
    one it is near a half as well, whether that one is any good or not.

    Parameters
    ----------
    excess : ndarray of shape (n_observations, n_trials)

    Returns
    -------
    float
        NaN with a single trial, or fewer than ten periods.

    References
    ----------
    Bailey, Borwein, Lopez de Prado & Zhu (2017), The probability of backtest overfitting. Journal
    of Computational Finance 20(4).
    """
    observations, trials = excess.shape
    blocks = min(_BLOCKS, observations // _SHORTEST)
    blocks -= blocks % 2
    if blocks < 2 or trials < 2:
        return float("nan")
    scaled = excess / excess.std(axis=0)
    cut = np.array_split(scaled, blocks)
    lengths = np.array([len(one) for one in cut], float)
    sums = np.array([one.sum(axis=0) for one in cut])
    squares = np.array([(one**2).sum(axis=0) for one in cut])
    chosen = np.array(list(itertools.combinations(range(blocks), blocks // 2)))
    halves = np.zeros((len(chosen), blocks))
    np.put_along_axis(halves, chosen, 1.0, axis=1)
    below = 0
    for half in np.array_split(halves, -(-len(halves) // _BATCH)):
        selected = _ratios(half, lengths, sums, squares).argmax(axis=1)
        judged = _ratios(1.0 - half, lengths, sums, squares)
        own = judged[np.arange(len(half)), selected][:, None]
        rank = (judged < own).sum(axis=1) + 0.5 * ((judged == own).sum(axis=1) + 1)
        below += int((rank <= 0.5 * (trials + 1)).sum())
    return below / len(halves)


def _ratios(half: Array, lengths: Array, sums: Array, squares: Array) -> Array:
    """Return the Sharpe ratios of all trials in each selection of blocks."""
    count = (half @ lengths)[:, None]
    mean = half @ sums / count
    variance = np.maximum(half @ squares / count - mean**2, np.finfo(float).tiny)
    return np.asarray(mean / np.sqrt(variance))
