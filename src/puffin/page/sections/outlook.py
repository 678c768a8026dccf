"""What was expected of a strategy, what came, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from puffin.figures import cone_path, drawdown_histogram, volatility_fan
from puffin.findings.expected_drawdown import expected_drawdown
from puffin.findings.findings import Findings
from puffin.findings.outlook_words import cone_story, drawdown_story
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.periods import period_label, period_noun

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["part"]


def part(findings: Findings, name: str, anchor: str) -> Markup:
    """Return the cone, the largest fall beside other histories', and the volatility's fan."""
    return render(
        "outlook",
        cone=_cone(findings, name, anchor),
        without_cone=findings.without_cone.get(name),
        drawdown=_drawdown(findings, name, anchor),
        fan=_fan(findings, name, anchor),
        horizon=_horizon(findings, name),
        noun=period_noun(findings.settings.periods),
        hdi_prob=findings.settings.hdi_prob,
    )


def _cone(findings: Findings, name: str, anchor: str) -> dict[str, object] | None:
    cone = findings.cones.get(name)
    if cone is None:
        return None
    story = cone_story(cone, findings.settings.hdi_prob)
    figure = to_svg(cone_path(cone), f"{anchor}-cone", f"Growth of {name} as forecast. {story}")
    return {"figure": figure, "story": story, "split": period_label(cone.split)}


def _drawdown(findings: Findings, name: str, anchor: str) -> dict[str, object] | None:
    found = expected_drawdown(
        findings.sharpes[name], findings.returns[name], findings.settings.seed
    )
    if found is None:
        return None
    story = drawdown_story(found)
    figure = to_svg(
        drawdown_histogram(found),
        f"{anchor}-drawdown",
        f"Largest falls of simulated histories of {name}, and the one that happened. {story}",
    )
    return {"figure": figure, "story": story}


def _fan(findings: Findings, name: str, anchor: str) -> object | None:
    volatility = findings.volatilities.get(name)
    figure = None if volatility is None else volatility_fan(volatility)
    if figure is None:
        return None
    return to_svg(
        figure, f"{anchor}-fan", f"Volatility of {name} of late, and the fan of its forecast."
    )


def _horizon(findings: Findings, name: str) -> int:
    volatility = findings.volatilities.get(name)
    if volatility is None or volatility.forecast is None:
        return 0
    return volatility.forecast.horizon
