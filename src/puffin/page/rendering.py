"""The whole page."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

import puffin
from puffin.findings.findings import Findings
from puffin.findings.progress import Progress, Silence
from puffin.page.sections import SECTIONS, Section, sections_or_reason
from puffin.page.templates import render
from puffin.showing.periods import periods_a_year, periods_name

__all__ = ["Source", "render_page"]


@dataclass(frozen=True)
class Source:
    """Where the returns are from, for the reader of a report.

    Attributes
    ----------
    name : str
        The file, or the data set.
    note : str
        What a reader must know of it; may be empty.
    from_prices : bool
        Whether the returns were worked out from prices.
    """

    name: str = "returns"
    note: str = ""
    from_prices: bool = False


def render_page(
    findings: Findings, source: Source | None = None, progress: Progress | None = None
) -> str:
    """Return the report as one HTML page that needs nothing else.

    A section that cannot be made says so in its place, with a warning; the others are kept.
    """
    source = source or Source()
    progress = progress or Silence()
    progress.expect(len(SECTIONS))
    made: list[Section] = []
    for builder in SECTIONS:
        progress.begin("Drawing")
        made.extend(sections_or_reason(builder, findings))
    names = list(findings.sharpes)
    several = f"Sharpe ratios of {len(names)} strategies"
    return str(
        render(
            "page",
            title=several if len(names) > 1 else f"Sharpe ratio of {names[0]}",
            facts=_facts(findings, source),
            note=source.note,
            sections=made,
            version=puffin.__version__,
        )
    )


def _facts(findings: Findings, source: Source) -> dict[str, str]:
    """Return what the numbers are about, and what it takes to reproduce them."""
    settings = findings.settings
    every = list(findings.returns.values())
    lengths = [len(series) for series in every]
    observations = f"{min(lengths):,}"
    if max(lengths) > min(lengths):
        observations += f" to {max(lengths):,}"
    frequency = periods_name(settings.periods)
    facts = {
        "Data": source.name + (" (prices)" if source.from_prices else ""),
        "Dates": _dates(every),
        "Observations": f"{observations} {frequency} returns".replace("  ", " "),
        "Periods a year": periods_a_year(
            one["periods_per_year"] for one in findings.sharpes.values()
        ).removesuffix(" periods a year"),
        "Risk-free rate": f"{100.0 * settings.risk_free_rate:g}% a year",
        "Seed": str(settings.seed),
        "Puffin": puffin.__version__,
    }
    if findings.benchmark is not None:
        facts["Benchmark"] = findings.benchmark.name
    return facts


def _dates(every: list[pd.Series[float]]) -> str:
    if not all(isinstance(series.index, pd.DatetimeIndex) for series in every):
        return "none given: rows in order of time"
    first = min(series.index[0] for series in every)
    last = max(series.index[-1] for series in every)
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
