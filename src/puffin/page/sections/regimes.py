"""Calm and turbulence: whether there are two regimes, which one it is now, and what each earned."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from puffin.backtest.performance import growth
from puffin.figures import regime_growth
from puffin.findings.findings import Findings
from puffin.findings.regimes import Regime
from puffin.findings.regimes_words import NAMES, regimes_doubts, regimes_headline, regimes_story
from puffin.page.sections.section import Section
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.periods import period_noun

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["sections"]

_ANCHOR = "regimes"


class _Row(NamedTuple):
    """What is shown of one strategy; no figure where all was lost."""

    name: str
    anchor: str
    regimes: tuple[Regime, ...]
    periods: float
    story: list[str]
    figure: Markup | None


def sections(findings: Findings) -> list[Section]:
    """Return the regimes of every strategy that has them; nothing if they were not asked for."""
    found = findings.regimes
    if not found and not findings.without_regimes:
        return []
    rows = [_row(findings, name, f"{_ANCHOR}-{i + 1}") for i, name in enumerate(found)]
    body = render(
        "regimes",
        headline=regimes_headline(found) or [one for row in rows for one in row.story],
        doubts=[doubt for name, one in found.items() for doubt in regimes_doubts(name, one)],
        without=findings.without_regimes,
        rows=rows,
        names=NAMES,
        noun=period_noun(findings.settings.periods),
        hdi_prob=findings.settings.hdi_prob,
        labels=sorted({one.model.label for one in found.values()}),
    )
    return [Section(_ANCHOR, "Regimes", body)]


def _row(findings: Findings, name: str, anchor: str) -> _Row:
    one, settings = findings.regimes[name], findings.settings
    story = regimes_story(name, one, settings)
    wealth, figure = growth(findings.returns[name]), None
    if wealth is not None:
        described = f"Growth of {name}, shaded by the more probable regime. {story[0]}"
        figure = to_svg(regime_growth(wealth, one), anchor, described)
    return _Row(name, anchor, one.regimes, settings.periods_of(name), story, figure)
