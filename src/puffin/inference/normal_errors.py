"""Mean and standard deviation of returns with normal errors: see `location_scale` for the model."""

from __future__ import annotations

import math

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.independence import sample_independence
from puffin.inference.location_scale import LocationScalePrior
from puffin.inference.settings import Settings

__all__ = ["log_density", "sample_normal"]


def sample_normal(
    x: Array, prior: LocationScalePrior, settings: Settings, *, autoregressive: bool
) -> Draws:
    """Draw mu, sd (and rho), given x of shape (n_observations,)."""
    start = [float(x.mean()), math.log(x.std())]
    sample = sample_independence(
        lambda points: log_density(points, x, prior),
        np.array([*start, 0.0] if autoregressive else start),
        settings,
    )
    variables = {"mu": sample.values[..., 0], "sd": np.exp(sample.values[..., 1])}
    if autoregressive:
        variables["rho"] = np.tanh(sample.values[..., 2])
    return Draws(variables, sample.method, {"accepted": sample.accepted}, sample.report)


def log_density(points: Array, x: Array, prior: LocationScalePrior) -> Array:
    """Return the log-density at (mu, log sd) or (mu, log sd, atanh rho), up to a constant.

    It takes the moments of the observations alone, whatever their number.
    """
    with np.errstate(over="ignore"):
        return _log_density(points, x, prior)


def _log_density(points: Array, x: Array, prior: LocationScalePrior) -> Array:
    mu, log_sd = points[:, 0], points[:, 1]
    values = -0.5 * (mu / prior.mean_sd) ** 2 - 0.5 * (np.exp(log_sd) / prior.sd_sd) ** 2 + log_sd
    if points.shape[1] == 2:
        squares = x.size * (x.var() + (x.mean() - mu) ** 2)
        return np.asarray(values - x.size * log_sd - 0.5 * squares * np.exp(-2.0 * log_sd))
    rho, n = np.tanh(points[:, 2]), x.size - 1
    moments = np.cov(x[1:], x[:-1], ddof=0)
    spread = moments[0, 0] - 2.0 * rho * moments[0, 1] + rho**2 * moments[1, 1]
    mean = x[1:].mean() - rho * x[:-1].mean() - (1.0 - rho) * mu
    log_error = log_sd + 0.5 * np.log1p(-(rho**2))
    squares = n * (spread + mean**2) * np.exp(-2.0 * log_error)
    values += -0.5 * (rho / prior.autocorrelation_sd) ** 2 + np.log1p(-(rho**2))
    return np.asarray(values - n * log_error - 0.5 * squares)
