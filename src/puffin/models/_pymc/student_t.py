"""The model of `puffin.inference.student_t` for PyMC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.settings import Settings
from puffin.inference.student_t import LocationScalePrior
from puffin.models._pymc.sampling import sample_model

if TYPE_CHECKING:
    import pymc as pm

__all__ = ["sample_student_t", "student_t_model"]


def sample_student_t(
    x: Array, prior: LocationScalePrior, settings: Settings, *, autoregressive: bool
) -> Draws:
    """Draw mu, sigma, nu (and rho) with NUTS."""
    names = ["mu", "sigma", "nu", "rho"] if autoregressive else ["mu", "sigma", "nu"]
    return sample_model(student_t_model(x, prior, autoregressive=autoregressive), names, settings)


def student_t_model(x: Array, prior: LocationScalePrior, *, autoregressive: bool) -> pm.Model:
    """Return the PyMC model."""
    import pymc as pm

    with pm.Model() as model:
        mu = pm.Normal("mu", 0.0, prior.location_sd)
        sigma = pm.HalfNormal("sigma", prior.scale_sd)
        nu = pm.Deterministic("nu", 2.0 + pm.Exponential("excess", scale=prior.tail_mean))
        if autoregressive:
            rho = pm.TruncatedNormal(
                "rho", 0.0, prior.autocorrelation_sd, lower=-1.0, upper=1.0, initval=0.0
            )
            pm.StudentT("x", nu, mu + rho * (x[:-1] - mu), sigma=sigma, observed=x[1:])
        else:
            pm.StudentT("x", nu, mu, sigma=sigma, observed=x)
    return model
