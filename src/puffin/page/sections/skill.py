"""What all strategies say of each: what is left of its ratio, and how much of the best was luck."""

from __future__ import annotations

from puffin.figures import funnel, shrinkage
from puffin.findings.findings import Findings
from puffin.findings.skill import LEVEL, skill_notes
from puffin.models.hierarchical import BayesianHierarchical
from puffin.page.sections.section import Section
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import decimal, probability

__all__ = ["sections"]

_ANCHOR = "skill"
_MOST_ROWS = 20


def sections(findings: Findings) -> list[Section]:
    """Return the strategies weighed by each other, where that was asked for."""
    model = findings.skill
    if model is None:
        return []
    notes = skill_notes(model, LEVEL, 0.0)
    body = render(
        "skill",
        rows=model.table.head(_MOST_ROWS).to_dict("records"),
        more=max(len(model.table) - _MOST_ROWS, 0),
        named=model.skilled(LEVEL).assets,
        label=model.fitted.unit.label,
        best=model.best().sentence,
        notes=[note for note in notes if note[:2] != "! " and note != model.best().sentence],
        doubts=[note[2:] for note in notes if note[:2] == "! "],
        left_out=model.rejected,
        hdi_prob=model.hdi_prob,
        level=LEVEL,
        funnel=_funnel(model),
        shrinkage=_shrinkage(model),
    )
    return [Section(_ANCHOR, "Skill or luck?", body)]


def _funnel(model: BayesianHierarchical) -> object:
    named = len(model.skilled(LEVEL))
    return to_svg(
        funnel(model, LEVEL),
        f"{_ANCHOR}-funnel",
        f"Estimates of {len(model.table):,} strategies against their standard errors; {named:,} "
        "are named.",
    )


def _shrinkage(model: BayesianHierarchical) -> object:
    said = "; ".join(
        f"{row['asset']} {decimal(row['estimate'])} by itself, {decimal(row['mean'])} "
        f"(above zero with probability {probability(row['prob_positive'])})"
        for row in model.table.head(_MOST_ROWS).to_dict("records")
    )
    return to_svg(
        shrinkage(model.table.head(_MOST_ROWS), model.fitted.unit.label),
        f"{_ANCHOR}-shrinkage",
        f"Estimate and posterior mean of each {model.fitted.unit.label}: {said}.",
    )
