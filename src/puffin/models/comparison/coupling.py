"""Draws of strategies that were modelled one by one, put into an order in which they correlate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.settings import Settings

__all__ = ["coupled_order", "in_coupled_order"]

_LEAST_EIGENVALUE = 0.01


def coupled_order(
    draws: Array, correlation: Array, fixed: NDArray[np.bool_], settings: Settings
) -> NDArray[np.int64]:
    """Return the order of each column's draws in which the columns have a Gaussian copula.

    Within each chain the ranks of a column's draws become those of normal scores with the
    correlation given (Iman & Conover 1982). No draw is changed, so that what is known of each
    column by itself stays as it is.

    Parameters
    ----------
    draws : ndarray of shape (n_chains, n_draws, n_columns)
    correlation : ndarray of shape (n_columns, n_columns)
    fixed : ndarray of bool of shape (n_columns,)
        Columns that keep their order, and with it their dependence on each other.

    Returns
    -------
    ndarray of int of the shape of `draws`
        For each place the number of the draw to put there.
    """
    free = ~fixed
    order = np.empty(draws.shape, np.int64)
    order[:] = np.arange(draws.shape[1])[:, None]
    # Directions in which the fixed columns hardly vary say nothing that is known well enough.
    inverse = np.linalg.pinv(
        correlation[np.ix_(fixed, fixed)], rcond=_LEAST_EIGENVALUE, hermitian=True
    )
    slopes = correlation[np.ix_(free, fixed)] @ inverse
    left = correlation[np.ix_(free, free)] - slopes @ correlation[np.ix_(fixed, free)]
    eigenvalues, vectors = np.linalg.eigh(left)
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
    chain_streams = streams(settings.seed, draws.shape[0], purpose=Purpose.COUPLING)
    for chain, stream in enumerate(chain_streams):
        given = ndtri((_ranks(draws[chain][:, fixed]) + 0.5) / draws.shape[1])
        scores = given @ slopes.T + stream.standard_normal((draws.shape[1], len(root))) @ root.T
        ascending = np.argsort(draws[chain][:, free], axis=0, kind="stable")
        order[chain][:, free] = np.take_along_axis(ascending, _ranks(scores), axis=0)
    return order


def _ranks(values: Array) -> NDArray[np.int64]:
    return np.argsort(np.argsort(values, axis=0, kind="stable"), axis=0, kind="stable")


def in_coupled_order(
    variables: dict[str, Array], names: tuple[str, ...], order: NDArray[np.int64]
) -> dict[str, Array]:
    """Return the variables, those named put into their columns' orders."""
    moved = {
        name: np.take_along_axis(variables[name], order, axis=1)
        for name in names
        if name in variables
    }
    return {**variables, **moved}
