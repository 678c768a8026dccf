"""Many one-dimensional integrals at once, each over the part of its density that matters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from puffin.arrays import Array
from puffin.inference.failure import SamplingError

__all__ = ["essential_nodes"]

_NEGLIGIBLE = 40.0
_COARSE = 17
_ZOOMS = 5


def essential_nodes(
    log_density: Callable[[Array], Array], lower: float, upper: float, count: int, size: int
) -> tuple[Array, Array]:
    """Return nodes and weights of Gauss-Legendre rules where the densities are not negligible.

    As `inversion.essential_grid`, for `count` densities at once: each interval zooms in on the
    nodes within e^-40 of the highest, with their neighbours. The densities must have one mode each,
    or modes that are not much narrower than their distance.

    Parameters
    ----------
    log_density : callable
        Takes an array of shape (count, n_nodes) and returns one of that shape.
    size : int
        Nodes of each rule.

    Returns
    -------
    nodes, weights : ndarray of shape (count, size)

    Raises
    ------
    SamplingError
        If one of them is zero or undefined everywhere.
    """
    low, high = np.full(count, lower), np.full(count, upper)
    steps = np.linspace(0.0, 1.0, _COARSE)
    rows = np.arange(count)
    for _ in range(_ZOOMS):
        grid = low[:, None] + (high - low)[:, None] * steps
        values = log_density(grid)
        highest = np.max(values, axis=1, initial=-np.inf, where=~np.isnan(values))
        if not np.isfinite(highest).all():
            raise SamplingError("A density is zero or undefined everywhere.")
        kept = values > highest[:, None] - _NEGLIGIBLE
        first = np.maximum(kept.argmax(axis=1) - 1, 0)
        last = np.minimum(_COARSE - kept[:, ::-1].argmax(axis=1), _COARSE - 1)
        low, high = grid[rows, first], grid[rows, last]
    points, weights = np.polynomial.legendre.leggauss(size)
    half = 0.5 * (high - low)[:, None]
    return low[:, None] + half * (points + 1.0), half * weights
