"""Which of many columns have skill, as the settings ask for it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.models.hierarchical import BayesianHierarchical
from puffin.models.hierarchical.card import MORE_IN_COMMON, between_sentence, overview_sentence
from puffin.models.hierarchical.oddities import odd_among
from puffin.reading import OddReturnsWarning
from puffin.showing.numbers import percent
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["LEVEL", "find_skill", "skill_notes", "skill_of_strategies"]

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
    distribution: str = "normal",
) -> BayesianHierarchical:
    """Return the fitted hierarchy; its `rejected` says what it has left out.

    Warns of columns that look odd beside the others; what is odd about one by itself is said where
    it is read.

    Parameters
    ----------
    returns : mapping of name to Series
    factors : DataFrame or None
        A column for each, on all dates of the returns.
    groups : mapping of name to group, or None
    unit : {"return", "volatility"}
    distribution : {"normal", "spike"}
        Of true alphas.
    """
    progress.expect(1)
    progress.begin(f"Weighing {len(returns)} {'columns' if len(returns) > 1 else 'column'}")
    model = BayesianHierarchical(
        settings.engine,
        unit=unit,
        distribution=distribution,
        autocorrelation=settings.autocorrelation,
        risk_free_rate=settings.risk_free_rate,
        periods_per_year=settings.periods_per_year,
        hdi_prob=settings.hdi_prob,
    )
    frame = pd.DataFrame(dict(returns))
    for name, what in odd_among(frame):
        warnings.warn(f"column {name!r} {what}", UserWarning, stacklevel=2)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Left out: ")  # it is said of each
        warnings.simplefilter("ignore", OddReturnsWarning)
        return model.fit(
            frame,
            factors,
            groups,
            settings.samples,
            cores=settings.cores,
            random_seed=settings.seed,
        )


def skill_of_strategies(
    returns: Mapping[str, pd.Series[float]],
    benchmark: str | None,
    settings: AnalysisSettings,
    progress: Progress,
) -> BayesianHierarchical:
    """Return the hierarchy of strategies whose volatility need not be alike.

    It is of Sharpe ratios, or with a benchmark of appraisal ratios on the dates that it has.

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


def skill_notes(model: BayesianHierarchical, fdr: float, threshold: float) -> list[str]:
    """Return what the table means: how many have skill, which can be named, what luck did."""
    fitted, skilled = model.fitted, model.skilled(fdr, threshold)
    common = fitted.n_common
    beside = " beside those given" if fitted.posterior.coords["factor"] else ""
    notes = [overview_sentence(fitted)]
    if len(fitted.group_names) > 1:
        notes.append(between_sentence(fitted))
    notes += [
        skilled.sentence,
        *_about_zero(model, fdr),
        model.best().sentence,
        f"Errors have {common} factor{'s' * (common != 1)} in common{beside}; "
        f"{fitted.periods_per_year:g} periods a year.",
    ]
    if fitted.more_in_common:
        notes.append(f"! {MORE_IN_COMMON[0].upper()}{MORE_IN_COMMON[1:]}")
    notes += [f"! {doubt}" for doubt in skilled.doubts]
    checks = fitted.checks.values()
    worst = min(min(row["ess_bulk"], row["ess_tail"]) for row in checks)
    if worst < 100.0:
        notes.append(
            f"! {worst:.0f} effective draws of a spread: intervals of "
            f"{percent(fitted.hdi_prob, 0)} are rough; raise --samples."
        )
    return notes


def _about_zero(model: BayesianHierarchical, fdr: float) -> list[str]:
    """Say what is taken for granted of assets that have nothing at all."""
    kind = model.fitted.unit.label.removeprefix("annual ")
    one = f"{'an' if kind[0] in 'ae' else 'a'} {kind}"
    if len(model.fitted.assets) == 1:
        return []
    if model.fitted.has_spike:
        return [
            f"This takes some to have {one} of exactly zero, which counts as false. If those "
            "without skill have another one, such as less than zero by their fees, add them first."
        ]
    return [
        f"This takes true {kind}s to be spread like a bell curve. If most assets have {one} of "
        f"exactly zero, more than {percent(fdr, 0)} of those named will be such assets: "
        "distribution spike allows for that."
    ]
