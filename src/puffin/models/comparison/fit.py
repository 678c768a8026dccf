"""The posterior of a comparison: joint where that model holds, else of coupled strategies."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import available_cores
from puffin.inference.scatter_draws import ScatterDraws
from puffin.inference.settings import Settings
from puffin.models.comparison.coupling import coupled_order, in_coupled_order
from puffin.models.comparison.groups import Group, apart, with_hurdles
from puffin.models.comparison.influence import influence_correlation, sharpe_influence
from puffin.models.comparison.joint_check import SdCheck, check_sd
from puffin.models.comparison.priors import ComparisonPriors
from puffin.models.comparison.sampling import BY_STRATEGY, sample_groups
from puffin.models.sharpe.sharpe import posterior_alone, standard_deviation
from puffin.posterior import Posterior, diagnose

__all__ = ["ComparisonFit", "fit_comparison"]

_CHECK_DRAWS, _CHECK_TUNE = 500, 300
_NEAR_SAMPLE = 1.15


@dataclass(frozen=True)
class ComparisonFit:
    """What the strategies were modelled by in the end, and the draws.

    Attributes
    ----------
    groups : list of Group
    posterior : Posterior
        In the order of the groups.
    scatter : ScatterDraws or None
        None where the joint model does not hold.
    correlation : ndarray of shape (n_strategies, n_strategies) or None
        Of the returns, in the order of the groups, where there is no scatter.
    coupled : bool
        Whether strategies of different groups depend on each other, by their coupled draws.
    note : str
        Why there is not one joint model; empty where there is.
    diagnostics : dict of str to dict
    """

    groups: list[Group]
    posterior: Posterior
    scatter: ScatterDraws | None
    correlation: Array | None
    coupled: bool
    note: str
    diagnostics: dict[str, dict[str, float]]


def fit_comparison(
    groups: list[Group],
    note: str,
    periods: float,
    priors: ComparisonPriors,
    pool: bool,
    engine: str,
    settings: Settings,
) -> ComparisonFit:
    """Fit the joint model, check it, and fall back on strategies one by one where it fails.

    `note` says why the strategies share too little to be compared day by day, if they do.
    """
    separate = apart(groups)
    sample = sample_groups(groups, periods, priors, pool, engine, settings)
    looked_at = len(groups) > 1 or _is_suspect(groups, sample[0])
    own = _own(separate, periods, priors, settings) if looked_at else {}
    checks = _checks(groups, sample[0], own)
    failed = {name: check for name, check in checks.items() if check.fails}
    scatter: ScatterDraws | None
    if failed and not pool:
        groups, scatter = with_hurdles(separate), None
        posterior = _alone(groups, periods, priors, engine, settings)
        own = _by_name(posterior, groups)
    else:
        if failed:
            groups = with_hurdles(separate)
            warnings.warn(_note(groups, failed, pool), UserWarning, stacklevel=3)
            sample = sample_groups(groups, periods, priors, pool, engine, settings)
        posterior, scatter = sample[0], None if failed else sample[1]
    diagnostics = _diagnostics(posterior, groups, settings)
    for name, check in checks.items():
        diagnostics[name] |= {"sd_ratio": check.ratio, "sd_gap": check.gap}
    coupled = len(groups) > 1 and not pool and not note
    if coupled:
        posterior, scatter = _coupled(posterior, scatter, groups, own, settings)
    return ComparisonFit(
        groups,
        posterior,
        scatter,
        _return_correlation(groups) if scatter is None else None,
        coupled,
        note or _note(groups, failed, pool),
        diagnostics,
    )


def _is_suspect(groups: Sequence[Group], joint: Posterior) -> bool:
    """Whether a standard deviation of strategies modelled together is far from the sample's.

    A first look, which costs nothing: with tails that the joint model fits they agree within a few
    percent, and there is no need for the models of single strategies.
    """
    sd = standard_deviation(joint.flat("sigma"), joint.flat("nu"))
    sample = np.concatenate([group.excess.std(axis=0) for group in groups])
    together = np.repeat(
        [len(group.names) > 1 for group in groups], [len(group.names) for group in groups]
    )
    apart = np.abs(np.log(np.median(sd, axis=0) / sample))
    return bool((apart > np.log(_NEAR_SAMPLE))[together].any())


def _own(
    separate: Sequence[Group], periods: float, priors: ComparisonPriors, settings: Settings
) -> dict[str, dict[str, Array]]:
    """Return a few draws of each strategy's own model, with the priors that it has in the joint."""
    quick = dataclasses.replace(settings, draws=_CHECK_DRAWS, tune=_CHECK_TUNE, progressbar=False)
    posterior = sample_groups(separate, periods, priors, False, "native", quick)[0]
    return _by_name(posterior, separate)


def _by_name(posterior: Posterior, separate: Sequence[Group]) -> dict[str, dict[str, Array]]:
    """Return the variables that each strategy's model has."""
    return {
        group.names[0]: {
            name: posterior.variables[name][..., k]
            for name in BY_STRATEGY
            if name != "prob_active" or group.flat is not None
        }
        for k, group in enumerate(separate)
    }


def _checks(
    groups: Sequence[Group], joint: Posterior, own: Mapping[str, Mapping[str, Array]]
) -> dict[str, SdCheck]:
    """Compare the standard deviations of strategies that were modelled together."""
    sd = standard_deviation(joint.variables["sigma"], joint.variables["nu"])
    checks, column = {}, 0
    for group in groups:
        for name in group.names:
            if len(group.names) > 1 and name in own:
                alone = standard_deviation(own[name]["sigma"], own[name]["nu"])
                checks[name] = check_sd(sd[..., column], alone)
            column += 1
    return checks


def _alone(
    separate: Sequence[Group],
    periods: float,
    priors: ComparisonPriors,
    engine: str,
    settings: Settings,
) -> Posterior:
    """Return the posteriors of the strategies as `bayesian_sharpe` gives each."""
    posteriors = [
        posterior_alone(
            group.everything[:, 0], ~group.active, None, periods, priors.alone, engine, settings
        )[0]
        for group in separate
    ]
    variables = {}
    for name in BY_STRATEGY:
        if any(name in one.variables for one in posteriors):
            always = np.ones(posteriors[0].variables["mu"].shape)
            columns = [one.variables.get(name, always) for one in posteriors]
            variables[name] = np.stack(columns, axis=-1)
    return Posterior(
        variables=variables,
        method=" and ".join(sorted({one.method for one in posteriors})),
        engine=engine,
        observed={f"excess_returns_{g}": group.excess for g, group in enumerate(separate)},
    )


def _diagnostics(
    posterior: Posterior, groups: Sequence[Group], settings: Settings
) -> dict[str, dict[str, float]]:
    names = [name for group in groups for name in group.names]
    sharpes = np.moveaxis(posterior.variables["sharpe"], -1, 0)
    with ThreadPoolExecutor(settings.cores or available_cores()) as threads:
        return dict(zip(names, threads.map(diagnose, sharpes), strict=True))


def _coupled(
    posterior: Posterior,
    scatter: ScatterDraws | None,
    groups: Sequence[Group],
    own: Mapping[str, Mapping[str, Array]],
    settings: Settings,
) -> tuple[Posterior, ScatterDraws | None]:
    """Return the draws in coupled order; those of strategies modelled together stay as they are."""
    influences = [
        sharpe_influence(own[name], group.excess[:, k], group.active)
        for group in groups
        for k, name in enumerate(group.names)
    ]
    labels = [group.labels for group in groups for _ in group.names]
    fixed = np.repeat(
        [len(group.names) > 1 for group in groups], [len(group.names) for group in groups]
    )
    order = coupled_order(
        posterior.variables["sharpe"], influence_correlation(influences, labels), fixed, settings
    )
    variables = in_coupled_order(dict(posterior.variables), BY_STRATEGY, order)
    if scatter is not None:
        scatter = _of_singles(scatter, variables["sigma"])
    return dataclasses.replace(posterior, variables=variables), scatter


def _return_correlation(groups: Sequence[Group]) -> Array:
    """Return the correlation of all strategies' returns, on the dates that any two share."""
    columns = [column - column.mean() for group in groups for column in group.everything.T]
    labels = [group.labels for group in groups for _ in group.names]
    return influence_correlation(columns, labels)


def _of_singles(scatter: ScatterDraws, sigma: Array) -> ScatterDraws:
    """Return the scale matrices with those of single strategies, whose draws were moved, anew."""
    packed, place, column = scatter.packed.copy(), 0, 0
    for size in scatter.sizes:
        if size == 1:
            packed[..., place] = 1.0 / sigma[:, :: scatter.every, column]
        place += size * (size + 1) // 2
        column += size
    return dataclasses.replace(scatter, packed=packed)


def _note(groups: Sequence[Group], failed: Mapping[str, SdCheck], pool: bool) -> str:
    """Say in plain words why there is not one joint model, and what there is."""
    if failed:
        worst = max(failed, key=lambda name: abs(np.log(failed[name].ratio)))
        others = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        return (
            f"One joint distribution does not fit: in it the volatility of {worst}{others} is "
            f"{failed[worst].ratio:.2g} times that of its own returns, as happens where the "
            "strategies' exposure to each other changes through time. So each is modelled by "
            "itself, and "
            + (
                "only the pool connects them: what they have in common is not taken into account."
                if pool
                else "the draws are coupled by how the strategies' Sharpe ratios move together."
            )
        )
    flat = [group.names[0] for group in groups if group.flat is not None]
    if not flat or len(groups) == 1:
        return ""
    shown = ", ".join(flat[:5]) + (f" and {len(flat) - 5} more" if len(flat) > 5 else "")
    how = (
        "independently of the others"
        if pool
        else "and coupled with the others by how their Sharpe ratios move together"
    )
    return f"Flat at times and so modelled by itself, {how}: {shown}."
