r"""Linear regression with Gaussian errors: independent draws from the exact posterior.

.. math::

    y \sim N(Z b, \sigma^2 I), \qquad b \sim N(0, D^2), \qquad \sigma \sim
    \text{HalfNormal}(s), \; \sigma > \sigma_0

Z is the design matrix with a column of ones, D the diagonal matrix of prior standard deviations.
With the singular value decomposition :math:`Z D = U S V'` and :math:`z = U'y`, the marginal
likelihood of sigma costs O(rank) at each sigma,

.. math::

    -2 \log p(y | \sigma) = (n - r) \log \sigma^2 + \sum_i \log(\sigma^2 + S_i^2)
        + |y - U z|^2 / \sigma^2 + \sum_i z_i^2 / (\sigma^2 + S_i^2)

so sigma is drawn by inverting its distribution function; given sigma, :math:`b = D V c + D (I - V
V') \epsilon` with independent :math:`c_i \sim N(S_i z_i / (\sigma^2 + S_i^2), \sigma^2 /
(\sigma^2 + S_i^2))`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import streams
from puffin.inference.draws import Draws
from puffin.inference.inversion import essential_grid, invert
from puffin.inference.settings import Settings

__all__ = [
    "RegressionPrior",
    "log_marginal_likelihood",
    "sample_linear_regression",
    "with_intercept",
]


_HIGHEST_SIGMA = 10.0


@dataclass(frozen=True)
class RegressionPrior:
    """Prior standard deviations of the intercept and the coefficients; scale and floor of sigma.

    `tail_mean` is the mean of nu - 2 where the errors are Student-t.
    """

    intercept_sd: float
    coefficient_sd: float
    sigma_sd: float
    sigma_floor: float
    tail_mean: float

    def coefficient_sds(self, features: int) -> Array:
        """Return the prior standard deviations of the intercept and all coefficients."""
        return np.array([self.intercept_sd] + [self.coefficient_sd] * features)


@dataclass(frozen=True)
class _Decomposition:
    """What sigma's density needs of the data: S, z, V', |y - U z|^2 and n."""

    singular: Array
    projected: Array
    right: Array
    residual: float
    observations: int


def with_intercept(X: Array) -> Array:
    """Return X with a column of ones before it."""
    return np.column_stack([np.ones(X.shape[0]), X])


def sample_linear_regression(
    X: Array, y: Array, prior: RegressionPrior, settings: Settings
) -> Draws:
    """Draw the intercept `alpha`, the coefficients `beta` and `sigma`. Needs no tuning.

    Parameters
    ----------
    X : ndarray of shape (n_observations, n_features)
    y : ndarray of shape (n_observations,)
    """
    sds = prior.coefficient_sds(X.shape[1])
    data = _decompose(with_intercept(X) * sds, y)

    def log_density(log_sigma: Array) -> Array:
        sigma = np.exp(log_sigma)
        return _log_marginal(data, sigma) - 0.5 * (sigma / prior.sigma_sd) ** 2 + log_sigma

    highest = _HIGHEST_SIGMA * max(prior.sigma_sd, prior.sigma_floor)
    grid = essential_grid(log_density, np.log(prior.sigma_floor), np.log(highest))
    values = log_density(grid)
    parts = []
    for stream in streams(settings.seed, settings.chains):
        sigma = np.exp(invert(grid, values, stream.random(settings.draws)))
        parts.append((sigma, _draw_coefficients(data, sigma, stream) * sds))
    coefficients = np.array([coefficients for _, coefficients in parts])
    return Draws(
        {
            "alpha": coefficients[..., 0],
            "beta": coefficients[..., 1:],
            "sigma": np.array([sigma for sigma, _ in parts]),
        },
        method="exact independent draws",
    )


def log_marginal_likelihood(X: Array, y: Array, prior: RegressionPrior, sigma: Array) -> Array:
    """Return log p(y | sigma) at each of `sigma`, coefficients integrated out."""
    data = _decompose(with_intercept(X) * prior.coefficient_sds(X.shape[1]), y)
    return np.asarray(_log_marginal(data, sigma) - 0.5 * y.size * np.log(2.0 * np.pi))


def _decompose(Z: Array, y: Array) -> _Decomposition:
    if Z.shape[0] > Z.shape[1]:
        Q, R = np.linalg.qr(Z)
        left, singular, right = np.linalg.svd(R)
        left = Q @ left
    else:
        left, singular, right = np.linalg.svd(Z, full_matrices=False)
    projected = left.T @ y
    error = y - left @ projected
    return _Decomposition(singular, projected, right, float(error @ error), y.size)


def _log_marginal(data: _Decomposition, sigma: Array) -> Array:
    variance = sigma[:, None] ** 2
    spread = variance + data.singular**2
    free = data.observations - data.singular.size
    return np.asarray(
        -free * np.log(sigma)
        - 0.5 * np.log(spread).sum(axis=1)
        - 0.5 * data.residual / variance[:, 0]
        - 0.5 * (data.projected**2 / spread).sum(axis=1)
    )


def _draw_coefficients(data: _Decomposition, sigma: Array, stream: np.random.Generator) -> Array:
    variance = sigma[:, None] ** 2
    spread = variance + data.singular**2
    noise = stream.standard_normal((sigma.size, data.right.shape[1]))
    rotated = noise @ data.right.T
    centre = data.singular * data.projected / spread
    inside = centre + (np.sqrt(variance / spread) - 1.0) * rotated
    return np.asarray(noise + inside @ data.right)
