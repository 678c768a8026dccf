"""Paths of coefficients that follow random walks: forward filtering, backward sampling."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import drawing_kernel, kernel, part
from puffin.inference.dynamic_filter import GridState, Scratch, add_walks, forecast, update

__all__ = ["sample_backwards"]


class Conditionals(NamedTuple):
    """Each row's coefficients given those of the row after, sigma = 1.

    Attributes
    ----------
    means : ndarray of shape (n_times, n_coefficients)
        m_t.
    backs, factors : ndarray of shape (n_times, n_coefficients, n_coefficients)
        B, and the lower Cholesky factor of C_t - B C_t; at the last row 0, and that of C_t.
    """

    means: Array
    backs: Array
    factors: Array


def sample_backwards(
    Z: Array,
    y: Array,
    q: Array,
    start_variance: float,
    sigma: Array,
    stream: np.random.Generator,
    paths: Array,
) -> None:
    """Fill `paths` with draws at one grid point, one for each of `sigma`.

    Backwards, theta_t given theta_{t+1} is N(m_t + B (theta_{t+1} - m_t), sigma^2 (C_t - B C_t))
    with B = C_t (C_t + Q)^-1. This is done one coefficient after the other: as C_t + Q is the
    variance of an observation of theta_t + w, each coordinate of theta_{t+1} is one more
    observation.
    """
    T, p = Z.shape
    covariance = (start_variance * np.eye(p))[..., None]
    point = GridState(np.zeros((p, 1)), covariance, np.ones(1), np.zeros(1), 0.0)
    rows = Conditionals(np.empty((T, p)), np.zeros((T, p, p)), np.empty((T, p, p)))
    scratch = Scratch.of(point)
    _filter(Z, y, q[:, None], point, scratch, np.empty((p, p)), rows)
    _draw(rows, sigma, stream, np.empty(p), paths)


@kernel
def _filter(
    Z: Array,
    y: Array,
    q: Array,
    point: GridState,
    scratch: Scratch,
    V: Array,
    rows: Conditionals,
) -> None:
    """Filter, and write `rows`; V is scratch."""
    m, C, gain, error = point.mean, point.covariance, scratch.gain, scratch.error
    T, p = Z.shape
    for t in range(T):
        add_walks(C, q)
        forecast(Z[t], m, C, gain, scratch.expected, scratch.spread)
        error[0] = y[t] - scratch.expected[0]
        update(m, C, gain, error, scratch.spread)
        for i in range(p):
            rows.means[t, i] = m[i, 0]
            for j in range(p):
                V[i, j] = C[i, j, 0]
        if t < T - 1:
            _condition_on_next(V, q, gain, rows.backs[t])
        _lower_factor(V, rows.factors[t])


@drawing_kernel
def _draw(
    rows: Conditionals,
    sigma: Array,
    stream: np.random.Generator,
    noise: Array,
    paths: Array,
) -> None:
    """Draw each path from its last row to its first; `noise` is scratch."""
    means, backs, factors = rows
    T, p = means.shape
    for draw in range(sigma.size):
        for t in range(T - 1, -1, -1):
            for i in range(p):
                noise[i] = sigma[draw] * stream.standard_normal()
            for i in range(p):
                value = means[t, i]
                for j in range(i + 1):
                    value += factors[t, i, j] * noise[j]
                if t < T - 1:
                    for j in range(p):
                        value += backs[t, i, j] * (paths[draw, t + 1, j] - means[t, j])
                paths[draw, t, i] = value


@part
def _condition_on_next(V: Array, q: Array, gain: Array, back: Array) -> None:
    """Replace V = C by C - B C, and add B = C (C + Q)^-1 to 0, one coordinate after the other.

    Coordinate k of the next state is the k-th of this one plus noise of variance q_k: a scalar
    update of a mean that is linear in what was observed, whose coefficients are the columns of B.
    q is a column, and so is `gain`, which is scratch.
    """
    p = q.shape[0]
    for k in range(p):
        spread = V[k, k] + q[k, 0]
        for i in range(p):
            gain[i, 0] = V[i, k] / spread
        for j in range(p):
            observed = back[k, j]
            for i in range(p):
                back[i, j] -= gain[i, 0] * observed
        for i in range(p):
            back[i, k] += gain[i, 0]
        for i in range(p):
            for j in range(p):
                if k not in (i, j):
                    V[i, j] -= gain[i, 0] * spread * gain[j, 0]
        # In the form that does not cancel where q is small.
        kept = q[k, 0] / spread
        for i in range(p):
            if i != k:
                V[i, k] *= kept
                V[k, i] = V[i, k]
        V[k, k] *= kept


@part
def _lower_factor(V: Array, L: Array) -> None:
    """Write the Cholesky factor of V; a pivot that rounding made negative is zero."""
    p = V.shape[0]
    for j in range(p):
        pivot = V[j, j]
        for k in range(j):
            pivot -= L[j, k] * L[j, k]
        L[j, j] = math.sqrt(max(pivot, 0.0))
        for i in range(j + 1, p):
            value = V[i, j]
            for k in range(j):
                value -= L[i, k] * L[j, k]
            L[i, j] = value / L[j, j] if L[j, j] > 0.0 else 0.0
