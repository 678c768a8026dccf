"""Windows of a series in units of their own, and posterior moments in those of the data."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from puffin.arrays import Array

__all__ = ["Moments", "WindowPosteriors", "Windows"]


class WindowPosteriors(NamedTuple):
    """Posterior moments of each window, in the units of the data.

    Attributes
    ----------
    mean : ndarray of shape (n_windows, 1 + n_features)
        Of the coefficients, the intercept first.
    sd : ndarray of shape (n_windows, 1 + n_features)
        Of the features' coefficients and of forecasts to 1e-6; that of the intercept is off by up
        to 2% where errors are AR(1) and a hundredth of y or less: as rho nears 1 only the prior
        says anything of it, over many scales of 1 - rho.
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


class Moments(NamedTuple):
    """Posterior moments of each window in its own units, shapes as in `WindowPosteriors`."""

    mean: Array
    covariance: Array
    forecast: Array
    forecast_variance: Array
    rho: Array


class Windows(NamedTuple):
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

    @classmethod
    def of(cls, X: Array, y: Array, window: int, scale: float | None) -> Windows:
        """Return all windows of so many rows, over `scale` or, without, standardised."""
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
        following[:known, 1:] = (X[window : window + known] - centre[:known, :-1]) / spread[
            :known, :-1
        ]
        return cls(rows, following, centre, spread)

    def first(self, count: int) -> Windows:
        """Return the first of them."""
        return Windows(*(array[:count] for array in self))

    def in_units(self, found: Moments) -> WindowPosteriors:
        """Return the moments in the units of the data."""
        mean = found.mean
        y_centre, y_spread = self.centre[:, -1], self.spread[:, -1]
        ratio = y_spread[:, None] / self.spread[:, :-1]
        # (alpha, beta) in units = offset + back (alpha, beta).
        back = np.zeros((mean.shape[0], mean.shape[1], mean.shape[1]))
        back[:, 0, 0] = y_spread
        back[:, 0, 1:] = -ratio * self.centre[:, :-1]
        features = np.arange(1, mean.shape[1])
        back[:, features, features] = ratio
        in_units = np.einsum("bij,bj->bi", back, mean)
        in_units[:, 0] += y_centre
        variances = np.einsum("bij,bjk,bik->bi", back, found.covariance, back)
        residual = self.rows[..., -1] - np.einsum("bti,bi->bt", self.rows[..., :-1], mean)
        squares = np.maximum((residual**2).sum(axis=1), 1e-300)
        return WindowPosteriors(
            in_units,
            np.sqrt(np.maximum(variances, 0.0)),
            y_centre + y_spread * found.forecast,
            y_spread * np.sqrt(found.forecast_variance),
            found.rho,
            (residual[:, 1:] * residual[:, :-1]).sum(axis=1) / squares,
        )
