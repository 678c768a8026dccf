"""The model of `puffin.inference.rolling_regression` for PyMC: one fit for each window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from puffin.arrays import Array
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.rolling_regression import WindowPosteriors
from puffin.inference.settings import Settings
from puffin.models._pymc.linear_regression import regression_model
from puffin.models._pymc.sampling import sample_model
from puffin.progress import progress_bar

__all__ = ["autoregressive_model", "rolling_regression"]


def rolling_regression(
    X: Array,
    y: Array,
    window: int,
    prior: RegressionPrior,
    settings: Settings,
    *,
    scale: float | None,
    autoregressive: bool,
) -> WindowPosteriors:
    """Return the moments of NUTS draws of each window; the signature is the native engine's.

    Raises
    ------
    SamplingError
        If PyMC fails.
    """
    count, rows = y.size - window + 1, []
    with progress_bar("Sampling in each window", count, settings.progressbar) as advance:
        for first in range(count):
            rows.append(_window(X, y, first, window, prior, settings, scale, autoregressive))
            advance(1)
    columns = (np.array(values) for values in zip(*rows, strict=True))
    return WindowPosteriors(*columns)


def _window(
    X: Array,
    y: Array,
    first: int,
    window: int,
    prior: RegressionPrior,
    settings: Settings,
    scale: float | None,
    autoregressive: bool,
) -> tuple[Array, Array, float, float, float, float]:
    part = slice(first, first + window)
    values = np.column_stack([X[part], y[part]])
    centre = values.mean(axis=0) if scale is None else np.zeros(values.shape[1])
    spread = values.std(axis=0) if scale is None else np.full(values.shape[1], scale)
    scaled = (values - centre) / spread
    quiet = replace(settings, progressbar=False)
    if autoregressive:
        model, names = autoregressive_model(scaled[:, :-1], scaled[:, -1], prior), ["rho"]
    else:
        model, names = regression_model(scaled[:, :-1], scaled[:, -1], prior, student=False), []
    draws = sample_model(model, ["alpha", "beta", "sigma", *names], quiet).variables
    flat = {name: values.reshape(-1, *values.shape[2:]) for name, values in draws.items()}
    rho = flat.get("rho", np.zeros(1))
    beta = flat["beta"] * spread[-1] / spread[:-1]
    alpha = centre[-1] + spread[-1] * flat["alpha"] - beta @ centre[:-1]
    sigma = spread[-1] * flat["sigma"]
    forecast, forecast_sd = np.nan, np.nan
    if first + window < y.size:
        last = y[first + window - 1] - alpha - beta @ X[first + window - 1]
        expected = alpha + beta @ X[first + window] + rho * last
        forecast = float(expected.mean())
        forecast_sd = float(np.sqrt(expected.var() + np.mean(sigma**2)))
    residual = y[part] - alpha.mean() - X[part] @ beta.mean(axis=0)
    lagged = float(residual[1:] @ residual[:-1] / (residual @ residual))
    coefficients = np.column_stack([alpha, beta])
    return (
        coefficients.mean(axis=0),
        coefficients.std(axis=0),
        forecast,
        forecast_sd,
        float(rho.mean()),
        lagged,
    )


def autoregressive_model(X: Array, y: Array, prior: RegressionPrior) -> Any:
    """Return the PyMC model with stationary AR(1) errors."""
    import pymc as pm

    with pm.Model() as model:
        alpha = pm.Normal("alpha", 0.0, prior.intercept_sd)
        beta = pm.Normal("beta", 0.0, prior.coefficient_sd, shape=X.shape[1])
        sigma = pm.TruncatedNormal("sigma", 0.0, prior.sigma_sd, lower=prior.sigma_floor)
        rho = pm.Uniform("rho", -1.0, 1.0)
        error = y - alpha - pm.math.dot(X, beta)
        first = pm.Normal.dist(0.0, sigma / pm.math.sqrt((1.0 - rho) * (1.0 + rho)))
        pm.Potential("first", pm.logp(first, error[0]))
        step = pm.Normal.dist(0.0, sigma)
        pm.Potential("steps", pm.logp(step, error[1:] - rho * error[:-1]).sum())
    return model
