"""From a panel to draws: estimates, their prior, the sampler, and names for what it draws."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.draws import Draws
from puffin.inference.hierarchical.problem import HierarchicalPrior, NoisyEstimates
from puffin.inference.hierarchical.sampler import sample_hierarchical
from puffin.inference.settings import Settings
from puffin.models.hierarchical.arguments import HierarchicalArguments
from puffin.models.hierarchical.copies import AlphaPrior, Copy, find_originals
from puffin.models.hierarchical.estimates import AssetEstimates, estimate_assets
from puffin.models.hierarchical.fitted import FittedHierarchy
from puffin.models.hierarchical.panel import AssetPanel
from puffin.models.hierarchical.unit import AlphaUnit
from puffin.posterior import Posterior

__all__ = ["SamplingProblem", "fit_panel"]

_MOST_NAMED = 3


@dataclass(frozen=True)
class SamplingProblem:
    """What a sampler is given, and what it takes to read its draws.

    Attributes
    ----------
    unit : AlphaUnit
    estimates : AssetEstimates
        In this unit, annual.
    multipliers : ndarray of shape (n_assets, n_coefficients)
        Coefficients in this unit over those of plain returns and periods.
    noisy : NoisyEstimates
    prior : HierarchicalPrior
    """

    unit: AlphaUnit
    estimates: AssetEstimates
    multipliers: Array
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
        years = np.ones(annual.values.shape[1])
        years[0] = unit.alphas_a_year(panel.periods_per_year)
        multipliers = years / scale[:, None]
        prior = arguments.priors.scaled(units, spike=arguments.spike)
        return cls(unit, annual, multipliers, noisy, prior)

    @property
    def facts(self) -> dict[str, Array]:
        """What is said of each asset beside its draws, and what its coefficients were times."""
        return {
            "estimate": self.estimates.values[:, 0],
            "std_error": np.sqrt(self.estimates.covariances[:, 0, 0]),
            "own_error": np.sqrt(self.estimates.own[:, 0, 0]),
            "n_observations": self.estimates.n_observations.astype(np.float64),
            "multipliers": self.multipliers,
        }


def fit_panel(
    panel: AssetPanel, arguments: HierarchicalArguments, settings: Settings
) -> FittedHierarchy:
    """Draw from the posterior of a panel.

    Warns
    -----
    UserWarning
        Of assets that are near-copies of others.
    """
    found = find_originals(panel.returns, panel.factors, panel.groups)
    names = {panel.assets[one]: panel.assets[original] for one, original in found.items()}
    _report(names)
    copies = np.array(list(found), np.intp)
    originals = np.setdiff1d(np.arange(len(panel.assets)), copies)
    problem = SamplingProblem.of(panel.only(originals), arguments)
    draws, facts = _sampler(arguments.engine)(problem.noisy, problem.prior, settings), problem.facts
    if found:
        alone = SamplingProblem.of(panel.only(copies), replace(arguments, residual_factors=0))
        order = np.argsort(np.concatenate([originals, copies]))
        facts = {
            name: np.concatenate([of_originals, alone.facts[name]])[order]
            for name, of_originals in facts.items()
        }
        draws = _with_copies(draws, panel, found, facts["multipliers"], settings)
    return FittedHierarchy(
        posterior=_posterior(draws, panel, facts, arguments.engine),
        unit=problem.unit,
        hdi_prob=arguments.hdi_prob,
        periods_per_year=panel.periods_per_year,
        n_common=problem.estimates.exposures.shape[1],
        rejected=panel.rejected,
        copies=names,
    )


def _report(copies: Mapping[str, str]) -> None:
    """Warn of near-copies."""
    if copies:
        some = ", ".join(f"{one} of {of}" for one, of in list(copies.items())[:_MOST_NAMED])
        more = len(copies) - _MOST_NAMED
        warnings.warn(
            f"Near-copies of other assets: {some}"
            f"{f' and {more} more (see copies)' if more > 0 else ''}. Each counts as one bet with "
            "its original, and is not heard on how alphas differ.",
            UserWarning,
            stacklevel=3,
        )


def _with_copies(
    draws: Draws,
    panel: AssetPanel,
    originals: Mapping[int, int],
    multipliers: Array,
    settings: Settings,
) -> Draws:
    """Return draws with the coefficients of all assets of a panel, drawn given their originals'."""
    given = draws.variables
    distinct = [place for place in range(len(panel.assets)) if place not in originals]
    theta = np.empty((*given["theta"].shape[:2], *multipliers.shape))
    theta[:, :, distinct] = given["theta"]
    means = given.get("group_mean", given["mean"][:, :, None])
    share = given.get("share", np.ones(theta.shape[:2]))
    stream = streams(settings.seed, 1, purpose=Purpose.COPIES)[0]
    for one, original in originals.items():
        group = panel.groups[one]
        copy = Copy.of(panel.returns[:, one], panel.returns[:, original], panel.factors)
        prior = AlphaPrior(means[:, :, group, 0], given["spread"][:, :, group, 0], share)
        theta[:, :, one] = copy.draw(
            theta[:, :, original], (multipliers[one], multipliers[original]), prior, stream
        )
    return replace(draws, variables={**given, "theta": theta})


def _sampler(engine: str) -> Callable[[NoisyEstimates, HierarchicalPrior, Settings], Draws]:
    if engine == "pymc":
        from puffin.models._pymc import hierarchical as by_pymc

        return by_pymc.sample_hierarchical
    return sample_hierarchical


def _posterior(
    draws: Draws, panel: AssetPanel, facts: Mapping[str, Array], engine: str
) -> Posterior:
    """Return draws by the names that they have for users; betas are those of plain returns."""
    given = draws.variables
    variables: dict[str, Array] = {}
    dims: dict[str, list[str]] = {}
    for name, (source, *dim) in _NAMES.items():
        if source in given:
            variables[f"alpha{name}"], dims[f"alpha{name}"] = given[source][..., 0], dim
            if panel.factor_names:
                variables[f"beta{name}"] = given[source][..., 1:]
                dims[f"beta{name}"] = [*dim, "factor"]
    if "share" in given:
        variables["alpha_share"], dims["alpha_share"] = given["share"], []
    if panel.factor_names:
        variables["beta"] = variables["beta"] / facts["multipliers"][:, 1:]
    observed = {
        **{name: facts[name] for name in ("estimate", "std_error", "own_error", "n_observations")},
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
