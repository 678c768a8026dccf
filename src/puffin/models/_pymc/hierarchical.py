"""The model of `puffin.inference.hierarchical` for PyMC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from puffin.inference.draws import Draws
from puffin.inference.hierarchical import HierarchicalPrior, NoisyEstimates
from puffin.inference.settings import Settings
from puffin.models._pymc.sampling import sample_model

if TYPE_CHECKING:
    import pymc as pm

__all__ = ["hierarchical_model", "sample_hierarchical"]


def sample_hierarchical(
    estimates: NoisyEstimates, prior: HierarchicalPrior, settings: Settings
) -> Draws:
    """Draw coefficients, means and spreads with NUTS; the signature is the native engine's."""
    names = ["theta", "mean", "spread", "typical_spread", "group_mean", "between"]
    grouped = estimates.shape[0] > 1
    model = hierarchical_model(estimates, prior)
    return sample_model(model, names if grouped else names[:-2], settings)


def hierarchical_model(estimates: NoisyEstimates, prior: HierarchicalPrior) -> pm.Model:
    """Return the PyMC model: spreads times standard normal numbers, but for what is common."""
    import pymc as pm
    import pytensor.tensor as pt

    (n_groups, q), k = estimates.shape, estimates.exposures.shape[1]
    n_assets = len(estimates.values)
    with pm.Model() as model:
        mean = pm.Normal("mean", 0.0, prior.mean_sd, shape=q)
        typical = pm.HalfNormal("typical_spread", prior.spread_sd, shape=q)
        unit_spread = pm.HalfNormal("unit_spread", 1.0, shape=(n_groups, q))
        spread = pm.Deterministic("spread", unit_spread * typical)
        centre = pt.tile(mean[None, :], (n_groups, 1))
        if n_groups > 1:
            between = pm.HalfNormal("between", prior.spread_sd, shape=q)
            offset = pm.Normal("offset", 0.0, 1.0, shape=(n_groups, q))
            centre = pm.Deterministic("group_mean", mean + between * offset)
        unit = pm.Normal("unit", 0.0, 1.0, shape=(n_assets, q))
        theta = pm.Deterministic(
            "theta", centre[estimates.groups] + spread[estimates.groups] * unit
        )
        expected = theta
        if k:
            luck = pm.Normal("luck", 0.0, 1.0, shape=q * k)
            chance = pt.dot(np.linalg.cholesky(estimates.common), luck).reshape((q, k))
            expected = expected + pt.dot(estimates.exposures, chance.T)
        whitened = np.linalg.inv(np.linalg.cholesky(estimates.own))
        gap = pt.sum(whitened * (estimates.values - expected)[:, None, :], axis=2)
        pm.Potential("estimates", -0.5 * pt.sum(gap**2))
    return model
