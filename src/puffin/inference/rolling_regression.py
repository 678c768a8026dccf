r"""Linear regression in every window of a series: posterior moments by quadrature, no draws.

The model is that of `puffin.inference.linear_regression`, window by window, with errors that are
independent or a stationary AR(1):

.. math::

    y_t = z_t' b + e_t, \qquad e_t = \rho e_{t-1} + \sigma u_t, \qquad \rho \sim U(-1, 1)

Given :math:`\rho` the rows :math:`z_t - \rho z_{t-1}`, and :math:`\sqrt{1 - \rho^2}\, z_1` for the
first, have independent errors (Prais & Winsten 1954), so that all a window says is in three
matrices of the rows :math:`w_t = (z_t, y_t)`,

.. math::

    S(\rho) = \sum_t w_t w_t' - \rho \sum_{t>1} (w_t w_{t-1}' + w_{t-1} w_t')
        + \rho^2 \sum_{1<t<n} w_t w_t'

and the coefficients integrate out: with :math:`D S_{zz} D = V \Lambda V'`, :math:`c = V' D S_{zy}`

.. math::

    -2 \log p(y | \sigma, \rho) = 2 n \log \sigma + \sum_j \log(1 + \lambda_j / \sigma^2)
        + \Big(S_{yy} - \sum_j \frac{c_j^2}{\lambda_j + \sigma^2}\Big) / \sigma^2
        - \log(1 - \rho^2)

What is left are one or two dimensions, log sigma and arcsin rho, and Gauss-Legendre rules there. On
the angle the uniform prior and :math:`\sqrt{1 - \rho^2}` together are :math:`\cos^2`: smooth to
the very ends, where a residual that is nearly a random walk has its mass.
Sums are formed afresh for each window, from values with the window's mean taken off: nothing
accumulates over a long series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from puffin.arrays import Array
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.quadrature import essential_nodes

__all__ = ["WindowPosteriors", "rolling_least_squares", "rolling_regression"]

_SIGMA_NODES = 40
_RHO_NODES = 48
_HIGHEST_SIGMA = 10.0
_HIGHEST_ANGLE = 0.5 * np.pi
_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class WindowPosteriors:
    """Posterior moments of each window, in the units of the data.

    Attributes
    ----------
    mean : ndarray of shape (n_windows, 1 + n_features)
        Of the coefficients, the intercept first.
    sd : ndarray of shape (n_windows, 1 + n_features)
        Of the features' coefficients and of forecasts to 1e-6; that of the intercept is off by up
        to 2% where errors are AR(1) and a hundredth of y or less: as rho nears 1 nothing is known
        of it but the prior, over many scales of 1 - rho.
    forecast_mean, forecast_sd : ndarray of shape (n_windows,)
        Of y in the row after the window, given its features; NaN after the last row.
    rho : ndarray of shape (n_windows,)
        Posterior mean of the errors' autocorrelation; zero where they are independent.
    residual_autocorrelation : ndarray of shape (n_windows,)
        Of the residuals at the posterior mean.
    """

    mean: Array
    sd: Array
    forecast_mean: Array
    forecast_sd: Array
    rho: Array
    residual_autocorrelation: Array


@dataclass(frozen=True)
class _Windows:
    """Windows in their own units: rows (1, x, y), the features after them, and the way back.

    Attributes
    ----------
    rows : ndarray of shape (n_windows, n_rows, n_features + 2)
    following : ndarray of shape (n_windows, 1 + n_features)
    centre, spread : ndarray of shape (n_windows, n_features + 1)
        Of the features and y.
    """

    rows: Array
    following: Array
    centre: Array
    spread: Array


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
        windows = _windows(X[first : last + window], y[first : last + window], window, scale)
        windows = _cut(windows, last - first)
        parts.append(_posteriors(windows, prior, autoregressive))
    return WindowPosteriors(
        *(np.concatenate([getattr(one, name) for one in parts]) for name in _FIELDS)
    )


def rolling_least_squares(X: Array, y: Array, window: int) -> WindowPosteriors:
    """Return least squares of each window in the form of posteriors: the fallback.

    `sd` and `forecast_sd` are those of the t distribution with n - k degrees of freedom that least
    squares' intervals come from.
    """
    count = y.size - window + 1
    windows = _cut(_windows(X, y, window, None), count)
    Z, target = windows.rows[..., :-1], windows.rows[..., -1]
    inverse = np.linalg.pinv(np.swapaxes(Z, 1, 2) @ Z, hermitian=True)
    estimate = np.einsum("bij,bkj,bk->bi", inverse, Z, target, optimize=True)
    residual = target - np.einsum("bki,bi->bk", Z, estimate)
    freedom = max(window - Z.shape[2], 3)
    variance = (residual**2).sum(axis=1) / (freedom - 2.0)
    covariance = inverse * variance[:, None, None]
    following = windows.following
    forecast = np.einsum("bi,bi->b", following, estimate)
    spread = variance + np.einsum("bi,bij,bj->b", following, covariance, following)
    return _in_units(windows, estimate, covariance, forecast, spread, np.zeros(count))


_FIELDS = tuple(WindowPosteriors.__dataclass_fields__)


def _windows(X: Array, y: Array, window: int, scale: float | None) -> _Windows:
    values = np.column_stack([X, y])
    # A copy: of a single window the view is contiguous as it is, and read-only.
    parts = np.swapaxes(sliding_window_view(values, window, axis=0), 1, 2).copy(order="C")
    if scale is None:
        centre = parts.mean(axis=1)
        parts -= centre[:, None]
        # Again: the mean of large numbers is off by their rounding.
        shift = parts.mean(axis=1)
        parts -= shift[:, None]
        centre += shift
        spread = np.sqrt(np.einsum("bti,bti->bi", parts, parts) / window)
    else:
        centre = np.zeros((parts.shape[0], values.shape[1]))
        spread = np.full(centre.shape, scale)
    parts /= spread[:, None]
    rows = np.concatenate([np.ones((*parts.shape[:2], 1)), parts], axis=2)
    following = np.full((parts.shape[0], X.shape[1] + 1), np.nan)
    following[:, 0] = 1.0
    known = min(parts.shape[0], values.shape[0] - window)
    following[:known, 1:] = (X[window : window + known] - centre[:known, :-1]) / spread[:known, :-1]
    return _Windows(rows, following, centre, spread)


def _cut(windows: _Windows, count: int) -> _Windows:
    return _Windows(
        windows.rows[:count],
        windows.following[:count],
        windows.centre[:count],
        windows.spread[:count],
    )


def _posteriors(
    windows: _Windows, prior: RegressionPrior, autoregressive: bool
) -> WindowPosteriors:
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
    return _in_units(windows, mean, covariance, forecast, spread, (weight * rho).sum(axis=1))


@dataclass(frozen=True)
class _GivenRho:
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
    seen = values > 1e-14 * values[:, -1:]
    explained = np.where(seen, c, 0.0) ** 2 / np.where(seen, values, 1.0)
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

    They are placed by a profile of the likelihood: ridge regression with the noise that
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


def _in_units(
    windows: _Windows,
    mean: Array,
    covariance: Array,
    forecast: Array,
    spread: Array,
    rho: Array,
) -> WindowPosteriors:
    """Return the moments in the units of the data."""
    y_centre, y_spread = windows.centre[:, -1], windows.spread[:, -1]
    ratio = y_spread[:, None] / windows.spread[:, :-1]
    # (alpha, beta) in units = offset + back (alpha, beta).
    back = np.zeros((mean.shape[0], mean.shape[1], mean.shape[1]))
    back[:, 0, 0] = y_spread
    back[:, 0, 1:] = -ratio * windows.centre[:, :-1]
    features = np.arange(1, mean.shape[1])
    back[:, features, features] = ratio
    in_units = np.einsum("bij,bj->bi", back, mean)
    in_units[:, 0] += y_centre
    variances = np.einsum("bij,bjk,bik->bi", back, covariance, back)
    residual = windows.rows[..., -1] - np.einsum("bti,bi->bt", windows.rows[..., :-1], mean)
    squares = np.maximum((residual**2).sum(axis=1), 1e-300)
    return WindowPosteriors(
        in_units,
        np.sqrt(np.maximum(variances, 0.0)),
        y_centre + y_spread * forecast,
        y_spread * np.sqrt(spread),
        rho,
        (residual[:, 1:] * residual[:, :-1]).sum(axis=1) / squares,
    )
