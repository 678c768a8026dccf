"""How much each strategy moves: its path, what comes next, and how long a storm lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from puffin.figures import volatility_path
from puffin.findings.findings import Findings
from puffin.findings.volatility import Volatility
from puffin.findings.volatility_words import (
    early_ends,
    regime_rule,
    volatility_doubts,
    volatility_headline,
    volatility_seed_note,
    volatility_story,
)
from puffin.page.sections.section import Section
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import percent, percent_interval, small_percent
from puffin.showing.periods import period_noun

__all__ = ["sections"]

_ANCHOR = "volatility"
_PARAMETERS = {
    "phi": "Persistence φ",
    "sigma": "Volatility of log-variance σ",
    "nu": "Degrees of freedom ν",
    "asymmetry": "Asymmetry",
    "nu_left": "Degrees of freedom of losses",
    "nu_right": "Degrees of freedom of gains",
    "rho": "Leverage ρ",
    "kappa": "P(jump) κ",
    "jump_mean": "Mean jump",
    "jump_sd": "Standard deviation of jumps",
}
_IN_PERCENT = frozenset({"kappa", "jump_mean", "jump_sd"})


def sections(findings: Findings) -> list[Section]:
    """Return the volatility of every strategy that has one."""
    found = findings.volatilities
    body = render(
        "volatility",
        headline=volatility_headline(found),
        doubts=[
            *early_ends(findings.returns),
            *(doubt for name, one in found.items() for doubt in volatility_doubts(name, one)),
        ],
        without=findings.without_volatility,
        rows=[_row(findings, name, f"{_ANCHOR}-{i + 1}") for i, name in enumerate(found)],
        rule=regime_rule(),
        seeds=" ".join(volatility_seed_note(found, findings.settings.hdi_prob)),
        jumps=any(one.jumps is not None for one in found.values()),
        noun=period_noun(findings.settings.periods),
        hdi_prob=findings.settings.hdi_prob,
        parameters=_parameters(found.values()),
        in_percent=_IN_PERCENT,
        models=sorted({one.model for one in found.values()}),
    )
    return [Section(_ANCHOR, "Volatility", body)]


def _row(findings: Findings, name: str, anchor: str) -> dict[str, object]:
    volatility = findings.volatilities[name]
    return {
        "name": name,
        "anchor": anchor,
        "volatility": volatility,
        "story": volatility_story(name, volatility, findings.settings),
        "path": to_svg(volatility_path(volatility), anchor, _described(findings, name)),
        "last": volatility.last_label,
    }


def _described(findings: Findings, name: str) -> str:
    volatility, level = findings.volatilities[name], percent(findings.settings.hdi_prob, 0)
    path, now, coming = volatility.path["mean"], volatility.now, volatility.next_period
    return (
        f"Volatility of {name} over time, between {small_percent(float(path.min()))} and "
        f"{small_percent(float(path.max()))} of one period; in the last one "
        f"{small_percent(now.mean)} ({level} interval {percent_interval(now.low, now.high)}), "
        f"in the next {small_percent(coming.mean)} ({percent_interval(coming.low, coming.high)})."
    )


def _parameters(found: Iterable[Volatility]) -> Mapping[str, str]:
    """Return the headings of the parameters that at least one of the models has."""
    present = {name for one in found for name in one.parameters} - {"mean", "mu"}
    known = [name for name in _PARAMETERS if name in present]
    return {name: _PARAMETERS.get(name, name) for name in (*known, *sorted(present))}
