"""Several strategies, compared on the days they share."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd

from puffin.inference.settings import Seed
from puffin.models.comparison.fit import fit_comparison
from puffin.models.comparison.groups import in_groups
from puffin.models.comparison.priors import ComparisonPriors
from puffin.models.comparison.result import StrategyComparison
from puffin.models.comparison.sampling import in_order
from puffin.models.settings import (
    check_engine,
    check_priors,
    sampling_settings,
)
from puffin.posterior import warn_unless_converged
from puffin.validation import (
    ReturnSeries,
    as_strategies,
    choice,
    finite_number,
    positive_integer,
    positive_number,
    probability,
)
from puffin.validation import (
    periods_per_year as infer_periods_per_year,
)
from puffin.validation.flat import check_active, flat_value, repeated_value
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = [
    "ComparisonPriors",
    "compare_strategies",
    "compare_strategies_bayesian",
    "strategy_comparison",
]


_FREQUENCY_TOLERANCE = 1.5
_WARM_UP = {"native": 300, "pymc": 1000}


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
    warning. `dependence` says which it was, and `note` why.

    The joint model is checked. Where strategies' exposure to each other changes through time (one
    is the volatility-targeted version of the other, or both follow one idea, long only), their
    difference is all but constant at times and wide at others, nu goes to 2, and the standard
    deviations, and with them the Sharpe ratios, are far from what each strategy's returns say.
    Where the standard deviation of any is more than a quarter off that of its own model, and its
    precision by more than four posterior standard deviations (`diagnostics` has both), each has the
    posterior of `bayesian_sharpe` on the shared dates. The draws are then put into an order that
    couples them: a Gaussian copula whose correlation is that of the Sharpe ratios' influence
    functions, so that probabilities and differences still account for what the strategies share.
    `dependence` is then "coupled".

    A strategy that is flat on more than a twentieth of its dates has the hurdle model of
    `bayesian_sharpe`, as `models` says, and is coupled with the others in the same way
    (`dependence` "partly joint", if others were modelled together).

    With ``pool=True`` the annual Sharpe ratios have a common prior, Normal(0, tau), whose width tau
    is learned from all of them: the more strategies were tried and the less they differ, the more
    each is shrunk towards zero. (A flat strategy's prior is that of its active periods, counted at
    the observed share of them.) Pooled strategies are not coupled, since that would undo what each
    says of tau: where the joint model fails they are independent given tau, with a warning.

    Volatility that clusters is not in any of these models: where it moves so slowly that the sample
    has seen few of its states, large Sharpe ratios are less certain than their posteriors say.

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

    References
    ----------
    Hausman, J. A. (1978). Specification tests in econometrics. Econometrica, 46(6).
    Iman, R. L., & Conover, W. J. (1982). A distribution-free approach to inducing rank correlation
    among input variables. Communications in Statistics, 11(3).
    Joe, H. (2005). Asymptotic efficiency of the two-stage estimation method for copula-based
    models. Journal of Multivariate Analysis, 94(2).
    Ledoit, O., & Wolf, M. (2008). Robust performance hypothesis testing with the Sharpe ratio.
    Journal of Empirical Finance, 15(5).
    Lo, A. W. (2002). The statistics of Sharpe ratios. Financial Analysts Journal, 58(4).
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
    flat_return = (
        flat_value if choice("flat", flat, ("hurdle", "together")) == "hurdle" else repeated_value
    )
    rate = period_risk_free_rate(risk_free_rate, periods)
    groups, note = in_groups(series, rate, min_overlap, flat_return)
    fit = fit_comparison(groups, note, periods, priors, pool, engine, settings)
    warn_unless_converged(fit.diagnostics, settings.chains * settings.draws)
    strategies = tuple(one.name for one in series)
    of = {name: group for group in fit.groups for name in group.names}
    places = [list(of).index(name) for name in strategies]
    return StrategyComparison(
        posterior=in_order(fit.posterior, places, strategies),
        strategies=strategies,
        hdi_prob=hdi_prob,
        groups=tuple(group.names for group in fit.groups),
        models={name: of[name].model for name in strategies},
        diagnostics={name: fit.diagnostics[name] for name in strategies},
        n_observations=tuple(of[name].observations for name in strategies),
        periods_per_year=periods,
        rejected=rejected,
        scatter=fit.scatter,
        correlation=None if fit.correlation is None else fit.correlation[np.ix_(places, places)],
        flat_returns={name: group.flat for name, group in of.items() if group.flat is not None},
        priors=priors,
        coupled=fit.coupled,
        note=fit.note,
    )


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
