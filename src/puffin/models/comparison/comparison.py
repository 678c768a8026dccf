"""Several strategies, compared by what is known of each, and of all together."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd

from puffin.inference.chains import available_cores, fixed_seed
from puffin.inference.settings import Seed
from puffin.inference.threads import in_threads
from puffin.models.comparison.coupling import influence_correlation
from puffin.models.comparison.dates import check_frequencies, dates_note, on_dates
from puffin.models.comparison.joint import coupled_posterior, pooled_posterior
from puffin.models.comparison.priors import ComparisonPriors
from puffin.models.comparison.result import StrategyComparison
from puffin.models.settings import check_engine, check_priors, checked_seed, sampling_settings
from puffin.models.sharpe.result import SharpePosterior
from puffin.models.sharpe.sharpe import sharpe_posterior
from puffin.models.sharpe.terms import SharpeTerms, sharpe_terms
from puffin.posterior import warn_unless_converged
from puffin.progress import progress_bar
from puffin.validation import ReturnSeries, as_strategies, choice, flag
from puffin.validation.flat import check_active, flat_value

__all__ = [
    "ComparisonPriors",
    "compare_strategies",
    "compare_strategies_bayesian",
    "strategy_comparison",
]


_LARGEST_POOLED = 10.0


class ComparisonOptions(TypedDict, total=False):
    """The keyword arguments of `strategy_comparison`."""

    risk_free_rate: float
    periods_per_year: float | None
    hdi_prob: float
    distribution: str
    autocorrelation: str
    pool: bool
    dates: str
    invalid: str
    date: str | None
    priors: ComparisonPriors | None
    engine: str
    tune: int
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
        risk_free_rate, periods_per_year, hdi_prob, distribution, autocorrelation, pool, dates,
        invalid, date, priors, engine, tune, chains, cores, random_seed and progressbar, as in
        `strategy_comparison`.

    Returns
    -------
    pandas.DataFrame

    Notes
    -----
    Columns rank, strategy, sharpe_mean, sharpe_std, hdi_low, hdi_high, prob_positive, prob_best,
    one row a strategy, by posterior mean. For the pairs, the draws and a plot call
    `strategy_comparison`.
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
    distribution: str = "asymmetric",
    autocorrelation: str = "counted",
    pool: bool = False,
    dates: str = "own",
    invalid: str = "raise",
    date: str | None = None,
    priors: ComparisonPriors | None = None,
    engine: str = "native",
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    progressbar: bool = False,
) -> StrategyComparison:
    """Compare the annual Sharpe ratios of several strategies.

    Each strategy has the posterior that `bayesian_sharpe` gives it from the same seed: the same
    draws, in another order. The order couples them: a Gaussian copula whose correlation is that of
    the Sharpe ratios' influence functions on the dates that a pair shares. What moves two
    strategies alike drops out of their difference, and two nearly identical ones are told apart;
    what others are compared along with them changes nothing about it.

    With ``pool=True`` the annual Sharpe ratios have a common prior, Normal(0, tau), whose width tau
    is learned from all of them: the more strategies were tried and the less they differ, the more
    each is shrunk towards zero. Their errors are correlated as above. (A flat strategy's ratio is
    that of all its periods.) It is the answer to having selected the best: see
    `StrategyComparison.selected`. It refuses ratios beyond 10, of which such a prior would make
    nothing: those of cash. The prior takes the strategies for ideas of their own: variants
    of one rule, which hardly differ, would teach it that tau is small, and all are shrunk too much.
    It warns of those whose Sharpe ratios correlate by more than 0.95.

    By default every strategy is judged by all of its own dates. A short one that is all but the
    copy of a long one is then told apart from it less well than on the dates that they share
    (`dates`), because the long one's past says nothing of it.

    A series with returns at times of the week at which another rests, such as a coin beside a
    share, is compounded onto the other's dates (a weekend goes into its Monday), and annualised by
    what it then is. `note` says which.

    Parameters
    ----------
    returns_dict : mapping of str to series, or DataFrame with a column for each strategy
        Simple returns, as fractions. Undated series of equal length meet row by row. Rows without
        a value are left out of that series; `note` says so where they are not its beginning or end.
    samples : int, default 5000
        Draws of each chain.
    risk_free_rate : float, default 0
        Annual.
    periods_per_year : float, optional
        By default read off the dates, of each series by itself; they must have bars of one length.
    hdi_prob : float, default 0.94
    distribution, autocorrelation
        Of each strategy's returns, as in `bayesian_sharpe`.
    pool : bool, default False
    dates : {"own", "shared"}
        Whether each strategy is judged by all of its dates, or by those that all have, where what
        it returned in between is compounded.
    invalid : {"raise", "drop"}
        What to do with series that are no valid returns: refuse the lot, naming each, or compare
        the others, with a warning, and list them in `rejected`.
    date : str, optional
        The column of dates, in a polars frame.
    priors : ComparisonPriors, optional
    engine : {"native", "pymc"}
        Of each strategy's own posterior, as in `bayesian_sharpe`.
    tune, chains, cores, random_seed, progressbar
        As in every model. Strategies are drawn on threads; the draws do not depend on how many.

    Returns
    -------
    StrategyComparison

    Raises
    ------
    ValueError, TypeError
        If an argument or a series is invalid, or series cannot be aligned.

    References
    ----------
    Iman, R. L., & Conover, W. J. (1982). A distribution-free approach to inducing rank correlation
    among input variables. Communications in Statistics, 11(3).
    Joe, H. (2005). Asymptotic efficiency of the two-stage estimation method for copula-based
    models. Journal of Multivariate Analysis, 94(2).
    Ledoit, O., & Wolf, M. (2008). Robust performance hypothesis testing with the Sharpe ratio.
    Journal of Empirical Finance, 15(5).
    Lo, A. W. (2002). The statistics of Sharpe ratios. Financial Analysts Journal, 58(4).
    """
    check_engine(engine)
    priors = check_priors(priors, ComparisonPriors)
    choice("dates", dates, ("own", "shared"))
    pool = flag("pool", pool)
    settings = sampling_settings(
        samples=samples, tune=tune, chains=chains, cores=cores,
        random_seed=fixed_seed(checked_seed(random_seed)), progressbar=progressbar,
    )  # fmt: skip
    terms = sharpe_terms(
        risk_free_rate=risk_free_rate, periods_per_year=periods_per_year, hdi_prob=hdi_prob,
        distribution=distribution, autocorrelation=autocorrelation, priors=priors.alone,
        engine=engine, settings=settings,
    )  # fmt: skip
    series, rejected, compounded = _valid_series(
        returns_dict, date, dates, choice("invalid", invalid, ("raise", "drop"))
    )
    if terms.periods_per_year is None:
        check_frequencies(series)
    alone = _each_alone(series, terms)
    warn_unless_converged(
        {one.name: one.diagnostics for one in alone}, settings.chains * settings.draws
    )
    if pool:
        _check_poolable(alone)
    correlation = influence_correlation(
        [one.influence for one in alone], [one.labels for one in series]
    )
    return StrategyComparison(
        posterior=pooled_posterior(alone, correlation, priors, settings)
        if pool
        else coupled_posterior(alone, correlation, settings),
        alone={one.name: one for one in alone},
        correlation=correlation,
        hdi_prob=terms.hdi_prob,
        periods_per_year=float(np.median([one["periods_per_year"] for one in alone])),
        rejected=rejected,
        priors=priors,
        settings=settings,
        note=" ".join(filter(None, [compounded, dates_note(series)])),
    )


def _each_alone(series: Sequence[ReturnSeries], terms: SharpeTerms) -> list[SharpePosterior]:
    """Return the posterior of each strategy, as `bayesian_sharpe` draws it from the same seed."""
    settings = terms.settings
    cores = settings.cores or available_cores()
    threads = min(cores, len(series)) if terms.engine == "native" else 1
    each = dataclasses.replace(settings, cores=max(1, cores // threads), progressbar=False)
    terms = dataclasses.replace(terms, settings=each)
    with progress_bar("Strategies", len(series), settings.progressbar) as advance:
        return in_threads(lambda one: sharpe_posterior(one, terms), series, threads, advance)


def _valid_series(
    returns: Any, date: str | None, dates: str, invalid: str
) -> tuple[tuple[ReturnSeries, ...], dict[str, str], str]:
    """Return the series on their dates, why others are left out, and what was compounded."""
    strategies = as_strategies(returns, date=date)
    rejected = dict(strategies.rejected)
    candidates, note = on_dates(strategies.series, dates)
    series = []
    for one in candidates:
        try:
            _check_varies(one)
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
    return tuple(series), rejected, note


def _check_varies(series: ReturnSeries) -> None:
    """Refuse returns that a Sharpe ratio cannot be had of."""
    values = series.values
    if values.size < 2 or np.ptp(values) == 0.0:
        raise ValueError(
            f"on the {values.size} dates that all strategies share it does not move; compare it on "
            "its own dates, with dates='own'."
        )
    flat = flat_value(values)
    if flat is not None:
        check_active(values[values != flat])


def _check_poolable(alone: Sequence[SharpePosterior]) -> None:
    """Refuse ratios that a common prior of investments' ratios makes nothing of: those of cash."""
    beyond = [one for one in alone if abs(one["mean"]) > _LARGEST_POOLED]
    if beyond:
        listed = ", ".join(f"{one.name} has {one['mean']:.3g}" for one in beyond[:5])
        raise ValueError(
            f"pool=True draws annual Sharpe ratios towards each other, by a prior of a few tenths, "
            f"and cannot be asked of ratios beyond {_LARGEST_POOLED:g}: {listed}. Leave them out, "
            "or compare without pooling."
        )
