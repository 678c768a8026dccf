"""What is said of skill: how many have it, who can be named, and what luck did."""

from __future__ import annotations

from puffin.findings.skill_fits import SkillFits
from puffin.models.hierarchical.card import (
    MORE_IN_COMMON,
    between_sentence,
    overview_sentence,
    spread_clause,
)
from puffin.models.hierarchical.fitted import FittedHierarchy
from puffin.showing.numbers import percent, probability

__all__ = ["best_sentences", "skill_notes"]

_FEW_DRAWS = 100.0
_ONLY_IF = {
    "normal": "if they are normal: where few have skill, most of those are false",
    "spike": "if some are exactly zero",
}


def skill_notes(fits: SkillFits, fdr: float, threshold: float) -> list[str]:
    """Return what the table means: how many have skill, which can be named, what luck did."""
    fitted, skilled = fits.fitted, fits.skilled(fdr, threshold)
    common = fitted.n_common
    beside = " beside those given" if fitted.posterior.coords["factor"] else ""
    notes = [overview_sentence(fitted), *_otherwise(fits)]
    if len(fitted.group_names) > 1:
        notes.append(between_sentence(fitted))
    notes += [
        _named_sentence(fits, fdr, threshold),
        *_about_zero(fits, fdr),
        *best_sentences(fits),
        f"Errors have {common} factor{'s' * (common != 1)} in common{beside}; "
        f"{fitted.periods_per_year:g} periods a year.",
    ]
    if fitted.more_in_common:
        notes.append(f"! {MORE_IN_COMMON[0].upper()}{MORE_IN_COMMON[1:]}")
    notes += [f"! {doubt}" for doubt in skilled.doubts]
    return [*notes, *_about_draws(fits)]


def _rest(fits: SkillFits) -> list[FittedHierarchy]:
    """Return the fits that are not shown, of two columns or more."""
    if len(fits.fitted.assets) == 1:
        return []
    return [one.fitted for one in list(fits.fits.values())[1:]]


def _otherwise(fits: SkillFits) -> list[str]:
    """Say how many have skill if true alphas are spread in another way than in the table."""
    return [
        f"If some are exactly zero, {spread_clause(one)}; "
        f"{one.groups['expected_skilled'].iloc[-1]:,.0f} expected to be above zero."
        for one in _rest(fits)
    ]


def _named_sentence(fits: SkillFits, fdr: float, threshold: float) -> str:
    """Say how many can be named whichever fit is right, and how many more by one alone."""
    skilled = fits.skilled(fdr, threshold)
    if not _rest(fits):
        return skilled.sentence
    more = "".join(
        f" {count:,} more only {_ONLY_IF[name]}."
        for name, count in fits.more(fdr, threshold).items()
        if count
    )
    level = skilled.unit.written(threshold) if threshold else "zero"
    return (
        f"At {percent(fdr, 0)} false, {len(skilled):,} of {skilled.n_assets:,} assets can be named "
        f"as having an {skilled.unit.label} above {level}, whether true ones are normal or some "
        f"exactly zero.{more}"
    )


def best_sentences(fits: SkillFits) -> list[str]:
    """Say how much of the best estimate is expected to last, by each fit."""
    best = [fits.first.best().sentence]
    for one in _rest(fits):
        row = one.best
        best.append(
            f"If some are exactly zero, {row.unit.written(row.mean)} is expected to last "
            f"({probability(row.prob_positive)} above zero)."
        )
    return best


def _about_zero(fits: SkillFits, fdr: float) -> list[str]:
    """Say what is taken for granted of assets that have nothing at all."""
    kind = fits.fitted.unit.label.removeprefix("annual ")
    one = f"{'an' if kind[0] in 'ae' else 'a'} {kind}"
    if len(fits.fitted.assets) == 1:
        return []
    if "spike" in fits.fits:
        counts = f"{one[0].upper()}{one[1:]} of exactly zero counts as false"
        if len(fits.fits) == 1:
            counts = f"This takes some to have {one} of exactly zero, which counts as false"
        return [
            f"{counts}. If those without skill have another one, such as less than zero by their "
            "fees, add them first."
        ]
    return [
        f"This takes true {kind}s to be spread like a bell curve. If most assets have {one} of "
        f"exactly zero, more than {percent(fdr, 0)} of those named will be such assets: "
        "distribution both names who has skill either way."
    ]


def _about_draws(fits: SkillFits) -> list[str]:
    """Say so where a fit has few effective draws of a spread."""
    notes = []
    for name, one in fits.fits.items():
        worst = min(min(row["ess_bulk"], row["ess_tail"]) for row in one.fitted.checks.values())
        which = f" (distribution {name})" if len(fits.fits) > 1 else ""
        if worst < _FEW_DRAWS:
            notes.append(
                f"! {worst:.0f} effective draws of a spread{which}: intervals of "
                f"{percent(fits.fitted.hdi_prob, 0)} are rough; raise --samples."
            )
    return notes
