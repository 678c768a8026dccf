"""The Gaussian that approximates the states of an AR(1) chain, given parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.latent_ar1.smoothing import smooth

__all__ = ["Derivatives", "Moments", "fit_gaussian"]

Moments = tuple[Array, Array]
"""Means and variances of the states."""

Derivatives = Callable[[Array, Array], tuple[Array, Array]]
"""Maps means and variances of the states to the expected gradient and curvature."""

_NEWTON_STEPS = 40
_LONGEST_STEP = 3.0
_SCORING_STEPS = 4
_ROUNDS = 8
_NEAR_MODE = 0.1
_TOLERANCE = 3e-3


def fit_gaussian(
    derivatives: Derivatives, phi: float, sigma: float, mu_sd: float, start: Moments
) -> Moments:
    """Return means and variances of the states, shape (n_times,) each, at the best mu.

    Newton's method to the mode, with a floor under the curvature of the first steps; then gradient
    and curvature are taken as expectations under the Gaussian itself (Richard & Zhang 2007), until
    it no longer moves. The level mu ~ N(0, mu_sd^2) is solved for with the states.

    Parameters
    ----------
    derivatives : callable
    start : tuple of ndarray of shape (n_times,)
        Means and variances near by; Newton's method comes first where the variances are zero.
    """
    prior = _Prior(*_prior_precision(start[0].size, phi, sigma), mu_sd)
    mean, variance = start
    if not variance.any():
        mean, variance = _climb(derivatives, prior, mean, variance)
    for _ in range(_ROUNDS):
        gradient, curvature = derivatives(mean, variance)
        target, variance = prior.update(gradient + curvature * mean, curvature)
        move = np.clip(target - mean, -_LONGEST_STEP, _LONGEST_STEP)
        mean = mean + move
        if np.abs(move).max() < _TOLERANCE:
            break
    return mean, variance


def _climb(derivatives: Derivatives, prior: _Prior, mean: Array, nowhere: Array) -> Moments:
    for step in range(_NEWTON_STEPS):
        gradient, curvature = derivatives(mean, nowhere)
        if step < _SCORING_STEPS:
            curvature = np.maximum(curvature, 0.5 / (1.0 + step))
        target, variance = prior.update(gradient + curvature * mean, curvature)
        move = np.clip(target - mean, -_LONGEST_STEP, _LONGEST_STEP)
        mean = mean + move
        if np.abs(move).max() < _NEAR_MODE:
            break
    return mean, variance


@dataclass(frozen=True)
class _Prior:
    """Precision of the chain about mu (diagonal, minus off-diagonal), and the sd of mu."""

    diagonal: Array
    coupling: Array
    mu_sd: float

    def update(self, b: Array, c: Array) -> Moments:
        """Return means at the best mu, and variances, for observations exp(b h - c h^2 / 2)."""
        level = self.diagonal.copy()
        level[:-1] -= self.coupling
        level[1:] -= self.coupling
        (free, per_level), variance, _ = smooth(
            self.diagonal + c, self.coupling, np.array([b, level])
        )
        mu = (b.sum() - c @ free) / (c @ per_level + 1.0 / self.mu_sd**2)
        return free + mu * per_level, variance


def _prior_precision(n_times: int, phi: float, sigma: float) -> tuple[Array, Array]:
    """Return the diagonal and minus the off-diagonal of a stationary AR(1)'s precision."""
    diagonal = np.full(n_times, (1.0 + phi * phi) / sigma**2)
    diagonal[0] = diagonal[-1] = 1.0 / sigma**2
    return diagonal, np.full(n_times - 1, phi / sigma**2)
