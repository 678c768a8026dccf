"""What was found, on one screen: headline, caveats and a table of all strategies."""

from __future__ import annotations

import pandas as pd

from puffin.backtest.performance import performance
from puffin.findings.findings import Findings
from puffin.findings.model_checks import worst
from puffin.findings.sharpe_words import caveats, headline, rest_note
from puffin.page.sections.section import Section
from puffin.page.templates import render
from puffin.showing.checks import seed_note

__all__ = ["sections"]


def sections(findings: Findings) -> list[Section]:
    """Return the summary."""
    rows = [_row(findings, name) for name in findings.sharpes]
    body = render(
        "overview",
        headline=headline(findings),
        caveats=caveats(findings),
        rejected=findings.rejected,
        rows=rows,
        rest=rest_note(findings),
        seeds=" ".join(seed_note(findings.sharpes.values())),
        hdi_prob=findings.settings.hdi_prob,
    )
    return [Section("summary", "Summary", body)]


def _row(findings: Findings, name: str) -> dict[str, object]:
    sharpe = findings.sharpes[name]
    checks = findings.checks[name]
    light = worst(checks)
    shown = list(findings.detailed)
    return {
        "name": name,
        "anchor": f"strategy-{shown.index(name) + 1}" if name in shown else None,
        "sharpe": sharpe,
        "performance": performance(findings.returns[name], findings.settings.periods_of(name)),
        "light": light.name.lower(),
        "reasons": " ".join(check.answer for check in checks if check.light is light),
        "dates": _dates(findings, name),
        "is_benchmark": findings.benchmark is not None and findings.benchmark.name == name,
    }


def _dates(findings: Findings, name: str) -> str:
    """Return the dates of a strategy that is judged by fewer than the longest; empty otherwise."""
    comparison, index = findings.comparison, findings.returns[name].index
    if comparison is None or not comparison.is_of_different_times:
        return ""
    if len(index) == max(comparison.n_observations):
        return ""
    if not isinstance(index, pd.DatetimeIndex):
        return f"{len(index):,} returns"
    return f"{index[0]:%Y-%m-%d} to {index[-1]:%Y-%m-%d}"
