r"""How the returns of strategies move together, and what is not known of it.

The correlation of two strategies is that of their returns on the periods which both have. Its
posterior is the Bayesian bootstrap's (Rubin 1981, "The Bayesian bootstrap", Annals of Statistics
9): each draw weighs the periods by a Dirichlet, and takes the correlation under those weights, so
that heavy tails make it less certain, as they should. With n shared periods it is shrunk towards
zero by n / (n + 1), the prior being worth one period: then no matrix is singular. Where strategies
have different periods, the matrix of pairs need not be positive definite; the nearest one by its
eigenvalues is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.models.sharpe import SharpePosterior
from puffin.validation import all_rows

__all__ = ["ReturnCorrelation"]

_LEAST_EIGENVALUE = 1e-10


@dataclass(frozen=True)
class ReturnCorrelation:
    """Standardised returns of all strategies on all periods, zero where there are none.

    Attributes
    ----------
    names : tuple of str
    standardised : ndarray of shape (n_periods, n_strategies)
        Less the mean, over the standard deviation.
    present : ndarray of bool, the same shape
        Which strategy has which period.
    """

    names: tuple[str, ...]
    standardised: Array
    present: NDArray[np.bool_]

    @classmethod
    def of(cls, alone: Sequence[SharpePosterior]) -> ReturnCorrelation:
        """Return those of the strategies' observed returns."""
        table = all_rows(
            [one.posterior.observed["excess_returns"] for one in alone],
            [one.posterior.coords["time"] for one in alone],
        )
        present = ~np.isnan(table)
        standardised = (table - np.nanmean(table, axis=0)) / np.nanstd(table, axis=0)
        names = tuple(one.name for one in alone)
        return cls(names, np.where(present, standardised, 0.0), present)

    def without_overlap(self) -> tuple[str, str] | None:
        """Return the first two strategies that share no period, if there are any."""
        shared = self.present.T.astype(np.float64) @ self.present
        pairs = np.argwhere(shared == 0.0)
        return None if not len(pairs) else (self.names[pairs[0][0]], self.names[pairs[0][1]])

    def given(self, weights: Array) -> Array:
        """Return the correlation where each period counts as often as its weight says."""
        weighted = self.standardised * weights[:, None]
        if self.present.all():
            # About the means under these weights.
            products = self.standardised.T @ weighted
            centre = weighted.sum(axis=0) / weights.sum()
            products -= weights.sum() * np.outer(centre, centre)
            sizes = np.sqrt(np.diag(products))
            shared: float | Array = weights.sum()
            correlation = products / np.outer(sizes, sizes)
        else:
            shared = self.present.T @ (self.present * weights[:, None])
            squares = (self.standardised * weighted).T @ self.present
            norms = np.sqrt(squares * squares.T)
            correlation = (self.standardised.T @ weighted) / np.where(norms > 0.0, norms, 1.0)
        correlation *= shared / (shared + 1.0)
        np.fill_diagonal(correlation, 1.0)
        return correlation if self.present.all() else _positive(correlation)

    def draw(self, count: int, stream: np.random.Generator) -> Array:
        """Draw correlations by the Bayesian bootstrap: shape (count, n, n)."""
        periods = len(self.standardised)
        drawn = np.empty((count, len(self.names), len(self.names)))
        for matrix in drawn:
            weights = stream.standard_exponential(periods)
            matrix[:] = self.given(weights * (periods / weights.sum()))
        return drawn

    def elliptical_errors(self, correlations: Array, stream: np.random.Generator) -> Array:
        """Draw errors with unit variances and each of these correlations: shape (n, n_strategies).

        Directions are uniform, and sizes those of observed periods: where large returns came
        together, they do here.
        """
        count, size = len(correlations), len(self.names)
        normals = stream.standard_normal((count, size))
        directions = normals / np.linalg.norm(normals, axis=1, keepdims=True)
        sizes = self._sizes()[stream.integers(len(self.standardised), size=count)]
        roots = np.linalg.cholesky(correlations)
        return np.asarray(sizes[:, None] * np.einsum("dij,dj->di", roots, directions))

    def _sizes(self) -> Array:
        """Return how large each period's returns are: Mahalanobis' distance, as of all strategies.

        On average its square is the number of strategies.
        """
        inverse = np.linalg.inv(self.given(np.ones(len(self.standardised))))
        squares = np.einsum("ti,ij,tj->t", self.standardised, inverse, self.standardised)
        squares /= self.present.mean(axis=1)
        return np.asarray(np.sqrt(squares * (len(self.names) / squares.mean())))


def _positive(correlation: Array) -> Array:
    """Return a correlation matrix near this one whose eigenvalues are positive."""
    values, vectors = np.linalg.eigh(correlation)
    if values[0] >= _LEAST_EIGENVALUE:
        return correlation
    product = (vectors * np.maximum(values, _LEAST_EIGENVALUE)) @ vectors.T
    sizes = np.sqrt(np.diag(product))
    return np.asarray(product / np.outer(sizes, sizes))
