"""What was found, on one screen: headline, caveats and a table of all strategies."""

from __future__ import annotations

from puffin.backtest.performance import performance
from puffin.findings.checks import draws_are_fine, is_at_odds
from puffin.findings.findings import Findings
from puffin.findings.sharpe_words import caveats, headline
from puffin.page.sections.section import Section
from puffin.page.templates import render

__all__ = ["sections"]


def sections(findings: Findings) -> list[Section]:
    """Return the summary."""
    rows = [
        {
            "name": name,
            "anchor": f"strategy-{i + 1}",
            "sharpe": sharpe,
            "performance": performance(findings.returns[name], findings.settings.periods_of(name)),
            "fine": draws_are_fine(sharpe["ess"], sharpe["r_hat"]),
            "odd": is_at_odds(sharpe),
            "is_benchmark": findings.benchmark is not None and findings.benchmark.name == name,
        }
        for i, (name, sharpe) in enumerate(findings.sharpes.items())
    ]
    body = render(
        "overview",
        headline=headline(findings),
        caveats=caveats(findings),
        rejected=findings.rejected,
        rows=rows,
        hdi_prob=findings.settings.hdi_prob,
    )
    return [Section("summary", "Summary", body)]
