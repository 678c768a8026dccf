"""Which of many columns have skill, as the settings ask for it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pandas as pd

from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.findings.skill_fits import SkillFits
from puffin.models.hierarchical import BayesianHierarchical
from puffin.models.hierarchical.arguments import DISTRIBUTIONS
from puffin.models.hierarchical.oddities import odd_among
from puffin.posterior import ConvergenceWarning
from puffin.reading import OddReturnsWarning
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["LEVEL", "find_skill", "skill_of_strategies"]

LEVEL = 0.1
"""Of a page: the share of false ones expected among those that it names."""

_DRAWS = 1000


def find_skill(
    returns: Mapping[str, pd.Series[float]],
    factors: pd.DataFrame | None,
    groups: Mapping[str, str] | None,
    unit: str,
    settings: AnalysisSettings,
    progress: Progress,
    distributions: Sequence[str] = DISTRIBUTIONS,
) -> SkillFits:
    """Return the fitted hierarchies; `rejected` says what they have left out.

    Warns of columns that look odd beside the others; what is odd about one by itself is said where
    it is read.

    Parameters
    ----------
    returns : mapping of name to Series
    factors : DataFrame or None
        A column for each, on all dates of the returns.
    groups : mapping of name to group, or None
    unit : {"return", "volatility"}
    distributions : sequence of {"normal", "spike"}
        Of true alphas: a fit for each, of which the first has the estimates that are shown.
    """
    frame = pd.DataFrame(dict(returns))
    for name, what in odd_among(frame):
        warnings.warn(f"column {name!r} {what}", UserWarning, stacklevel=2)
    progress.expect(len(distributions))
    weighing = f"Weighing {len(returns)} {'columns' if len(returns) > 1 else 'column'}"
    fits = {}
    for distribution in distributions:
        which = f" ({distribution})" if len(distributions) > 1 else ""
        progress.begin(f"{weighing}{which}")
        model = BayesianHierarchical(
            settings.engine,
            unit=unit,
            distribution=distribution,
            autocorrelation=settings.autocorrelation,
            risk_free_rate=settings.risk_free_rate,
            periods_per_year=settings.periods_per_year,
            hdi_prob=settings.hdi_prob,
        )
        with _warnings_of_a_fit(which):
            fits[distribution] = model.fit(
                frame,
                factors,
                groups,
                settings.samples,
                cores=settings.cores,
                random_seed=settings.seed,
            )
    return SkillFits(fits)


@contextmanager
def _warnings_of_a_fit(which: str) -> Iterator[None]:
    """Pass on a fit's warnings, those of draws with the name of the fit."""
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.filterwarnings("ignore", message="Left out: ")  # it is said of each
            warnings.simplefilter("ignore", OddReturnsWarning)
            yield
    finally:
        for one in caught:
            of_draws = issubclass(one.category, ConvergenceWarning)
            said = f"{one.message}{which}" if of_draws else one.message
            warnings.warn(said, one.category, stacklevel=4)


def skill_of_strategies(
    returns: Mapping[str, pd.Series[float]],
    benchmark: str | None,
    settings: AnalysisSettings,
    progress: Progress,
) -> SkillFits:
    """Return the hierarchies of strategies whose volatility need not be alike.

    They are of Sharpe ratios, or with a benchmark of appraisal ratios on the dates that it has.

    Raises
    ------
    ValueError
        With fewer than two strategies, or if they differ in how many periods a year has.
    """
    named = {name: one for name, one in returns.items() if name != benchmark}
    if len(named) < 2:
        raise ValueError("there is one strategy only, and nothing to weigh it by.")
    others = [name for name in returns if name in settings.calendars]
    if others:
        raise ValueError(f"{others[0]} has another number of periods a year than most.")
    asked = replace(settings, samples=min(settings.samples, _DRAWS))
    factors = None
    if benchmark is not None:
        versus = returns[benchmark]
        named = {name: one.loc[one.index.isin(versus.index)] for name, one in named.items()}
        rate = period_risk_free_rate(settings.risk_free_rate, settings.periods)
        factors = pd.DataFrame({benchmark: versus - rate})
    return find_skill(named, factors, None, "volatility", asked, progress)
