"""Least squares in every window of a series: rolling regression's fallback."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.inference.rolling_windows import Moments, WindowPosteriors, Windows

__all__ = ["rolling_least_squares"]


def rolling_least_squares(X: Array, y: Array, window: int) -> WindowPosteriors:
    """Return least squares of each window in the form of posteriors: the fallback.

    `sd` and `forecast_sd` are those of the t distribution with n - k degrees of freedom that least
    squares' intervals come from.
    """
    count = y.size - window + 1
    windows = Windows.of(X, y, window, None).first(count)
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
    return windows.in_units(Moments(estimate, covariance, forecast, spread, np.zeros(count)))
