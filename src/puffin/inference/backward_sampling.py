"""Paths of coefficients that follow random walks: forward filtering, backward sampling."""

from __future__ import annotations

import math

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import kernel, part
from puffin.inference.dynamic_filter import add_walks, forecast, update

__all__ = ["sample_backwards"]


@kernel
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
    means, factors = np.empty((T, p)), np.empty((T, p, p))
    backs = np.empty((T, p, p))
    m, C, point = np.zeros((p, 1)), np.zeros((p, p, 1)), q.reshape(p, 1)
    for i in range(p):
        C[i, i, 0] = start_variance
    gain, expected, spread = np.empty((p, 1)), np.empty(1), np.empty(1)
    error = np.empty(1)
    noise = np.empty(p)
    for t in range(T):
        add_walks(C, point)
        forecast(Z[t], m, C, gain, expected, spread)
        error[0] = y[t] - expected[0]
        update(m, C, gain, error, spread)
        means[t] = m[:, 0]
        V = C[:, :, 0].copy()
        if t < T - 1:
            _condition_on_next(V, q, backs[t])
        _lower_factor(V, factors[t])
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
def _condition_on_next(V: Array, q: Array, back: Array) -> None:
    """Replace V = C by C - B C, and write B = C (C + Q)^-1, one coordinate after the other.

    Coordinate k of the next state is the k-th of this one plus noise of variance q_k: a scalar
    update of a mean that is linear in what was observed, whose coefficients are the columns of B.
    """
    p = q.size
    back[:] = 0.0
    gain = np.empty(p)
    for k in range(p):
        spread = V[k, k] + q[k]
        for i in range(p):
            gain[i] = V[i, k] / spread
        for j in range(p):
            observed = back[k, j]
            for i in range(p):
                back[i, j] -= gain[i] * observed
        for i in range(p):
            back[i, k] += gain[i]
        for i in range(p):
            for j in range(p):
                if k not in (i, j):
                    V[i, j] -= gain[i] * spread * gain[j]
        # In the form that does not cancel where q is small.
        kept = q[k] / spread
        for i in range(p):
            if i != k:
                V[i, k] *= kept
                V[k, i] = V[i, k]
        V[k, k] *= kept


@part
def _lower_factor(V: Array, L: Array) -> None:
    """Write the Cholesky factor of V; a pivot that rounding made negative is zero."""
    p = V.shape[0]
    L[:] = 0.0
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
