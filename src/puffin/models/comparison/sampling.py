"""Draws of all strategies from the model of their groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from puffin.arrays import Array
from puffin.inference import multivariate_t
from puffin.inference.draws import Draws
from puffin.inference.multivariate_t import MultivariateTPrior
from puffin.inference.scatter_draws import ScatterDraws
from puffin.inference.settings import Settings
from puffin.models.comparison.groups import Group
from puffin.models.comparison.priors import ComparisonPriors
from puffin.models.sharpe.hurdle import draw_activity, hurdle_sharpe
from puffin.models.sharpe.sharpe import standard_deviation
from puffin.posterior import Posterior

__all__ = ["BY_STRATEGY", "in_order", "sample_groups"]

BY_STRATEGY = ("mu", "sigma", "nu", "sharpe", "prob_active")
"""The variables that have a value for each strategy; the last only where one is flat at times."""

_MOST_SCATTER = 64_000_000 // 8


def sample_groups(
    groups: Sequence[Group],
    periods: float,
    priors: ComparisonPriors,
    pool: bool,
    engine: str,
    settings: Settings,
) -> tuple[Posterior, ScatterDraws]:
    """Return the posterior of all strategies, in the order of the groups."""
    scales = [
        group.excess.std(axis=0) if priors.scale == "data"
        else np.full(len(group.names), float(priors.scale))
        for group in groups
    ]  # fmt: skip
    active_share = np.concatenate(
        [np.full(len(group.names), len(group.excess) / group.observations) for group in groups]
    )
    prior = MultivariateTPrior(
        location_sd=priors.mu_sd,
        scale_sd=priors.sigma_sd,
        tail_shape=priors.nu_shape,
        tail_rate=priors.nu_rate,
        pool_sd=priors.pool_sd if pool else None,
    )
    sample: Callable[..., tuple[Draws, ScatterDraws]] = multivariate_t.sample_multivariate_t
    if engine == "pymc":
        from puffin.models._pymc.multivariate_t import sample_multivariate_t

        sample = sample_multivariate_t
    scaled = [group.excess / scale for group, scale in zip(groups, scales, strict=True)]
    draws, scatter = sample(
        scaled, periods * active_share, prior, settings, scatter_every=_thinning(groups, settings)
    )
    variables = dict(draws.variables)
    for name in ("mu", "sigma"):
        variables[name] = variables[name] * np.concatenate(scales)
    if any(group.flat is not None for group in groups):
        variables["prob_active"] = _activity(variables["mu"].shape, groups, settings)
    variables["sharpe"] = np.sqrt(periods) * _period_sharpe(variables, groups)
    posterior = Posterior(
        variables=variables,
        method=draws.method,
        engine=engine,
        observed={f"excess_returns_{g}": group.excess for g, group in enumerate(groups)},
        statistics=draws.statistics,
        report=draws.report,
    )
    return posterior, scatter.rescaled(scales)


def _thinning(groups: Sequence[Group], settings: Settings) -> int:
    """Return every how many draws scale matrices are kept."""
    numbers = sum(len(group.names) * (len(group.names) + 1) // 2 for group in groups)
    thin = -(-settings.chains * settings.draws * numbers // _MOST_SCATTER)
    return min(thin, settings.draws)


def _activity(shape: tuple[int, ...], groups: Sequence[Group], settings: Settings) -> Array:
    """Draw how often each strategy is active: always, unless it is often flat."""
    activity, column = np.ones(shape), 0
    for group in groups:
        if group.flat is not None:
            activity[..., column] = draw_activity(
                len(group.excess), group.observations, settings, column
            )
        column += len(group.names)
    return activity


def _period_sharpe(variables: dict[str, Array], groups: Sequence[Group]) -> Array:
    sd = standard_deviation(variables["sigma"], variables["nu"])
    sharpe = variables["mu"] / sd
    column = 0
    for group in groups:
        if group.flat is not None:
            activity = variables["prob_active"][..., column]
            sharpe[..., column] = hurdle_sharpe(
                activity, variables["mu"][..., column], sd[..., column], group.flat
            )
        column += len(group.names)
    return np.asarray(sharpe)


def in_order(posterior: Posterior, order: list[int], names: tuple[str, ...]) -> Posterior:
    """Put the strategies of a posterior into the user's order."""
    variables = dict(posterior.variables)
    by_strategy = [name for name in BY_STRATEGY if name in variables]
    if order != sorted(order):
        variables |= {name: variables[name][..., order] for name in by_strategy}
    return Posterior(
        variables=variables,
        method=posterior.method,
        engine=posterior.engine,
        dims={name: ["strategy"] for name in by_strategy},
        coords={"strategy": list(names)},
        observed=posterior.observed,
        statistics=posterior.statistics,
        report=posterior.report,
    )
