"""The model of `puffin.inference.hierarchical.sampler` for PyMC."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from puffin.inference.chains import Purpose, streams
from puffin.inference.draws import Draws
from puffin.inference.hierarchical.problem import HierarchicalPrior, NoisyEstimates
from puffin.inference.settings import Settings
from puffin.models._pymc.sampling import sample_model

if TYPE_CHECKING:
    import pymc as pm

__all__ = ["hierarchical_model", "sample_hierarchical"]


def sample_hierarchical(
    estimates: NoisyEstimates, prior: HierarchicalPrior, settings: Settings
) -> Draws:
    """Draw coefficients, means and spreads with NUTS; the signature is the native engine's."""
    names = ["theta", "mean", "spread", "typical_spread"]
    if estimates.shape[0] > 1:
        names += ["group_mean", "between"]
    if prior.share is not None:
        names += ["share", "log_odds"]
    draws = sample_model(hierarchical_model(estimates, prior), names, settings)
    return draws if prior.share is None else _with_zeros(draws, settings)


def _with_zeros(draws: Draws, settings: Settings) -> Draws:
    """Return draws where the first coefficients that are zero are drawn, given all else."""
    variables = dict(draws.variables)
    odds, theta = np.exp(variables.pop("log_odds")), variables["theta"].copy()
    stream = streams(settings.seed, 1, purpose=Purpose.SPIKE)[0]
    theta[..., 0][stream.random(odds.shape) * (1.0 + odds) >= odds] = 0.0
    return replace(draws, variables={**variables, "theta": theta})


def hierarchical_model(estimates: NoisyEstimates, prior: HierarchicalPrior) -> pm.Model:
    """Return the PyMC model: spreads times standard normal numbers, but for what is common.

    With a spike, whether a first coefficient is zero is summed out: `theta` is what it is if not.
    """
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
        common = pt.zeros((n_assets, q))
        if k:
            luck = pm.Normal("luck", 0.0, 1.0, shape=q * k)
            chance = pt.dot(np.linalg.cholesky(estimates.common), luck).reshape((q, k))
            common = pt.dot(estimates.exposures, chance.T)
        whitened = np.linalg.inv(np.linalg.cholesky(estimates.own))

        def log_likelihood(coefficients: Any) -> Any:
            gap = estimates.values - coefficients - common
            return -0.5 * pt.sum(pt.sum(whitened * gap[:, None, :], axis=2) ** 2, axis=1)

        if prior.share is None:
            pm.Potential("estimates", pt.sum(log_likelihood(theta)))
        else:
            share = pm.Beta("share", *prior.share)
            slab = pt.log(share) + log_likelihood(theta)
            spike = pt.log1p(-share) + log_likelihood(pt.set_subtensor(theta[:, 0], 0.0))
            pm.Deterministic("log_odds", slab - spike)
            pm.Potential("estimates", pt.sum(pt.logaddexp(slab, spike)))
    return model
