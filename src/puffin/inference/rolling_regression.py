r"""Linear regression in every window of a series: posterior moments by quadrature, no draws.

The model is that of `puffin.inference.linear_regression`, window by window, with errors that are
independent or a stationary AR(1):

.. math::

    y_t = z_t' b + e_t, \qquad e_t = \rho e_{t-1} + \sigma u_t, \qquad \rho \sim U(-1, 1)

Given :math:`\rho` the rows :math:`z_t - \rho z_{t-1}`, and :math:`\sqrt{1 - \rho^2}\, z_1` for the
first, have independent errors (Prais & Winsten 1954), so that three matrices of the rows
:math:`w_t = (z_t, y_t)` are sufficient statistics of a window,

.. math::

    S(\rho) = \sum_t w_t w_t' - \rho \sum_{t>1} (w_t w_{t-1}' + w_{t-1} w_t')
        + \rho^2 \sum_{1<t<n} w_t w_t'

and the coefficients integrate out: with :math:`D S_{zz} D = V \Lambda V'`, :math:`c = V' D S_{zy}`

.. math::

    -2 \log p(y | \sigma, \rho) = 2 n \log \sigma + \sum_j \log(1 + \lambda_j / \sigma^2)
        + \Big(S_{yy} - \sum_j \frac{c_j^2}{\lambda_j + \sigma^2}\Big) / \sigma^2
        - \log(1 - \rho^2)

Log sigma and arcsin rho, one or two dimensions, remain, and are integrated by Gauss-Legendre rules.
In the angle the uniform prior and :math:`\sqrt{1 - \rho^2}` together are :math:`\cos^2`: smooth up
to the ends, where a residual that is nearly a random walk has its mass. Each window's sums are
formed from its own values less their mean: no rounding accumulates over a long series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.quadrature import essential_nodes
from puffin.inference.rolling_windows import Moments, WindowPosteriors, Windows

__all__ = ["rolling_regression"]

_SIGMA_NODES = 40
_RHO_NODES = 48
_HIGHEST_SIGMA = 10.0
_HIGHEST_ANGLE = 0.5 * np.pi
_AT_ONCE = 2_000_000


def rolling_regression(
    X: Array,
    y: Array,
    window: int,
    prior: RegressionPrior,
    *,
    scale: float | None,
    autoregressive: bool,
) -> WindowPosteriors:
    """Return the posterior of each `window` rows, first to last.

    Parameters
    ----------
    X : ndarray of shape (n_times, n_features)
    y : ndarray of shape (n_times,)
    scale : float or None
        What the priors' units are: a number divides X and y; None standardises each window by its
        own mean and standard deviation.
    autoregressive : bool
        Whether the errors are AR(1); independent otherwise.

    Returns
    -------
    WindowPosteriors
        n_times - window + 1 of them. The i-th is of rows i to i + window - 1, and nothing else.
    """
    cost = max(window, _SIGMA_NODES * (_RHO_NODES if autoregressive else 1)) * (X.shape[1] + 2)
    chunk = max(1, _AT_ONCE // cost)
    count = y.size - window + 1
    parts = []
    for first in range(0, count, chunk):
        last = min(first + chunk, count)
        windows = Windows.of(X[first : last + window], y[first : last + window], window, scale)
        parts.append(_posteriors(windows.first(last - first), prior, autoregressive))
    return WindowPosteriors(*map(np.concatenate, zip(*parts, strict=True)))


def _posteriors(windows: Windows, prior: RegressionPrior, autoregressive: bool) -> WindowPosteriors:
    rows, following = windows.rows, windows.following
    count, n, width = rows.shape
    sds = prior.coefficient_sds(width - 2)
    products = np.swapaxes(rows, 1, 2) @ rows
    if autoregressive:
        lagged = np.swapaxes(rows[:, 1:], 1, 2) @ rows[:, :-1]
        lagged = lagged + np.swapaxes(lagged, 1, 2)
        edges = [rows[:, row, :, None] * rows[:, row, None, :] for row in (0, -1)]
        inner = products - edges[0] - edges[1]
        rho, log_weight = _rho_nodes(products, lagged, inner, n, sds)
        nodes = rho[..., None, None]
        S = products[:, None] - nodes * lagged[:, None] + nodes**2 * inner[:, None]
    else:
        rho, log_weight = np.zeros((count, 1)), np.zeros((count, 1))
        S = products[:, None]
    size = rho.shape[1]
    given = _given_rho(S.reshape(count * size, width, width), n, prior, sds)
    log_weight = log_weight + given.log_evidence.reshape(count, size)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    means = given.mean.reshape(count, size, -1)
    covariances = given.covariance.reshape(count, size, *given.covariance.shape[1:])
    mean = np.einsum("br,bri->bi", weight, means)
    # Deviations from what is common to all rho: no difference of large squares, here and below.
    apart = means - mean[:, None]
    covariance = np.einsum("br,brij->bij", weight, covariances)
    covariance += np.einsum("br,bri,brj->bij", weight, apart, apart)
    last = rows[:, -1]
    z = following[:, None] - rho[..., None] * last[:, None, :-1]
    carried = rho * last[:, None, -1]
    expected = carried + np.einsum("bri,bri->br", z, means)
    forecast = (weight * expected).sum(axis=1)
    spread = given.variance.reshape(count, size)
    spread = spread + np.einsum("bri,brij,brj->br", z, covariances, z)
    spread = (weight * (spread + (expected - forecast[:, None]) ** 2)).sum(axis=1)
    rho = (weight * rho).sum(axis=1)
    return windows.in_units(Moments(mean, covariance, forecast, spread, rho))


@dataclass(frozen=True)
class _GivenRho:
    """Evidence, moments of the coefficients, and E sigma^2, each of shape (n_problems, ...)."""

    log_evidence: Array
    mean: Array
    covariance: Array
    variance: Array


def _given_rho(S: Array, n: int, prior: RegressionPrior, sds: Array) -> _GivenRho:
    """Return evidence and moments with sigma and the coefficients integrated out.

    Parameters
    ----------
    S : ndarray of shape (n_problems, 2 + n_features, 2 + n_features)
        Cross-products of rows with independent errors, y last.
    """
    values, vectors = np.linalg.eigh(S[:, :-1, :-1] * sds[:, None] * sds)
    values = np.maximum(values, 0.0)
    c = np.einsum("bij,bi->bj", vectors, S[:, :-1, -1] * sds)
    informative = values > 1e-14 * values[:, -1:]
    explained = np.where(informative, c, 0.0) ** 2 / np.where(informative, values, 1.0)
    residual = np.maximum(S[:, -1, -1] - explained.sum(axis=1), 0.0)

    def log_density(log_sigma: Array) -> Array:
        variance = np.exp(2.0 * log_sigma)
        total = (1.0 - n) * log_sigma - 0.5 * residual[:, None] / variance
        total -= 0.5 * variance / prior.sigma_sd**2
        for j in range(values.shape[1]):
            spread = values[:, j, None] + variance
            total += log_sigma - 0.5 * (np.log(spread) + explained[:, j, None] / spread)
        return np.asarray(total)

    highest = np.log(_HIGHEST_SIGMA * max(prior.sigma_sd, prior.sigma_floor))
    nodes, weights = essential_nodes(
        log_density, np.log(prior.sigma_floor), highest, S.shape[0], _SIGMA_NODES
    )
    logs = log_density(nodes)
    top = logs.max(axis=1, keepdims=True)
    weight = weights * np.exp(logs - top)
    total = weight.sum(axis=1)
    weight /= total[:, None]
    variance = np.exp(2.0 * nodes)
    shrunk = c[:, None, :] / (values[:, None, :] + variance[..., None])
    mean = np.einsum("bs,bsj->bj", weight, shrunk)
    deviation = shrunk - mean[:, None]
    inside = np.einsum("bs,bsi,bsj->bij", weight, deviation, deviation)
    noise = np.einsum(
        "bs,bsj->bj", weight, variance[..., None] / (values[:, None, :] + variance[..., None])
    )
    diagonal = np.arange(values.shape[1])
    inside[:, diagonal, diagonal] += noise
    back = sds[:, None] * vectors
    mean = np.einsum("bij,bj->bi", back, mean)
    return _GivenRho(
        top[:, 0] + np.log(total),
        mean,
        back @ inside @ np.swapaxes(back, 1, 2),
        (weight * variance).sum(axis=1),
    )


def _rho_nodes(
    products: Array, lagged: Array, inner: Array, n: int, sds: Array
) -> tuple[Array, Array]:
    """Return nodes of rho, shape (n_windows, n_nodes), and their log weights without evidence.

    They are placed where a profile of the likelihood is: ridge regression with the noise that
    independent errors would have.
    """
    count = products.shape[0]
    ridge = np.maximum(_ridge_residual(products, np.zeros(count), sds) / n, 1e-12)

    def log_density(angle: Array) -> Array:
        rho = np.sin(angle)
        nodes = rho[..., None, None]
        S = products[:, None] - nodes * lagged[:, None] + nodes**2 * inner[:, None]
        flat = S.reshape(-1, *S.shape[2:])
        noise = np.repeat(ridge, rho.shape[1])
        log_residual = np.log(np.maximum(_ridge_residual(flat, noise, sds), 1e-300))
        return _log_prior(angle) - 0.5 * n * log_residual.reshape(rho.shape)

    angle, weights = essential_nodes(
        log_density, -_HIGHEST_ANGLE, _HIGHEST_ANGLE, count, _RHO_NODES
    )
    return np.sin(angle), np.log(weights) + _log_prior(angle)


def _log_prior(angle: Array) -> Array:
    """Return the log of rho's uniform prior on the angle, times the first row's factor."""
    return np.asarray(2.0 * np.log(np.maximum(np.cos(angle), 1e-150)))


def _ridge_residual(S: Array, noise: Array, sds: Array) -> Array:
    gram = S[:, :-1, :-1] * sds[:, None] * sds
    gram = gram + noise[:, None, None] * np.eye(sds.size)
    cross = S[:, :-1, -1] * sds
    solved = np.einsum("bij,bj->bi", np.linalg.pinv(gram, hermitian=True), cross)
    return np.asarray(S[:, -1, -1] - np.einsum("bi,bi->b", cross, solved))
