"""Ordinary least squares as draws, for when the model's own sampler has failed."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import streams
from puffin.inference.draws import Draws
from puffin.inference.linear_regression import with_intercept
from puffin.inference.settings import Settings

__all__ = ["sample_ordinary_least_squares"]


def sample_ordinary_least_squares(X: Array, y: Array, settings: Settings) -> Draws:
    """Draw alpha, beta and sigma from the posterior under the flat prior 1 / sigma.

    sigma^2 ~ RSS / chi^2(n - k), and the coefficients are Gaussian around the least-squares
    estimate: the intervals of these draws are the t intervals of least squares. Collinear features
    share their effect by the pseudo-inverse, without noise in directions the data do not inform.
    """
    Z = with_intercept(X)
    left, singular, right = np.linalg.svd(Z, full_matrices=False)
    kept = singular > singular[0] * max(Z.shape) * np.finfo(np.float64).eps
    inverse = np.where(kept, 1.0 / np.where(kept, singular, 1.0), 0.0)
    estimate = right.T @ (inverse * (left.T @ y))
    freedom = y.size - int(kept.sum())
    squares = float(np.sum((y - Z @ estimate) ** 2))
    sigmas, coefficients = [], []
    for stream in streams(settings.seed, settings.chains):
        sigma = np.sqrt(squares / stream.chisquare(freedom, settings.draws))
        noise = stream.standard_normal((settings.draws, singular.size)) * inverse
        sigmas.append(sigma)
        coefficients.append(estimate + sigma[:, None] * (noise @ right))
    drawn = np.array(coefficients)
    return Draws(
        {"alpha": drawn[..., 0], "beta": drawn[..., 1:], "sigma": np.array(sigmas)},
        method="ordinary least squares",
    )
