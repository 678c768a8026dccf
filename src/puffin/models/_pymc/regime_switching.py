r"""The model of `puffin.inference.regimes` for PyMC, its regimes summed out.

The likelihood is a product of matrices, :math:`\pi' D_1 P D_2 P \cdots D_T 1` with :math:`D_t` the
diagonal matrix of the densities of :math:`y_t`. It is taken in pairs, then pairs of pairs, each
product divided by its largest element, so that there is no loop over time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.regimes.parameters import RegimeCoordinates
from puffin.inference.settings import Settings
from puffin.models._pymc import asymmetric_t
from puffin.models._pymc.sampling import sample_model

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable

__all__ = ["regime_switching_model", "sample_regimes"]


def regime_switching_model(y: Array, coordinates: RegimeCoordinates) -> pm.Model:
    """Return the PyMC model; `y` is in the unit of the prior, NaN where a return is missing."""
    import pymc as pm
    import pytensor.tensor as pt

    k, prior = coordinates.n_regimes, coordinates.prior
    counts = prior.switch + (prior.stay - prior.switch) * np.eye(k)
    known = np.isfinite(y)
    with pm.Model() as model:
        mean = pm.Normal("mean", 0.0, prior.mean_sd, shape=k)
        log_sd = pm.Normal(
            "log_sd", prior.log_median, prior.log_sd, shape=k, initval=np.linspace(-0.7, 0.7, k),
            transform=pm.distributions.transforms.ordered if k > 1 else None,
        )  # fmt: skip
        sd = pm.Deterministic("sd", pt.exp(log_sd))
        shape = [_shape(name, coordinates) for name in coordinates.law.shape_names]
        errors = (np.where(known, y, 0.0)[:, None] - mean[None]) / sd[None]
        logs = (_log_density(errors, shape) - log_sd[None]) * known[:, None]
        if k > 1:
            transition = pm.Dirichlet("transition", counts, shape=(k, k))
            pm.Potential("y", _log_likelihood(logs, transition))
        else:
            pm.Deterministic("transition", pt.ones((1, 1)))
            pm.Potential("y", logs.sum())
    return model


def sample_regimes(y: Array, coordinates: RegimeCoordinates, settings: Settings) -> Draws:
    """Draw by NUTS what `puffin.inference.regimes.sampler.sample_regimes` draws."""
    model = regime_switching_model(y, coordinates)
    names = ["mean", "sd", "transition", *coordinates.law.shape_names]
    return sample_model(model, names, settings)


def _shape(name: str, coordinates: RegimeCoordinates) -> TensorVariable:
    """Return a shape parameter, one or one for each regime, by its prior."""
    import pymc as pm

    size, prior = (coordinates.n_regimes if coordinates.own_shape else None), coordinates.prior
    reach = prior.shape[name].reach
    if name == "asymmetry":
        return pm.Normal(name, 0.0, reach, shape=size)
    excess = pm.Exponential(f"{name}_excess", scale=reach, shape=size)
    return pm.Deterministic(name, 2.0 + excess)


def _log_density(errors: TensorVariable, shape: list[TensorVariable]) -> TensorVariable:
    """Return the log density of errors by the law with this shape."""
    import pytensor.tensor as pt

    if not shape:
        return -0.5 * errors**2 - 0.5 * math.log(2.0 * math.pi)
    if len(shape) == 3:
        return asymmetric_t.log_density(errors, shape)
    [nu] = shape
    constant = pt.gammaln(0.5 * (nu + 1.0)) - pt.gammaln(0.5 * nu)
    kernel = 0.5 * (nu + 1.0) * pt.log1p(errors**2 / (nu - 2.0))
    return constant - 0.5 * pt.log(math.pi * (nu - 2.0)) - kernel


def _log_likelihood(logs: TensorVariable, transition: TensorVariable) -> TensorVariable:
    """Return the log of the matrix product; `logs` has shape (n_times, n_regimes)."""
    import pytensor.tensor as pt

    k, n = logs.type.shape[1], logs.type.shape[0]
    initial = pt.linalg.solve(pt.eye(k) - transition.T + 1.0, pt.ones(k))
    highest = logs.max(axis=1)
    densities = pt.exp(logs - highest[:, None])
    factors, total = densities[:, :, None] * transition[None], highest.sum()
    while n > 1:
        product = (factors[: n - n % 2 : 2, :, :, None] * factors[1::2, None, :, :]).sum(axis=2)
        largest = product.max(axis=(1, 2))
        total = total + pt.log(largest).sum()
        product = product / largest[:, None, None]
        factors = product if n % 2 == 0 else pt.concatenate([product, factors[n - 1 :]])
        n = (n + 1) // 2
    return total + pt.log((initial @ factors[0]).sum())
