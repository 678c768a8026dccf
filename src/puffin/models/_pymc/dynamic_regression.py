r"""The model of `puffin.inference.dynamic_regression` for PyMC: one fit before each row.

The states are :math:`\theta_t = \theta_0 + \sigma Q_g^{1/2} \sum_{s \le t} w_s`, w standard normal,
and the grid point g is summed out of the likelihood, so that NUTS has continuous unknowns only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.dynamic_filter import FilteredCoefficients
from puffin.inference.dynamic_regression import DynamicPrior
from puffin.inference.settings import Settings
from puffin.models._pymc.sampling import sample_model
from puffin.progress import progress_bar

if TYPE_CHECKING:
    import pymc as pm


__all__ = ["dynamic_regression_model", "filter_coefficients"]


def filter_coefficients(
    Z: Array, y: Array, prior: DynamicPrior, window: int, settings: Settings
) -> FilteredCoefficients:
    """Return the moments that are known before each row from `window` on; NaN before that.

    Raises
    ------
    SamplingError
        If PyMC fails.
    """
    T, p = Z.shape
    found = FilteredCoefficients.empty(T, p)
    quiet = replace(settings, progressbar=False)
    with progress_bar("Sampling before each row", T + 1 - window, settings.progressbar) as advance:
        for t in range(window, T + 1):
            states, sigma, walks = _draw_last_states(Z[:t], y[:t], prior, quiet)
            mean, covariance = states.mean(axis=0), np.cov(states.T)
            ahead = covariance + np.diag(walks)
            found.filtered_mean[t - 1], found.filtered_covariance[t - 1] = mean, covariance
            found.predicted_mean[t], found.predicted_covariance[t] = mean, ahead
            if t < T:
                found.forecast_mean[t] = Z[t] @ mean
                found.forecast_variance[t] = Z[t] @ ahead @ Z[t] + np.mean(sigma**2)
            advance(1)
    return found


def _draw_last_states(
    Z: Array, y: Array, prior: DynamicPrior, settings: Settings
) -> tuple[Array, Array, Array]:
    """Return draws of the last states and of sigma, and the posterior mean of q sigma^2."""
    model = dynamic_regression_model(Z, y, prior)
    draws = sample_model(model, ["start", "steps", "sigma"], settings).variables
    start, steps, sigma = (
        draws[name].reshape(-1, *draws[name].shape[2:]) for name in ("start", "steps", "sigma")
    )
    paths = np.cumsum(steps, axis=1)
    roots = np.sqrt(prior.walk_variances)
    # (n_draws, n_grid): the fit of each draw at each grid point.
    errors = y - start @ Z.T
    moved = np.einsum("tp,stp,gp->sgt", Z, paths, roots) * sigma[:, None, None]
    log_weight = -0.5 * np.sum((errors[:, None] - moved) ** 2, axis=2) / sigma[:, None] ** 2
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    [stream] = streams(settings.seed, 1, purpose=Purpose.GRID_POINTS)
    points = np.array([stream.choice(len(roots), p=row) for row in weight])
    states = start + sigma[:, None] * roots[points] * paths[:, -1]
    walks = (weight[:, :, None] * prior.walk_variances * sigma[:, None, None] ** 2).sum(axis=1)
    return states, sigma, walks.mean(axis=0)


def dynamic_regression_model(Z: Array, y: Array, prior: DynamicPrior) -> pm.Model:
    """Return the PyMC model of all rows of y."""
    import pymc as pm
    import pytensor.tensor as pt

    T, p = Z.shape
    roots = np.sqrt(prior.walk_variances)
    with pm.Model() as model:
        variance = pm.InverseGamma("variance", 0.5 * prior.freedom, 0.5 * prior.sum_of_squares)
        sigma = pm.Deterministic("sigma", pm.math.sqrt(variance))
        unit = pm.Normal("unit", 0.0, 1.0, shape=p)
        start = pm.Deterministic("start", sigma * np.sqrt(prior.start_variance) * unit)
        steps = pm.Normal("steps", 0.0, 1.0, shape=(T, p))
        paths = pt.cumsum(steps, axis=0)
        moved = sigma * pt.dot(paths * Z, roots.T)
        error = (y - pt.dot(Z, start))[:, None] - moved
        each = -0.5 * pt.sum((error / sigma) ** 2, axis=0) - T * pt.log(sigma)
        pm.Potential("y", pt.logsumexp(each))
    return model
