"""One strategy: what is known of its Sharpe ratio, its numbers, and the parts that follow."""

from __future__ import annotations

from puffin.findings.findings import Findings
from puffin.findings.key_numbers import key_numbers
from puffin.findings.sharpe_words import strategy_story
from puffin.page.sections import calendar_returns, history, model_fit, outlook, sharpe, trading
from puffin.page.sections.section import Part, Section, part_or_reason
from puffin.page.templates import render

__all__ = ["sections"]

_PARTS: tuple[Part, ...] = (
    history.part,
    calendar_returns.part,
    trading.part,
    sharpe.part,
    outlook.part,
    model_fit.part,
)
"""In the order in which they stand. Another is one more file with a `Part`, and its name here."""


def sections(findings: Findings) -> list[Section]:
    """Return a section for each strategy that is looked at one by one."""
    return [
        _section(findings, name, f"strategy-{i + 1}") for i, name in enumerate(findings.detailed)
    ]


def _section(findings: Findings, name: str, anchor: str) -> Section:
    versus = findings.benchmark_beside(name)
    body = render(
        "strategy",
        name=name,
        # With a single strategy the summary has said it already.
        story=strategy_story(findings, name) if len(findings.sharpes) > 1 else [],
        sharpe=findings.sharpes[name],
        groups=key_numbers(findings, name),
        benchmark=None if versus is None else versus.name,
        its_time=findings.time_of_benchmark(name),
        cut=versus is not None and len(versus) < len(findings.returns[str(versus.name)]),
        parts=[part_or_reason(part, findings, name, anchor) for part in _PARTS],
    )
    return Section(anchor, name, body)
