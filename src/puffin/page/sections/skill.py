"""What all strategies say of each: what is left of its ratio, and how much of the best was luck."""

from __future__ import annotations

import pandas as pd

from puffin.figures import funnel, shrinkage
from puffin.findings.findings import Findings
from puffin.findings.skill import LEVEL
from puffin.findings.skill_fits import SkillFits
from puffin.findings.skill_words import best_sentences, skill_notes
from puffin.page.sections.section import Section
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import decimal, probability

__all__ = ["sections"]

_ANCHOR = "skill"
_MOST_ROWS = 20


def sections(findings: Findings) -> list[Section]:
    """Return the strategies weighed by each other, where that was asked for."""
    fits = findings.skill
    if fits is None:
        return []
    notes, best = skill_notes(fits, LEVEL, 0.0), best_sentences(fits)
    table, named = fits.ranked(0.0), fits.skilled(LEVEL, 0.0).assets
    shown = table.head(_MOST_ROWS)
    body = render(
        "skill",
        rows=shown.to_dict("records"),
        more=len(table) - len(shown),
        named=named,
        label=fits.fitted.unit.label,
        best=" ".join(best),
        notes=[note for note in notes if note[:2] != "! " and note not in best],
        doubts=[note[2:] for note in notes if note[:2] == "! "],
        left_out=fits.rejected,
        hdi_prob=fits.fitted.hdi_prob,
        level=LEVEL,
        funnel=_funnel(fits, named),
        shrinkage=_shrinkage(shown, fits.fitted.unit.label),
    )
    return [Section(_ANCHOR, "Skill or luck?", body)]


def _funnel(fits: SkillFits, named: list[str]) -> object:
    return to_svg(
        funnel(fits.first, named),
        f"{_ANCHOR}-funnel",
        f"Estimates of {len(fits.fitted.assets):,} strategies against their standard errors; "
        f"{len(named):,} are named.",
    )


def _shrinkage(shown: pd.DataFrame, label: str) -> object:
    said = "; ".join(
        f"{row['asset']} {decimal(row['estimate'])} by itself, {decimal(row['mean'])} "
        f"(above zero with probability {probability(row['prob_above'])})"
        for row in shown.to_dict("records")
    )
    return to_svg(
        shrinkage(shown, label),
        f"{_ANCHOR}-shrinkage",
        f"Estimate and posterior mean of each {label}: {said}.",
    )
