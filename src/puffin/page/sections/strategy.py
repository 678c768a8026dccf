"""One strategy: what is known of its Sharpe ratio, its numbers, and the parts that follow."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial

from puffin.findings.each import Warned
from puffin.findings.findings import Findings
from puffin.findings.key_numbers import key_numbers
from puffin.findings.sharpe_words import strategy_story
from puffin.page.sections import calendar_returns, history, model_fit, outlook, sharpe, trading
from puffin.page.sections.section import Part, Section, part_or_reason
from puffin.page.templates import render
from puffin.panel.engines import engine_of

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


_MOST_PROCESSES = 4
"""Each is sent all findings, which are a hundred megabytes."""

Places = Sequence[tuple[str, str]]
"""Names of strategies, and where in the page they are."""


def sections(findings: Findings) -> list[Section]:
    """Return a section for each strategy that is looked at one by one.

    Many are drawn in processes, and are the same.
    """
    places = [(name, f"strategy-{i + 1}") for i, name in enumerate(findings.detailed)]
    engine = engine_of(n_jobs=findings.settings.cores)
    if len(places) < findings.settings.many or engine.workers == 1:
        return [_section(findings, *place) for place in places]
    hands = min(engine.workers, _MOST_PROCESSES)
    made: dict[str, Section] = {}
    for done in engine.run(partial(_drawn, findings), [places[i::hands] for i in range(hands)]):
        drawn, warned = done.result or _drawn(findings, done.task)
        made.update((one.anchor, one) for one in drawn)
        for message, category in warned:
            warnings.warn(message, category, stacklevel=2)
    return [made[anchor] for _, anchor in places]


def _drawn(findings: Findings, places: Places) -> tuple[list[Section], Warned]:
    """Return some of the sections, with the warnings, which a process would keep to itself."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = [_section(findings, *place) for place in places]
    return made, tuple((str(one.message), one.category) for one in caught)


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
