"""The model of `puffin.inference.rolling_regression` for PyMC: one fit for each window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.regression_units import RegressionUnits
from puffin.inference.rolling_windows import WindowPosteriors
from puffin.inference.settings import Settings
from puffin.models._pymc.linear_regression import regression_model
from puffin.models._pymc.sampling import sample_model
from puffin.progress import progress_bar

if TYPE_CHECKING:
    import pymc as pm

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
    quiet = replace(settings, progressbar=False)
    sample = _sample_autoregressive if autoregressive else _sample_independent
    with progress_bar("Sampling in each window", count, settings.progressbar) as advance:
        for first in range(count):
            part = slice(first, first + window)
            units = _units(X[part], y[part], scale)
            draws = _Coefficients.of(sample(*units.scaled(X[part], y[part]), prior, quiet), units)
            rows.append(draws.moments(X, y, part))
            advance(1)
    return WindowPosteriors(*map(np.array, zip(*rows, strict=True)))


def _sample_independent(X: Array, y: Array, prior: RegressionPrior, settings: Settings) -> Draws:
    model = regression_model(X, y, prior, student=False)
    return sample_model(model, ["alpha", "beta", "sigma"], settings)


def _sample_autoregressive(X: Array, y: Array, prior: RegressionPrior, settings: Settings) -> Draws:
    return sample_model(
        autoregressive_model(X, y, prior), ["alpha", "beta", "sigma", "rho"], settings
    )


def _units(X: Array, y: Array, scale: float | None) -> RegressionUnits:
    if scale is not None:
        return RegressionUnits.of_number(scale, X.shape[1])
    return RegressionUnits(X.mean(axis=0), X.std(axis=0), float(y.mean()), float(y.std()))


@dataclass(frozen=True)
class _Coefficients:
    """Draws of a window's parameters, in the units of the data."""

    alpha: Array
    beta: Array
    sigma: Array
    rho: Array

    @classmethod
    def of(cls, draws: Draws, units: RegressionUnits) -> _Coefficients:
        flat = {
            name: values.reshape(-1, *values.shape[2:]) for name, values in draws.variables.items()
        }
        alpha, beta = units.coefficients(flat["alpha"], flat["beta"])
        return cls(alpha, beta, units.y_scale * flat["sigma"], flat.get("rho", np.zeros(1)))

    def moments(
        self, X: Array, y: Array, part: slice
    ) -> tuple[Array, Array, float, float, float, float]:
        """Return a row of `WindowPosteriors`: of the rows `part` and the forecast of the next."""
        after, forecast, forecast_sd = part.stop, np.nan, np.nan
        if after < y.size:
            last = y[after - 1] - self.alpha - self.beta @ X[after - 1]
            expected = self.alpha + self.beta @ X[after] + self.rho * last
            forecast = float(expected.mean())
            forecast_sd = float(np.sqrt(expected.var() + np.mean(self.sigma**2)))
        residual = y[part] - self.alpha.mean() - X[part] @ self.beta.mean(axis=0)
        lagged = float(residual[1:] @ residual[:-1] / (residual @ residual))
        both = np.column_stack([self.alpha, self.beta])
        return (
            both.mean(axis=0),
            both.std(axis=0),
            forecast,
            forecast_sd,
            float(self.rho.mean()),
            lagged,
        )


def autoregressive_model(X: Array, y: Array, prior: RegressionPrior) -> pm.Model:
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
