"""From a panel to draws: estimates, their prior, the sampler, and names for what it draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.hierarchical import (
    HierarchicalPrior,
    NoisyEstimates,
    sample_hierarchical,
)
from puffin.inference.settings import Settings
from puffin.models.hierarchical.arguments import HierarchicalArguments
from puffin.models.hierarchical.estimates import AssetEstimates, estimate_assets
from puffin.models.hierarchical.fitted import FittedHierarchy
from puffin.models.hierarchical.panel import AssetPanel
from puffin.models.hierarchical.unit import AlphaUnit
from puffin.posterior import Posterior

__all__ = ["SamplingProblem", "fit_panel"]


@dataclass(frozen=True)
class SamplingProblem:
    """What a sampler is given, and what it takes to read its draws.

    Attributes
    ----------
    unit : AlphaUnit
    estimates : AssetEstimates
        In this unit, annual.
    scale : ndarray of shape (n_assets,)
        What betas are multiplied by to be those of plain returns.
    noisy : NoisyEstimates
    prior : HierarchicalPrior
    """

    unit: AlphaUnit
    estimates: AssetEstimates
    scale: Array
    noisy: NoisyEstimates
    prior: HierarchicalPrior

    @classmethod
    def of(cls, panel: AssetPanel, arguments: HierarchicalArguments) -> SamplingProblem:
        """Estimate each asset of a panel."""
        unit = AlphaUnit(arguments.unit, bool(panel.factor_names))
        alone = estimate_assets(
            panel.returns,
            panel.factors,
            residual_factors=arguments.residual_factors,
            counted=arguments.autocorrelation == "counted",
        )
        annual = unit.annual(alone, panel.periods_per_year)
        units = unit.prior_units(annual, panel.factors, panel.periods_per_year)
        noisy = NoisyEstimates(
            annual.values, annual.own, annual.exposures, annual.common, panel.groups
        )
        scale = alone.total_sd / annual.total_sd
        return cls(unit, annual, scale, noisy, arguments.priors.scaled(units))


def fit_panel(
    panel: AssetPanel, arguments: HierarchicalArguments, settings: Settings
) -> FittedHierarchy:
    """Draw from the posterior of a panel."""
    problem = SamplingProblem.of(panel, arguments)
    draws = _sampler(arguments.engine)(problem.noisy, problem.prior, settings)
    return FittedHierarchy(
        posterior=_posterior(draws, panel, problem, arguments.engine),
        unit=problem.unit,
        hdi_prob=arguments.hdi_prob,
        periods_per_year=panel.periods_per_year,
        n_common=problem.estimates.exposures.shape[1],
        rejected=panel.rejected,
    )


def _sampler(engine: str) -> Callable[[NoisyEstimates, HierarchicalPrior, Settings], Draws]:
    if engine == "pymc":
        from puffin.models._pymc import hierarchical as by_pymc

        return by_pymc.sample_hierarchical
    return sample_hierarchical


def _posterior(draws: Draws, panel: AssetPanel, problem: SamplingProblem, engine: str) -> Posterior:
    """Return draws by the names that they have for users; betas are those of plain returns."""
    given, estimates = draws.variables, problem.estimates
    variables: dict[str, Array] = {}
    dims: dict[str, list[str]] = {}
    for name, (source, *dim) in _NAMES.items():
        if source in given:
            variables[f"alpha{name}"], dims[f"alpha{name}"] = given[source][..., 0], dim
            if panel.factor_names:
                variables[f"beta{name}"] = given[source][..., 1:]
                dims[f"beta{name}"] = [*dim, "factor"]
    if panel.factor_names:
        variables["beta"] = variables["beta"] * problem.scale[:, None]
    observed = {
        "estimate": estimates.values[:, 0],
        "std_error": np.sqrt(estimates.covariances[:, 0, 0]),
        "own_error": np.sqrt(estimates.own[:, 0, 0]),
        "n_observations": estimates.n_observations.astype(np.float64),
        "group_of": panel.groups.astype(np.float64),
    }
    return Posterior(
        variables=variables,
        method=draws.method,
        engine=engine,
        dims={**dims, **{name: ["asset"] for name in observed}},
        coords={
            "asset": list(panel.assets),
            "group": list(panel.group_names),
            "factor": list(panel.factor_names),
        },
        observed=observed,
        statistics=draws.statistics,
        report=draws.report,
    )


_NAMES: Mapping[str, tuple[str, ...]] = {
    "": ("theta", "asset"),
    "_mean": ("mean",),
    "_spread": ("spread", "group"),
    "_typical_spread": ("typical_spread",),
    "_group": ("group_mean", "group"),
    "_between": ("between",),
}
"""What follows alpha and beta in a variable's name: what the samplers call it, and its dim."""
