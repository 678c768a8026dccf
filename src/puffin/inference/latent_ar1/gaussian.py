"""The Gaussian that approximates the states of an AR(1) chain, given parameters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.latent_ar1.smoothing import smooth

__all__ = ["Derivatives", "fit_gaussian"]

Derivatives = Callable[[Array, Array], tuple[Array, Array]]
"""Maps means and variances of the states to the expected gradient and curvature."""

_NEWTON_STEPS = 40
_LONGEST_STEP = 3.0
_SCORING_STEPS = 4
_ROUNDS = 8
_TOLERANCE = 1e-3


def fit_gaussian(
    derivatives: Derivatives, mu: float, phi: float, sigma: float, start: Array
) -> tuple[Array, Array]:
    """Return means and variances of the states, shape (n_times,) each.

    Newton's method to the mode, with a floor under the curvature of the first steps; then gradient
    and curvature are taken as expectations under the Gaussian itself (Richard & Zhang 2007), until
    it no longer moves.
    """
    diagonal, coupling = _prior_precision(start.size, phi, sigma)
    prior_shift = diagonal * mu
    prior_shift[:-1] -= coupling * mu
    prior_shift[1:] -= coupling * mu
    mean, nowhere = start, np.zeros(start.size)
    for step in range(_NEWTON_STEPS):
        gradient, curvature = derivatives(mean, nowhere)
        if step < _SCORING_STEPS:
            curvature = np.maximum(curvature, 0.5 / (1.0 + step))
        target, variance, _ = smooth(
            diagonal + curvature, coupling, prior_shift + gradient + curvature * mean
        )
        move = np.clip(target - mean, -_LONGEST_STEP, _LONGEST_STEP)
        mean = mean + move
        if step >= _SCORING_STEPS and np.abs(move).max() < _TOLERANCE:
            break
    for _ in range(_ROUNDS):
        gradient, curvature = derivatives(mean, variance)
        target, variance, _ = smooth(
            diagonal + curvature, coupling, prior_shift + gradient + curvature * mean
        )
        move = np.clip(target - mean, -_LONGEST_STEP, _LONGEST_STEP)
        mean = mean + move
        if np.abs(move).max() < _TOLERANCE:
            break
    return mean, variance


def _prior_precision(n_times: int, phi: float, sigma: float) -> tuple[Array, Array]:
    """Return the diagonal and minus the off-diagonal of a stationary AR(1)'s precision."""
    diagonal = np.full(n_times, (1.0 + phi * phi) / sigma**2)
    diagonal[0] = diagonal[-1] = 1.0 / sigma**2
    return diagonal, np.full(n_times - 1, phi / sigma**2)
