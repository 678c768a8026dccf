"""A matrix of correlations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.validation.columns import DataLike, as_float_array
from puffin.validation.values import check_finite

__all__ = ["as_correlation", "check_definite"]

_TOLERANCE = 1e-8
_LEAST_EIGENVALUE = 1e-8


def as_correlation(
    argument: str, correlation: DataLike, names: Sequence[str]
) -> NDArray[np.float64]:
    """Return a correlation matrix of `names`, in their order.

    Parameters
    ----------
    correlation : DataFrame, or array-like of shape (n_names, n_names)
        The rows and columns of a frame are found by name.

    Raises
    ------
    TypeError, ValueError
        If it holds anything but numbers, lacks a name, has not the shape, a diagonal of ones, or
        symmetry, or is not positive definite.
    """
    if isinstance(correlation, pd.DataFrame):
        labelled = correlation.rename(index=str, columns=str)
        missing = [n for n in names if n not in labelled.index or n not in labelled.columns]
        if missing:
            raise ValueError(f"{argument} has no row and column {missing[0]!r}.")
        if labelled.index.has_duplicates or labelled.columns.has_duplicates:
            raise ValueError(f"{argument} has a row or column twice; keep one of each name.")
        correlation = labelled.loc[list(names), list(names)]
    matrix = as_float_array(argument, correlation)
    if matrix.shape != (len(names), len(names)):
        raise ValueError(
            f"{argument} must have a row and a column for each of {', '.join(names[:5])}; found "
            f"shape {matrix.shape}."
        )
    check_finite(argument, matrix)
    diagonal = np.diag(matrix)
    if np.abs(diagonal - 1.0).max() > _TOLERANCE:
        worst = int(np.abs(diagonal - 1.0).argmax())
        raise ValueError(
            f"{argument} must have ones on its diagonal; found {diagonal[worst]:g} for "
            f"{names[worst]!r}. Is it a covariance matrix?"
        )
    if np.abs(matrix - matrix.T).max() > _TOLERANCE:
        row, column = divmod(int(np.abs(matrix - matrix.T).argmax()), len(names))
        raise ValueError(
            f"{argument} must be symmetric; found {matrix[row, column]:g} for {names[row]!r} and "
            f"{names[column]!r}, but {matrix[column, row]:g} the other way round."
        )
    check_definite(argument, matrix)
    return matrix


def check_definite(argument: str, matrix: NDArray[np.float64]) -> None:
    """Refuse a symmetric matrix that is not positive definite."""
    least = float(np.linalg.eigvalsh(matrix)[0])
    if least < _LEAST_EIGENVALUE:
        raise ValueError(
            f"{argument} must be positive definite; its smallest eigenvalue is {least:.2g}. Leave "
            "out assets that copy others, or shrink the correlations a little towards zero."
        )
