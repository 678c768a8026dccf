"""From returns to a page, and to a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

from puffin.backtest.result import BacktestResult
from puffin.extras import require
from puffin.findings.findings import Findings, find
from puffin.findings.pair import PairsToTrade
from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.findings.sharpe_words import headline
from puffin.page.rendering import Source, render_page
from puffin.saving import reserved, write_whole
from puffin.validation import lifetime

__all__ = ["Report", "write_report"]


@dataclass(frozen=True, repr=False)
class Report:
    """A tear sheet: the page, where it is, and what it is about.

    A notebook shows the page; `print` shows its first sentences.

    Attributes
    ----------
    html : str
        The page, which needs nothing else.
    findings : Findings
        Every number in it: `findings.sharpes`, `findings.comparison`, ...
    path : Path or None
        The file, where one was asked for.
    """

    html: str
    findings: Findings
    path: Path | None = None

    def save(self, output: str | os.PathLike[str]) -> Report:
        """Write the page to a file, and return the report that knows it."""
        path = Path(output)
        write_whole(path, lambda stream: stream.write(self.html.encode("utf-8")))
        return Report(self.html, self.findings, path)

    def __repr__(self) -> str:
        where = "not saved; .save(path) does" if self.path is None else str(self.path)
        return "\n".join([*headline(self.findings), f"The report: {where}"])

    def _repr_html_(self) -> str:
        """Show the page in a frame of its own, so that its style stays there."""
        return (
            f'<iframe title="Puffin report" srcdoc="{escape(self.html)}" '
            'style="width: 100%; height: 80vh; border: 0"></iframe>'
        )


def write_report(
    returns: Mapping[str, pd.Series[float]],
    out: str | os.PathLike[str] | None = None,
    settings: AnalysisSettings | None = None,
    source: Source | None = None,
    *,
    benchmark: str | None = None,
    pairs: PairsToTrade | None = None,
    backtests: Mapping[str, BacktestResult] | None = None,
    left_out: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Fit every model that a report shows, and make the report.

    Parameters
    ----------
    returns : mapping of name to Series, or DataFrame
        Simple returns, as fractions. Missing values before a strategy's first return or after its
        last are left out.
    out : path, optional
        One HTML file, which needs nothing else. Without it nothing is written.
    settings : AnalysisSettings, optional
    source : Source, optional
        What to call the data.
    benchmark : str, optional
        Name of the strategy that the others are measured against.
    pairs : PairsToTrade, optional
        Prices, and which of them to hedge and trade as pairs.
    backtests : mapping of str to BacktestResult, optional
        Those of the strategies whose positions and costs are known.
    left_out : mapping of str to str, optional
        Strategies that are not in `returns` because they are invalid, and why.
    progress : Progress, optional

    Returns
    -------
    Report

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
    path = None if out is None else Path(out)
    with _reserved_if_any(path) as write:
        findings = find(
            {str(name): lifetime(series) for name, series in returns.items()},
            settings or AnalysisSettings(),
            benchmark=benchmark,
            pairs=pairs,
            backtests=backtests,
            left_out=left_out,
            progress=progress,
        )
        html = render_page(findings, source, progress)
        write(html)
    return Report(html, findings, path)


@contextmanager
def _reserved_if_any(path: Path | None) -> Iterator[Callable[[str], None]]:
    if path is None:
        yield lambda _: None
        return
    with reserved(path) as write:
        yield write
