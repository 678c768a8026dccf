"""Which of many columns have skill, as the settings ask for it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import pandas as pd

from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.models.hierarchical import BayesianHierarchical
from puffin.models.hierarchical.card import MORE_IN_COMMON, between_sentence, overview_sentence
from puffin.showing.numbers import percent

__all__ = ["find_skill", "skill_notes"]


def find_skill(
    returns: Mapping[str, pd.Series[float]],
    factors: pd.DataFrame | None,
    groups: Mapping[str, str] | None,
    unit: str,
    settings: AnalysisSettings,
    progress: Progress,
) -> BayesianHierarchical:
    """Return the fitted hierarchy; its `rejected` says what it has left out.

    Parameters
    ----------
    returns : mapping of name to Series
    factors : DataFrame or None
        A column for each, on all dates of the returns.
    groups : mapping of name to group, or None
    unit : {"return", "volatility"}
    """
    progress.expect(1)
    progress.begin(f"Weighing {len(returns)} {'columns' if len(returns) > 1 else 'column'}")
    model = BayesianHierarchical(
        settings.engine,
        unit=unit,
        autocorrelation=settings.autocorrelation,
        risk_free_rate=settings.risk_free_rate,
        periods_per_year=settings.periods_per_year,
        hdi_prob=settings.hdi_prob,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Left out: ")  # it is said of each
        return model.fit(
            pd.DataFrame(dict(returns)),
            factors,
            groups,
            settings.samples,
            cores=settings.cores,
            random_seed=settings.seed,
        )


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
        *([_bell_curve(fdr, fitted.unit.label)] if len(fitted.assets) > 1 else []),
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


def _bell_curve(fdr: float, label: str) -> str:
    """Say where more of those named are false than was asked for."""
    kind = label.removeprefix("annual ")
    return (
        f"This takes true {kind}s to be spread like a bell curve. If most assets have "
        f"{'an' if kind[0] in 'ae' else 'a'} {kind} of exactly zero, more than {percent(fdr, 0)} "
        "of those named will be such assets."
    )
