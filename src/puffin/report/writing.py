"""From returns to a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from puffin.extras import require
from puffin.findings.findings import Findings, find
from puffin.findings.pair import PairsToTrade
from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.report.page import Source, render_page
from puffin.saving import reserved
from puffin.validation import lifetime

__all__ = ["write_report"]


def write_report(
    returns: Mapping[str, pd.Series[float]],
    out: str | os.PathLike[str],
    settings: AnalysisSettings | None = None,
    source: Source | None = None,
    *,
    benchmark: str | None = None,
    pairs: PairsToTrade | None = None,
    left_out: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Fit every model that a report shows, and write the report.

    Parameters
    ----------
    returns : mapping of name to Series, or DataFrame
        Simple returns, as fractions. Missing values before a strategy's first return or after its
        last are left out.
    out : path
        One HTML file, which needs nothing else.
    settings : AnalysisSettings, optional
    source : Source, optional
        What to call the data.
    benchmark : str, optional
        Name of the strategy that the others are measured against.
    pairs : PairsToTrade, optional
        Prices, and which of them to hedge and trade as pairs.
    left_out : mapping of str to str, optional
        Strategies that are not in `returns` because they are invalid, and why.
    progress : Progress, optional

    Returns
    -------
    Findings

    Raises
    ------
    ImportError
        Without jinja2 and matplotlib: they are the extra `report`.
    OSError
        If `out` cannot be written; this is found out first.
    ValueError
        If no strategy has valid returns.
    """
    for module in ("jinja2", "matplotlib"):
        require(module, "report", "A report")
    with reserved(Path(out)) as write:
        findings = find(
            {str(name): lifetime(series) for name, series in returns.items()},
            settings or AnalysisSettings(),
            benchmark=benchmark,
            pairs=pairs,
            left_out=left_out,
            progress=progress,
        )
        write(render_page(findings, source, progress))
    return findings
