"""Several strategies, compared on the days they share."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd

from puffin.inference import multivariate_t
from puffin.inference.arrays import Array
from puffin.inference.chains import available_cores
from puffin.inference.draws import Draws
from puffin.inference.multivariate_t import MultivariateTPrior
from puffin.inference.scatter_draws import ScatterDraws
from puffin.inference.settings import Seed, Settings
from puffin.models.bayesian.annual import period_risk_free_rate
from puffin.models.bayesian.comparison_result import StrategyComparison
from puffin.models.bayesian.hurdle import (
    check_active,
    draw_activity,
    flat_value,
    hurdle_sharpe,
    repeated_value,
)
from puffin.models.bayesian.sharpe import standard_deviation
from puffin.models.settings import (
    Scale,
    check_engine,
    check_priors,
    check_scale,
    sampling_settings,
)
from puffin.posterior import Posterior, diagnose, warn_unless_converged
from puffin.validation import (
    ReturnSeries,
    as_strategies,
    choice,
    finite_number,
    positive_integer,
    positive_number,
    probability,
    shared_rows,
)
from puffin.validation import (
    periods_per_year as infer_periods_per_year,
)

__all__ = [
    "ComparisonPriors",
    "compare_strategies",
    "compare_strategies_bayesian",
    "strategy_comparison",
]


_BY_STRATEGY = ("mu", "sigma", "nu", "sharpe", "prob_active")
_FREQUENCY_TOLERANCE = 1.5
_MOST_SCATTER = 64_000_000 // 8
_WARM_UP = {"native": 300, "pymc": 1000}


@dataclass(frozen=True)
class ComparisonPriors:
    """Priors of the comparison's model, on excess returns divided by `scale`.

    Attributes
    ----------
    mu_sd : float
        mu ~ Normal(0, mu_sd), unless pooled.
    sigma_sd : float
        Scale A of the Huang-Wand prior of the scale matrix: each sigma is half-t with 2 degrees
        of freedom and this scale, and all correlations are uniform.
    nu_shape, nu_rate : float
        nu - 2 ~ Gamma(nu_shape, rate nu_rate).
    pool_sd : float
        Pooled: annual Sharpe ratios ~ Normal(0, tau) and tau ~ HalfNormal(pool_sd).
    scale : "data" or float
        Each strategy's standard deviation (ddof 0), or one number in the returns' units.
    """

    mu_sd: float = 2.0
    sigma_sd: float = 2.0
    nu_shape: float = 2.0
    nu_rate: float = 0.1
    pool_sd: float = 0.5
    scale: Scale = "data"

    def __post_init__(self) -> None:
        for name in ("mu_sd", "sigma_sd", "nu_shape", "nu_rate", "pool_sd"):
            positive_number(name, getattr(self, name))
        check_scale(self.scale)

    def __str__(self) -> str:
        unit = "each standard deviation" if self.scale == "data" else f"{self.scale:g}"
        return (
            f"excess returns in units of {unit}:\n"
            f"  mu ~ Normal(0, {self.mu_sd:g}), or pooled: annual Sharpe ~ Normal(0, tau), "
            f"tau ~ HalfNormal({self.pool_sd:g})\n"
            f"  Sigma ~ Huang-Wand(2, {self.sigma_sd:g})\n"
            f"  nu - 2 ~ Gamma({self.nu_shape:g}, rate {self.nu_rate:g})"
        )


class ComparisonOptions(TypedDict, total=False):
    """The keyword arguments of `strategy_comparison`."""

    risk_free_rate: float
    periods_per_year: float | None
    hdi_prob: float
    pool: bool
    min_overlap: int
    flat: str
    invalid: str
    date: str | None
    priors: ComparisonPriors | None
    engine: str
    tune: int | None
    chains: int
    cores: int | None
    random_seed: Seed
    progressbar: bool


def compare_strategies_bayesian(
    returns_dict: Any, samples: int = 5000, **options: Unpack[ComparisonOptions]
) -> pd.DataFrame:
    """Rank strategies by the posteriors of their annual Sharpe ratios.

    Parameters
    ----------
    returns_dict : mapping of str to series, or DataFrame with a column for each strategy
    samples : int, default 5000
        Draws of each chain.
    **options
        risk_free_rate, periods_per_year, hdi_prob, pool, min_overlap, flat, invalid, date, priors,
        engine, tune, chains, cores, random_seed and progressbar, as in `strategy_comparison`.

    Returns
    -------
    pandas.DataFrame

    Notes
    -----
    Columns rank, strategy, sharpe_mean, sharpe_std, hdi_low, hdi_high, prob_positive, prob_best,
    one row a strategy, by posterior mean. `table.attrs["dependence"]` says whether the strategies
    were compared jointly. For the pairs, the draws and a plot call `strategy_comparison`.
    """
    unknown = set(options) - set(ComparisonOptions.__annotations__)
    if unknown:
        raise TypeError(
            f"compare_strategies has no argument {min(unknown)!r}; it has returns_dict, samples, "
            f"{', '.join(ComparisonOptions.__annotations__)}."
        )
    return strategy_comparison(returns_dict, samples, **options).table


compare_strategies = compare_strategies_bayesian


def strategy_comparison(
    returns_dict: Any,
    samples: int = 5000,
    *,
    risk_free_rate: float = 0.0,
    periods_per_year: float | None = None,
    hdi_prob: float = 0.94,
    pool: bool = False,
    min_overlap: int = 30,
    flat: str = "hurdle",
    invalid: str = "raise",
    date: str | None = None,
    priors: ComparisonPriors | None = None,
    engine: str = "native",
    tune: int | None = None,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    progressbar: bool = False,
) -> StrategyComparison:
    """Compare the annual Sharpe ratios of several strategies.

    The strategies are modelled jointly on the dates that all of them have: excess returns are
    multivariate Student-t (one nu), so that what they share drops out of their differences and
    two nearly identical strategies are told apart. With fewer than `min_overlap` shared dates (and
    fewer than the shortest strategy has) each is modelled on its own dates, independently, with a
    warning, and `dependence` says so. A strategy that is flat on more than a twentieth of its dates
    has the hurdle model of `bayesian_sharpe` and is independent of the others; `models` says so.

    With ``pool=True`` the annual Sharpe ratios have a common prior, Normal(0, tau), whose width tau
    is learned from all of them: the more strategies were tried and the less they differ, the more
    each is shrunk towards zero. (A flat strategy's prior is that of its active periods, counted at
    the observed share of them.)

    Parameters
    ----------
    returns_dict : mapping of str to series, or DataFrame with a column for each strategy
        Simple returns, as fractions. Undated series of equal length meet row by row. In a frame,
        missing values before a strategy's first return or after its last are left out.
    samples : int, default 5000
        Draws of each chain.
    risk_free_rate : float, default 0
        Annual.
    periods_per_year : float, optional
        By default read off the dates, which must have one frequency.
    pool : bool, default False
    min_overlap : int, default 30
    flat : {"hurdle", "together"}
        What to do with a strategy that is flat on more than a twentieth of its dates, and on no
        more than half: its hurdle model, or the joint model of the others. Together, its
        correlations count, and its own mean and spread are less well described; for assets whose
        rounded prices often stand still, and wherever a portfolio is to be made of all.
    invalid : {"raise", "drop"}
        What to do with series that are no valid returns: refuse the lot, naming each, or compare
        the others, with a warning, and list them in `rejected`.
    date : str, optional
        The column of dates, in a polars frame.
    priors : ComparisonPriors, optional
    engine : {"native", "pymc"}
        The native engine is a partially collapsed Gibbs sampler.
    tune : int, optional
        Warm-up of each chain; by default what the engine needs: 300 sweeps of the native one, which
        makes no fewer than 200, and 1,000 draws of PyMC.
    chains, cores, random_seed, progressbar
        As in every model.

    Returns
    -------
    StrategyComparison

    Raises
    ------
    ValueError, TypeError
        If an argument or a series is invalid, or series cannot be aligned.
    """
    check_engine(engine)
    hdi_prob = probability("hdi_prob", hdi_prob)
    risk_free_rate = finite_number("risk_free_rate", risk_free_rate)
    if risk_free_rate <= -1.0:
        raise ValueError(f"risk_free_rate must be above -1; found {risk_free_rate}.")
    min_overlap = positive_integer("min_overlap", min_overlap, minimum=2)
    settings = sampling_settings(
        samples=samples, tune=_WARM_UP[engine] if tune is None else tune, chains=chains,
        cores=cores, random_seed=random_seed, progressbar=progressbar,
    )  # fmt: skip
    priors = check_priors(priors, ComparisonPriors)
    series, rejected = _valid_series(
        returns_dict, date, choice("invalid", invalid, ("raise", "drop"))
    )
    periods = (
        _common_frequency(series)
        if periods_per_year is None
        else positive_number("periods_per_year", periods_per_year)
    )
    groups = _groups(
        series,
        period_risk_free_rate(risk_free_rate, periods),
        min_overlap,
        flat_value if choice("flat", flat, ("hurdle", "together")) == "hurdle" else repeated_value,
    )
    posterior, scatter = _sample(groups, periods, priors, pool, engine, settings)
    names = tuple(name for group in groups for name in group.names)
    order = [names.index(one.name) for one in series]
    posterior = _in_order(posterior, order, tuple(one.name for one in series))
    sharpes = np.moveaxis(posterior.variables["sharpe"], -1, 0)
    with ThreadPoolExecutor(settings.cores or available_cores()) as threads:
        diagnostics = dict(
            zip(posterior.coords["strategy"], threads.map(diagnose, sharpes), strict=True)
        )
    warn_unless_converged(diagnostics, settings.chains * settings.draws)
    observations = {name: group.observations for group in groups for name in group.names}
    return StrategyComparison(
        posterior=posterior,
        strategies=tuple(one.name for one in series),
        hdi_prob=hdi_prob,
        groups=tuple(group.names for group in groups),
        models={name: group.model for group in groups for name in group.names},
        diagnostics=diagnostics,
        n_observations=tuple(observations[one.name] for one in series),
        periods_per_year=periods,
        rejected=rejected,
        scatter=scatter,
        flat_returns={group.names[0]: group.flat for group in groups if group.flat is not None},
        priors=priors,
    )


@dataclass(frozen=True)
class _Group:
    """Strategies modelled together: excess returns of shape (n_observations, n_strategies).

    A strategy that is flat at times is alone in its group, with its active returns only.
    """

    names: tuple[str, ...]
    excess: Array
    observations: int
    flat: float | None = None

    @property
    def model(self) -> str:
        """What the strategies are modelled by, in words."""
        if self.flat is not None:
            share = 1.0 - len(self.excess) / self.observations
            return f"hurdle Student-t (flat on {share:.0%} of periods)"
        return "Student-t" if len(self.names) == 1 else "joint Student-t"


def _common_frequency(series: Sequence[ReturnSeries]) -> float:
    """Return the periods per year of all series, or refuse to compare different ones."""
    first = series[0].index
    same = [first is not None and first.equals(one.index) for one in series]
    shared = infer_periods_per_year(first)
    found = {
        one.name: shared if like_first else infer_periods_per_year(one.index)
        for one, like_first in zip(series, same, strict=True)
    }
    slowest, fastest = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    if found[fastest] > _FREQUENCY_TOLERANCE * found[slowest]:
        raise ValueError(
            f"returns_dict mixes frequencies: {fastest!r} has {found[fastest]:g} periods a year "
            f"and {slowest!r} {found[slowest]:g}. Resample them to one, or pass periods_per_year."
        )
    return float(np.median(list(found.values())))


def _valid_series(
    returns: Any, date: str | None, invalid: str
) -> tuple[tuple[ReturnSeries, ...], dict[str, str]]:
    strategies = as_strategies(returns, date=date)
    series, rejected = [], dict(strategies.rejected)
    for one in strategies.series:
        flat = flat_value(one.values)
        try:
            if flat is not None:
                check_active(one.values[one.values != flat])
        except ValueError as error:
            rejected[one.name] = f"returns_dict[{one.name!r}]: {error}"
        else:
            series.append(one)
    if rejected and (invalid == "raise" or not series):
        raise ValueError(
            f"{len(rejected)} of {len(rejected) + len(series)} strategies cannot be compared: "
            + " ".join(rejected.values())
            + (" Leave them out, or pass invalid='drop'." if series else "")
        )
    if rejected:
        warnings.warn(
            f"Left out of the comparison: {' '.join(rejected.values())}", UserWarning, stacklevel=4
        )
    return tuple(series), rejected


def _groups(
    series: Sequence[ReturnSeries],
    rate: float,
    min_overlap: int,
    flat_return: Callable[[Array], float | None],
) -> list[_Group]:
    """Return who is modelled with whom; whoever has a flat return is on its own."""
    often_flat = [one for one in series if flat_return(one.values) is not None]
    others = [one for one in series if flat_return(one.values) is None]
    alone = [_flat_group(one, rate) for one in often_flat]
    if not others:
        return alone
    shared, _ = shared_rows(others)
    needed = min(min_overlap, *(one.values.size for one in others))
    if len(shared) >= needed and _all_vary(shared):
        names = tuple(one.name for one in others)
        return [_Group(names, shared - rate, len(shared)), *alone]
    reason = (
        f"The strategies share only {len(shared)} dates, fewer than min_overlap={min_overlap}"
        if len(shared) < needed
        else f"Not all strategies move on the {len(shared)} dates they share"
    )
    warnings.warn(
        f"{reason}: they are compared independently, each on its own dates.",
        UserWarning,
        stacklevel=3,
    )
    separate = [_separate_group(one, rate) for one in others]
    return [*separate, *alone]


def _separate_group(one: ReturnSeries, rate: float) -> _Group:
    if flat_value(one.values) is not None:
        return _flat_group(one, rate)
    return _Group((one.name,), one.values[:, None] - rate, one.values.size)


def _flat_group(one: ReturnSeries, rate: float) -> _Group:
    flat = flat_value(one.values)
    active = one.values[one.values != flat]
    assert flat is not None
    return _Group((one.name,), active[:, None] - rate, one.values.size, flat - rate)


def _all_vary(rows: Array) -> bool:
    return len(rows) > 1 and all(
        np.ptp(column) > 0.0 and repeated_value(column) is None for column in rows.T
    )


def _sample(
    groups: Sequence[_Group],
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


def _thinning(groups: Sequence[_Group], settings: Settings) -> int:
    """Return every how many draws scale matrices are kept."""
    numbers = sum(len(group.names) * (len(group.names) + 1) // 2 for group in groups)
    thin = -(-settings.chains * settings.draws * numbers // _MOST_SCATTER)
    return min(thin, settings.draws)


def _activity(shape: tuple[int, ...], groups: Sequence[_Group], settings: Settings) -> Array:
    """Draw how often each strategy is active: always, unless it is often flat."""
    activity, column = np.ones(shape), 0
    for group in groups:
        if group.flat is not None:
            activity[..., column] = draw_activity(
                len(group.excess), group.observations, settings, column
            )
        column += len(group.names)
    return activity


def _period_sharpe(variables: dict[str, Array], groups: Sequence[_Group]) -> Array:
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


def _in_order(posterior: Posterior, order: list[int], names: tuple[str, ...]) -> Posterior:
    """Put the strategies of a posterior into the user's order."""
    variables = dict(posterior.variables)
    by_strategy = [name for name in _BY_STRATEGY if name in variables]
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
