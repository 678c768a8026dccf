r"""The spreads within groups of `puffin.inference.hierarchical.sampler`, compiled.

A coefficient's :math:`\tau` adds a matrix of rank one to the variance of each estimate of its
group. With R the precision of an estimate about its mean where :math:`\tau_j = 0`, x the estimate
less that mean, :math:`k = R_{jj}` and :math:`s = (R x)_j`, the coefficients integrated out,

.. math::

    2 \log p(x \mid \tau_j) = \text{const} + \frac{s^2 \tau_j^2}{1 + k \tau_j^2}
        - \log(1 + k \tau_j^2)
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import part
from puffin.inference.slice_sampling import slice_move

__all__ = ["Said", "add_spreads", "move_spreads", "own_spreads", "say_of_spread"]

_LARGE = 1e200


@part
def own_spreads(spread: Array, active: float, tau: Array) -> None:
    """Write the spreads of one asset's coefficients; its first is none if that is zero."""
    for j in range(tau.size):
        tau[j] = spread[j]
    tau[0] *= active


@part
def add_spreads(
    own_precision: Array, spread: Array, without: int, column: Array, precision: Array
) -> None:
    """Write the precision of one estimate about its mean (Sherman and Morrison).

    Parameters
    ----------
    own_precision : ndarray of shape (q, q)
        Where all coefficients are known.
    spread : ndarray of shape (q,)
    without : int
        The coefficient whose spread is left out, or -1.
    column : ndarray of shape (q,)
        Scratch.
    precision : ndarray of shape (q, q)
    """
    q = column.size
    for j in range(q):
        for m in range(q):
            precision[j, m] = own_precision[j, m]
    for k in range(q):
        if k != without:
            variance = spread[k] * spread[k]
            share = variance / (1.0 + variance * precision[k, k])
            for j in range(q):
                column[j] = precision[j, k]
            for j in range(q):
                for m in range(q):
                    precision[j, m] -= share * column[j] * column[m]


class Said(NamedTuple):
    """What each estimate says of one coefficient's spread: k and s, shape (n_assets,)."""

    known: Array
    scores: Array


@part
def say_of_spread(
    j: int,
    rest: Array,
    own_precision: Array,
    spread: Array,
    groups: NDArray[np.intp],
    active: Array,
    tau: Array,
    column: Array,
    precision: Array,
    said: Said,
) -> None:
    """Write what estimates, less their means, say of the spread of coefficient j."""
    for i in range(groups.size):
        own_spreads(spread[groups[i]], active[i], tau)
        add_spreads(own_precision[i], tau, j, column, precision)
        score = 0.0
        for m in range(column.size):
            score += precision[j, m] * rest[i, m]
        said.known[i], said.scores[i] = precision[j, j], score


class _SpreadAt(NamedTuple):
    """A factor of spreads, and what its density depends on.

    Attributes
    ----------
    said, groups
        Of all assets.
    first, last : int
        The assets that the spreads are of.
    base : ndarray of shape (n_groups,)
        The spreads that it multiplies.
    power, rising, falling : float
        Of the prior: that power of the factor, over exp(rising f^2 + falling / f^2).
    """

    said: Said
    groups: NDArray[np.intp]
    first: int
    last: int
    base: Array
    power: float
    rising: float
    falling: float


@part
def _spread_density(log_factor: float, at: _SpreadAt) -> float:
    """Return the log density of the logarithm of a factor of spreads."""
    square, value, product = math.exp(2.0 * log_factor), 0.0, 1.0
    for i in range(at.first, at.last):
        variance = square * at.base[at.groups[i]] ** 2
        total = 1.0 + variance * at.said.known[i]
        value += at.said.scores[i] ** 2 * variance / total
        # A logarithm for many factors, which are all above one.
        product *= total
        if product > _LARGE:
            value -= math.log(product)
            product = 1.0
    value -= math.log(product)
    return 0.5 * value + at.power * log_factor - at.rising * square - at.falling / square


_move_factor = slice_move(_spread_density)


@part
def move_spreads(
    stream: np.random.Generator,
    said: Said,
    groups: NDArray[np.intp],
    starts: NDArray[np.intp],
    scale: float,
    ones: Array,
    spread: Array,
    typical: float,
) -> float:
    """Move one coefficient's tau, of shape (n_groups,), in place; return its s.

    First each tau given s, then s given all tau, then both by one factor: this moves them where
    they are small, and hardly move apart.

    Parameters
    ----------
    starts : ndarray of int of shape (n_groups + 1,)
        The first asset of each group, and how many there are.
    scale : float
        S.
    ones : ndarray of shape (n_groups,)
    """
    n_groups, squares, n_assets = spread.size, 0.0, groups.size
    rising = 0.5 / scale**2
    for move in range(n_groups + 2):
        start, at = 0.0, _SpreadAt(said, groups, 0, n_assets, spread, 1.0, rising * typical**2, 0.0)
        if move < n_groups:
            start, first, last = math.log(spread[move]), starts[move], starts[move + 1]
            at = _SpreadAt(said, groups, first, last, ones, 1.0, 0.5 / typical**2, 0.0)
        elif move == n_groups:
            start = math.log(typical)
            at = _SpreadAt(said, groups, 0, 0, ones, 1.0 - n_groups, rising, 0.5 * squares)
        moved = math.exp(_move_factor(stream, start, at))
        if move < n_groups:
            spread[move] = moved
            squares += moved * moved
        elif move == n_groups:
            typical = moved
        else:
            typical *= moved
            for g in range(n_groups):
                spread[g] *= moved
    return typical
