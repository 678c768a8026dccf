"""Factors and solves against LAPACK."""

from __future__ import annotations

import numpy as np

from puffin.inference.triangular import (
    reverse_cholesky,
    solve_lower,
    solve_lower_transposed,
)
from tests.inference.calling import called


def test_reverse_cholesky():
    A = np.cov(np.random.default_rng(15).normal(size=(5, 20)))
    M = A.copy()
    called(reverse_cholesky)(M, np.empty(5))
    np.testing.assert_allclose(np.tril(M).T @ np.tril(M), A, rtol=1e-12, atol=1e-14)


def test_triangular_solves():
    stream = np.random.default_rng(3)
    lower = np.tril(stream.normal(size=(6, 6))) + 4 * np.eye(6)
    right = stream.normal(size=6)
    for solve, matrix in ((solve_lower, lower), (solve_lower_transposed, lower.T)):
        solved = right.copy()
        called(solve)(lower, solved)
        np.testing.assert_allclose(matrix @ solved, right, atol=1e-12)
