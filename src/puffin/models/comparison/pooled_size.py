r"""How many independent draws the draws of a pooled posterior are worth.

Pooled draws are drawn one by one, and look independent. But all depend on the same own draws
of the strategies: what those have by chance is in every one, and in the width that they teach. (The
strategies are drawn with common random numbers, so that it does not average out over them either.)
So the own draws are cut into B blocks in the order of time, each is pooled by itself, and with
:math:`m_b` what is found of block b the Monte Carlo variance of the whole is
:math:`\operatorname{var}(m_b) / B` (batch means: Geyer 1992, "Practical Markov chain Monte Carlo",
Statistical Science 7). The effective number of draws is the posterior's variance over it, known to
about a half.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from puffin.arrays import Array

__all__ = ["pooled_sizes"]

_BLOCKS, _FEWEST_BLOCKS, _SMALLEST = 10, 5, 100
_TAIL = 0.1


def pooled_sizes(own: Array, pooled: Array, pool_again: Callable[[Array], Array]) -> Array:
    """Return the effective numbers of draws for means and for tails: shape (2, n_strategies).

    Zero where the draws are too few to tell, fewer than 500.

    Parameters
    ----------
    own : ndarray of shape (n_chains, n_draws, n_strategies)
        The own draws of each strategy, as they were sampled.
    pooled : ndarray of shape (n, n_strategies)
        Draws of the pooled posterior.
    pool_again : callable
        Takes some own draws, each column in ascending order, and returns pooled ones.
    """
    chains, draws, strategies = own.shape
    count = min(_BLOCKS, chains * draws // _SMALLEST, draws)
    if count < _FEWEST_BLOCKS:
        return np.zeros((2, strategies))
    tails = np.quantile(pooled, (_TAIL, 1.0 - _TAIL), axis=0)
    means, below = np.empty((count, strategies)), np.empty((count, 2, strategies))
    for b, block in enumerate(np.array_split(own, count, axis=1)):
        again = pool_again(np.sort(block.reshape(-1, strategies), axis=0))
        means[b] = again.mean(axis=0)
        below[b] = (again[:, None] <= tails).mean(axis=0)
    of_means = pooled.var(axis=0) / (means.var(axis=0, ddof=1) / count)
    of_tails = _TAIL * (1.0 - _TAIL) / (below.var(axis=0, ddof=1) / count)
    return np.minimum([of_means, of_tails.min(axis=0)], float(len(pooled)))
