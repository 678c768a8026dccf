"""The models of `puffin.inference.location_scale` and of normal errors for PyMC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.location_scale import TAIL_SHAPE, LocationScalePrior
from puffin.inference.settings import Settings
from puffin.models._pymc import asymmetric_t
from puffin.models._pymc.sampling import sample_model

if TYPE_CHECKING:
    import pymc as pm

__all__ = ["SAMPLERS", "location_scale_model"]

Shapes = tuple[str, ...]

_SHAPES: Mapping[str, Shapes] = {
    "normal": (),
    "student": ("nu",),
    "asymmetric": ("asymmetry", "nu_left", "nu_right"),
}


def location_scale_model(
    x: Array, prior: LocationScalePrior, law: str, *, autoregressive: bool
) -> pm.Model:
    """Return the PyMC model."""
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model() as model:
        mu = pm.Normal("mu", 0.0, prior.mean_sd)
        sd = pm.HalfNormal("sd", prior.sd_sd)
        shape = [_shape(name, prior) for name in _SHAPES[law]]
        centre, spread, observed = mu, sd, x
        if autoregressive:
            rho = pm.TruncatedNormal(
                "rho", 0.0, prior.autocorrelation_sd, lower=-1.0, upper=1.0, initval=0.0
            )
            centre, spread, observed = mu + rho * (x[:-1] - mu), sd * pt.sqrt(1 - rho**2), x[1:]
        if law == "normal":
            pm.Normal("x", centre, spread, observed=observed)
        elif law == "student":
            scale = spread * pt.sqrt((shape[0] - 2.0) / shape[0])
            pm.StudentT("x", shape[0], centre, sigma=scale, observed=observed)
        else:
            log_density = asymmetric_t.log_density((observed - centre) / spread, shape)
            pm.Potential("x", pt.sum(log_density - pt.log(spread)))
    return model


def _shape(name: str, prior: LocationScalePrior) -> Any:
    import pymc as pm

    if name == "asymmetry":
        return pm.Normal(name, 0.0, prior.asymmetry_sd)
    excess = pm.Gamma(f"{name}_excess", TAIL_SHAPE, TAIL_SHAPE / prior.tail_mean)
    return pm.Deterministic(name, prior.least_nu + excess)


def _sampler(law: str) -> Callable[..., Draws]:
    def sample(
        x: Array, prior: LocationScalePrior, settings: Settings, *, autoregressive: bool
    ) -> Draws:
        model = location_scale_model(x, prior, law, autoregressive=autoregressive)
        names = ["mu", "sd", *_SHAPES[law], *(["rho"] if autoregressive else [])]
        return sample_model(model, names, settings)

    return sample


SAMPLERS: Mapping[str, Callable[..., Draws]] = {law: _sampler(law) for law in _SHAPES}
"""Drawing with NUTS, by the law's name."""
