"""The models of `puffin.inference.linear_regression` and `student_t_regression` for PyMC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.settings import Settings
from puffin.models._pymc.sampling import sample_model

if TYPE_CHECKING:
    import pymc as pm

__all__ = ["regression_model", "sample_linear_regression", "sample_student_t_regression"]


def sample_linear_regression(
    X: Array, y: Array, prior: RegressionPrior, settings: Settings
) -> Draws:
    """Draw alpha, beta and sigma, errors Gaussian, with NUTS."""
    model = regression_model(X, y, prior, student=False)
    return sample_model(model, ["alpha", "beta", "sigma"], settings)


def sample_student_t_regression(
    X: Array, y: Array, prior: RegressionPrior, settings: Settings
) -> Draws:
    """Draw alpha, beta, sigma and nu, errors Student-t, with NUTS."""
    model = regression_model(X, y, prior, student=True)
    return sample_model(model, ["alpha", "beta", "sigma", "nu"], settings)


def regression_model(X: Array, y: Array, prior: RegressionPrior, *, student: bool) -> pm.Model:
    """Return the PyMC model."""
    import pymc as pm

    with pm.Model() as model:
        alpha = pm.Normal("alpha", 0.0, prior.intercept_sd)
        beta = pm.Normal("beta", 0.0, prior.coefficient_sd, shape=X.shape[1])
        sigma = pm.TruncatedNormal("sigma", 0.0, prior.sigma_sd, lower=prior.sigma_floor)
        centre = alpha + pm.math.dot(X, beta)
        if student:
            nu = pm.Deterministic("nu", 2.0 + pm.Exponential("excess", scale=prior.tail_mean))
            pm.StudentT("y", nu, centre, sigma=sigma, observed=y)
        else:
            pm.Normal("y", centre, sigma, observed=y)
    return model
