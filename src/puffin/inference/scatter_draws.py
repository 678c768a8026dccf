"""Draws of scale matrices, kept as factors of their inverses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array

__all__ = ["ScatterDraws"]


@dataclass(frozen=True)
class ScatterDraws:
    """Draws of the scale matrices Sigma of groups of series.

    A factor F with F F' = inverse of Sigma can be used where Sigma itself is singular to working
    precision, as that of nearly identical series is.

    Attributes
    ----------
    packed : ndarray of shape (n_chains, n_kept, n_numbers)
        Of each group in turn the lower triangle of F, row by row.
    sizes : tuple of int
        How many series each group has.
    every : int
        They belong to every so many draws of the other variables.
    """

    packed: Array
    sizes: tuple[int, ...]
    every: int

    def factors(self, group: int) -> Array:
        """Return the lower triangular F of a group: shape (n_chains * n_kept, size, size)."""
        numbers = [size * (size + 1) // 2 for size in self.sizes]
        first, size = sum(numbers[:group]), self.sizes[group]
        flat = self.packed.reshape(-1, self.packed.shape[-1])[:, first : first + numbers[group]]
        factors = np.zeros((len(flat), size, size))
        factors[(slice(None), *np.tril_indices(size))] = flat
        return factors

    def rescaled(self, scales: Sequence[Array]) -> ScatterDraws:
        """Return the draws for series of each group that are so many times as large."""
        by_row = [
            np.repeat(1.0 / np.asarray(scale), np.arange(1, size + 1))
            for scale, size in zip(scales, self.sizes, strict=True)
        ]
        return ScatterDraws(self.packed * np.concatenate(by_row), self.sizes, self.every)

    def roots(self, group: int) -> Array:
        """Return the upper triangular A with A A' = Sigma, of the same shape."""
        return _inverses_of_transposed(self.factors(group))


def _inverses_of_transposed(factors: Array) -> Array:
    """Return (L')^-1 of many lower triangular L at once, by back substitution."""
    inverse = np.zeros_like(factors)
    size = factors.shape[-1]
    for column in range(size):
        inverse[:, column, column] = 1.0 / factors[:, column, column]
        for row in range(column - 1, -1, -1):
            below = slice(row + 1, column + 1)
            products = np.einsum("dk,dk->d", factors[:, below, row], inverse[:, below, column])
            inverse[:, row, column] = -products / factors[:, row, row]
    return inverse
