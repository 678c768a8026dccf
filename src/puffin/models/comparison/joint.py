"""The joint posterior of several strategies, from that of each by itself."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.settings import Settings
from puffin.models.comparison.coupling import coupled_order
from puffin.models.comparison.denoising import denoised
from puffin.models.comparison.pooled_size import pooled_sizes
from puffin.models.comparison.pooling import PooledDraws, pool
from puffin.models.comparison.priors import ComparisonPriors
from puffin.models.sharpe.hurdle import hurdle_moments
from puffin.models.sharpe.result import SharpePosterior
from puffin.posterior import Posterior

__all__ = ["coupled_posterior", "pooled_diagnostics", "pooled_posterior"]

_ALIKE = 0.95


def coupled_posterior(
    alone: Sequence[SharpePosterior], correlation: Array, settings: Settings
) -> Posterior:
    """Return each strategy's own draws, in an order in which they depend on each other."""
    variables = {
        name: np.stack([_values(one, name) for one in alone], axis=-1) for name in _names(alone)
    }
    order = coupled_order(variables["sharpe"], correlation, settings)
    for name, values in variables.items():
        variables[name] = np.take_along_axis(values, order, axis=1)
    return _posterior(alone, variables)


def pooled_posterior(
    alone: Sequence[SharpePosterior],
    correlation: Array,
    priors: ComparisonPriors,
    settings: Settings,
) -> Posterior:
    """Return the posterior under a common prior of the Sharpe ratios.

    Each pooled Sharpe ratio takes everything else from that draw of the strategy's own posterior
    whose Sharpe ratio is nearest, but for `mu`, which is moved to make up the difference.
    """
    _warn_if_alike([one.name for one in alone], correlation)
    orders = [np.argsort(one.draws, kind="stable") for one in alone]
    own = np.stack([one.draws[order] for one, order in zip(alone, orders, strict=True)], axis=-1)
    [stream] = streams(settings.seed, 1, purpose=Purpose.POOLING)
    pooled = _pool_of(alone, correlation, priors)(own, stream=stream)
    shape = alone[0].posterior.variables["sharpe"].shape
    names = _names(alone)
    variables = {name: np.empty((*shape, len(alone))) for name in names}
    for i, (one, order) in enumerate(zip(alone, orders, strict=True)):
        taken = {name: _values(one, name).ravel()[order[pooled.nearest[:, i]]] for name in names}
        moved = pooled.sharpe[:, i] - taken["sharpe"]
        taken["mu"] = taken["mu"] + moved * _mu_of_sharpe(one, taken)
        taken["sharpe"] = pooled.sharpe[:, i]
        for name, values in taken.items():
            variables[name][..., i] = values.reshape(shape)
    return _posterior(alone, {**variables, "tau": pooled.tau.reshape(shape)})


def pooled_diagnostics(
    alone: Sequence[SharpePosterior],
    correlation: Array,
    priors: ComparisonPriors,
    settings: Settings,
    pooled: Array,
) -> dict[str, dict[str, float]]:
    """Return ess_bulk and ess_tail of pooled draws, and the R-hat of the own draws behind them.

    Parameters
    ----------
    pooled : ndarray of shape (n_chains * n_draws, n_strategies)
        Of the Sharpe ratios.
    """
    again = _pool_of(alone, correlation, priors)
    [stream] = streams(settings.seed, 1, purpose=Purpose.POOLING, part=1)
    own = np.stack([one.posterior.variables["sharpe"] for one in alone], axis=-1)
    sizes = pooled_sizes(own, pooled, lambda block: again(block, stream=stream).sharpe)
    return {
        one.name: {
            "ess_bulk": float(bulk),
            "ess_tail": float(tail),
            "r_hat": one.diagnostics["r_hat"],
        }
        for one, bulk, tail in zip(alone, *sizes, strict=True)
    }


def _pool_of(
    alone: Sequence[SharpePosterior], correlation: Array, priors: ComparisonPriors
) -> Callable[..., PooledDraws]:
    """Return what pools own draws, given them and a stream."""
    observations = float(np.mean([one["n_observations"] for one in alone]))
    return functools.partial(
        pool,
        prior_scale=np.array([_prior_scale(one, priors) for one in alone]),
        correlation=denoised(correlation, observations),
        pool_sd=priors.pool_sd,
    )


def _warn_if_alike(names: Sequence[str], correlation: Array) -> None:
    """Warn of strategies that are no ideas of their own, which the common prior takes them for."""
    others = np.abs(correlation - np.eye(len(correlation))).max(axis=1)
    alike = [name for name, most in zip(names, others, strict=True) if most > _ALIKE]
    if alike:
        shown = ", ".join(alike[:5]) + (f" and {len(alike) - 5} more" if len(alike) > 5 else "")
        warnings.warn(
            f"{shown} hardly differ from each other or from another strategy. The pool takes "
            "strategies for ideas of their own: that these are so alike tells it that all Sharpe "
            "ratios are near zero, and shrinks them too much. Pool one of each kind.",
            UserWarning,
            stacklevel=4,
        )


def _names(alone: Sequence[SharpePosterior]) -> list[str]:
    """Return the variables that say what a strategy earns; how, only its own posterior says."""
    flat = any("prob_active" in one.posterior.variables for one in alone)
    return ["mu", "sd", "sharpe", *(["prob_active"] if flat else [])]


def _values(one: SharpePosterior, name: str) -> Array:
    variables = one.posterior.variables
    return variables[name] if name in variables else np.ones(variables["sharpe"].shape)


def _prior_scale(one: SharpePosterior, priors: ComparisonPriors) -> float:
    """Return the scale of the Cauchy prior that an annual Sharpe ratio has alone."""
    activity = float(_values(one, "prob_active").mean())
    return priors.alone.sharpe_scale * float(np.sqrt(one["periods_per_year"] * activity))


def _mu_of_sharpe(one: SharpePosterior, draws: Mapping[str, Array]) -> Array:
    """Return by how much mu differs where the annual Sharpe ratio does by one, near these draws."""
    if one["flat"] is None:
        some = np.where(draws["sharpe"] == 0.0, 1.0, draws["sharpe"])
        return np.where(draws["sharpe"] == 0.0, 0.0, draws["mu"] / some)
    activity = draws["prob_active"]
    _, spread = hurdle_moments(activity, draws["mu"], draws["sd"], one.flat_excess)
    return np.asarray(spread / (np.sqrt(one["periods_per_year"]) * activity))


def _posterior(alone: Sequence[SharpePosterior], variables: dict[str, Array]) -> Posterior:
    return Posterior(
        variables=variables,
        method=" and ".join(sorted({one["method"] for one in alone})),
        engine=alone[0]["engine"],
        dims={
            **{name: ["strategy"] for name in variables if name != "tau"},
            **{f"excess_returns_{i}": [f"time_{i}"] for i in range(len(alone))},
        },
        coords={
            "strategy": [one.name for one in alone],
            **{f"time_{i}": one.posterior.coords["time"] for i, one in enumerate(alone)},
        },
        observed={
            f"excess_returns_{i}": one.posterior.observed["excess_returns"]
            for i, one in enumerate(alone)
        },
    )
