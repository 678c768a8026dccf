"""Hedge ratios through time, as arrays in the units of the prices, by either method and engine."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.dynamic_filter import FilteredCoefficients
from puffin.inference.dynamic_regression import (
    draw_grid_points,
    filter_coefficients,
    sample_coefficient_paths,
)
from puffin.inference.linear_regression import with_intercept
from puffin.inference.regression_units import RegressionUnits
from puffin.inference.rolling_least_squares import rolling_least_squares
from puffin.inference.rolling_regression import rolling_regression
from puffin.inference.rolling_windows import WindowPosteriors
from puffin.inference.settings import Settings
from puffin.models.pairs.priors import PairsPriors
from puffin.posterior import SAMPLING_FAILURES, FallbackWarning, Posterior
from puffin.validation import PairPrices

__all__ = [
    "DynamicHedge",
    "hedge_steps",
    "path_posterior",
    "rolling_hedge",
    "state_space_hedge",
]

_MOST_PATHS = 200_000_000 // 8


@dataclass(frozen=True)
class DynamicHedge:
    """What is known of the coefficients before each row, from the first after the warm-up on.

    Attributes
    ----------
    mean, sd : ndarray of shape (n_times - window + 1, 1 + n_hedges)
        Of intercept and hedge ratios; the last row is that of the next date.
    forecast_mean, forecast_sd : ndarray of shape (n_times - window,)
        Of y given the row's x.
    method : str
        What made them.
    autocorrelation : float
        Of the residuals within windows: the median over windows. Zero for the state space.
    filtered_mean, filtered_sd : ndarray of shape (n_times, 1 + n_hedges) or None
        Given the row itself too.
    """

    mean: Array
    sd: Array
    forecast_mean: Array
    forecast_sd: Array
    method: str
    autocorrelation: float
    filtered_mean: Array | None = None
    filtered_sd: Array | None = None


def rolling_hedge(
    X: Array,
    y: Array,
    window: int,
    priors: PairsPriors,
    engine: str,
    settings: Settings,
    *,
    autoregressive: bool,
) -> DynamicHedge:
    """Return the posterior of each window; rolling least squares, with a warning, if that fails."""
    scale = None if priors.scale == "data" else float(priors.scale)
    try:
        if engine == "pymc":
            from puffin.models._pymc.rolling_regression import (
                rolling_regression as rolling_regression_by_pymc,
            )

            found = rolling_regression_by_pymc(
                X, y, window, priors.rolling, settings, scale=scale, autoregressive=autoregressive
            )
        else:
            found = rolling_regression(
                X, y, window, priors.rolling, scale=scale, autoregressive=autoregressive
            )
        method = f"{'NUTS' if engine == 'pymc' else 'exact posterior'} of every window"
    except SAMPLING_FAILURES as error:
        return _least_squares_hedge(X, y, window, error)
    return _of_windows(found, method)


def _least_squares_hedge(X: Array, y: Array, window: int, error: Exception) -> DynamicHedge:
    warnings.warn(
        f"Sampling failed ({error}); the hedge ratios are rolling least squares with its own "
        "intervals, without priors.",
        FallbackWarning,
        stacklevel=5,
    )
    return _of_windows(rolling_least_squares(X, y, window), "rolling least squares")


def _of_windows(found: WindowPosteriors, method: str) -> DynamicHedge:
    return DynamicHedge(
        found.mean,
        found.sd,
        found.forecast_mean[:-1],
        found.forecast_sd[:-1],
        method,
        float(np.median(found.residual_autocorrelation)),
    )


def state_space_hedge(
    X: Array, y: Array, window: int, priors: PairsPriors, engine: str, settings: Settings
) -> DynamicHedge:
    """Return filtered coefficients; rolling least squares, with a warning, if that fails."""
    units = _units(X, y, window, priors)
    Z, target = _design(X, y, units)
    prior = priors.dynamic(X.shape[1])
    try:
        if engine == "pymc":
            from puffin.models._pymc.dynamic_regression import (
                filter_coefficients as filter_coefficients_by_pymc,
            )

            found = filter_coefficients_by_pymc(Z, target, prior, window, settings)
        else:
            found, _ = filter_coefficients(Z, target, prior)
        _check_finite(found, window)
    except SAMPLING_FAILURES as error:
        return _least_squares_hedge(X, y, window, error)
    mean, sd = units.moments(found.predicted_mean, found.predicted_covariance)
    filtered = units.moments(found.filtered_mean, found.filtered_covariance)
    return DynamicHedge(
        mean[window:],
        sd[window:],
        units.y_centre + units.y_scale * found.forecast_mean[window:],
        units.y_scale * np.sqrt(found.forecast_variance[window:]),
        "NUTS before every row" if engine == "pymc" else "grid of conjugate filters",
        0.0,
        *filtered,
    )


def path_posterior(
    pair: PairPrices, window: int, priors: PairsPriors, settings: Settings
) -> Posterior:
    """Draw paths of the state space's coefficients given all rows, as many as take 200 MB.

    Returns
    -------
    Posterior
        `intercept` of shape (n_chains, n_draws, n_times), `hedge_ratio` (..., n_times, n_hedges)
        and `sigma` (n_chains, n_draws).
    """
    rows = pair.complete
    X, y = pair.X[rows], pair.y[rows]
    most = _MOST_PATHS // (settings.chains * y.size * (1 + X.shape[1]))
    settings = replace(settings, draws=max(1, min(settings.draws, most)))
    units = _units(X, y, window, priors)
    prior = priors.dynamic(X.shape[1])
    paths, sigma = sample_coefficient_paths(*_design(X, y, units), prior, settings)
    intercept, ratio = units.coefficients(paths[..., 0], paths[..., 1:])
    return Posterior(
        variables={
            "intercept": intercept,
            "hedge_ratio": ratio,
            "sigma": units.y_scale * sigma,
        },
        method="forward filtering, backward sampling",
        engine="native",
        dims={
            "intercept": ["time"],
            "hedge_ratio": ["time", "hedge"],
            "y": ["time"],
            "x": ["time", "hedge"],
        },
        coords={"time": np.asarray(pair.index[rows]), "hedge": list(pair.hedges)},
        observed={"y": y, "x": X},
    )


def hedge_steps(X: Array, y: Array, window: int, priors: PairsPriors, settings: Settings) -> Array:
    """Draw the standard deviations of the hedge ratios' steps, given all rows.

    Returns
    -------
    ndarray of shape (n_chains * n_draws, n_hedges)
    """
    units, prior = _units(X, y, window, priors), priors.dynamic(X.shape[1])
    _, grid = filter_coefficients(*_design(X, y, units), prior)
    [stream] = streams(settings.seed, 1, purpose=Purpose.HEDGE_STEPS)
    points, sigma = draw_grid_points(grid, settings.chains * settings.draws, stream)
    walks = np.sqrt(prior.walk_variances[points, 1:])
    return np.asarray(sigma[:, None] * walks * (units.y_scale / units.X_scale))


def _units(X: Array, y: Array, window: int, priors: PairsPriors) -> RegressionUnits:
    """Return the units of the state space's priors: those of the warm-up alone."""
    if priors.scale != "data":
        return RegressionUnits.of_number(float(priors.scale), X.shape[1])
    X, y = X[:window], y[:window]
    return RegressionUnits(X.mean(axis=0), X.std(axis=0), float(y.mean()), float(y.std()))


def _design(X: Array, y: Array, units: RegressionUnits) -> tuple[Array, Array]:
    """Return features with an intercept, and target, in the priors' units."""
    X, y = units.scaled(X, y)
    return with_intercept(X), y


def _check_finite(found: FilteredCoefficients, window: int) -> None:
    parts = found.predicted_mean, found.predicted_covariance, found.forecast_variance
    if not all(np.isfinite(values[window:]).all() for values in parts):
        raise ArithmeticError("the filter's numbers overflowed")
