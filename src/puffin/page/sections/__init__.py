"""The report's sections, one a file, in the order in which they stand.

Another section is one more file with a `Builder`, and its name in `SECTIONS`.
"""

from puffin.page.sections import (
    benchmark,
    comparison,
    method,
    overview,
    pair_trading,
    portfolio,
    regimes,
    skill,
    strategy,
    volatility,
)
from puffin.page.sections.section import Builder, Section, sections_or_reason

__all__ = ["SECTIONS", "Builder", "Section", "sections_or_reason"]

SECTIONS: tuple[Builder, ...] = (
    overview.sections,
    comparison.sections,
    benchmark.sections,
    skill.sections,
    volatility.sections,
    regimes.sections,
    portfolio.sections,
    pair_trading.sections,
    strategy.sections,
    method.sections,
)
