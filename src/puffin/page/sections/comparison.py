"""Which strategy is better than which, and how surely."""

from __future__ import annotations

from puffin.figures import Row, forest, ridges, shortened
from puffin.findings.findings import Findings
from puffin.findings.sharpe import sharpe_difference
from puffin.models.comparison import StrategyComparison
from puffin.page.sections.section import Section
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import decimal, percent, probability

__all__ = ["sections"]

_ANCHOR = "comparison"
_MOST_RIDGES = 10


def sections(findings: Findings) -> list[Section]:
    """Return the comparison, where there is one."""
    comparison = findings.comparison
    if comparison is None:
        return []
    names = list(comparison.table["strategy"])
    body = render(
        "comparison",
        table=comparison.table.to_dict("records"),
        observations=dict(zip(comparison.strategies, comparison.n_observations, strict=True)),
        names=names,
        prob_better=comparison.prob_better.loc[names, names].to_numpy(),
        differences=comparison.differences.to_dict("records"),
        note=comparison.note,
        different_times=comparison.is_of_different_times,
        shared=findings.on_shared_dates,
        pooled=findings.settings.pool,
        hdi_prob=comparison.hdi_prob,
        forest=_forest(comparison),
        ridges=_ridges(comparison),
        leader=names[0],
        ridges_shown=min(_MOST_RIDGES, len(names) - 1),
    )
    return [Section(_ANCHOR, "Comparison", body)]


def _forest(comparison: StrategyComparison) -> object:
    rows = [
        Row(
            row["strategy"],
            row["sharpe_mean"],
            row["hdi_low"],
            row["hdi_high"],
        )
        for row in comparison.table.to_dict("records")
    ]
    said = "; ".join(
        f"{row.name} {decimal(row.mean)} ({decimal(row.low)} to {decimal(row.high)})"
        for row in rows
    )
    level = percent(comparison.hdi_prob, 0)
    return to_svg(
        forest(rows, "annual Sharpe ratio"),
        f"{_ANCHOR}-forest",
        f"Posterior mean and {level} interval of each Sharpe ratio: {said}.",
    )


def _ridges(comparison: StrategyComparison) -> object:
    leader, *others = comparison.table["strategy"]
    rows = {name: sharpe_difference(comparison, leader, name) for name in others[:_MOST_RIDGES]}
    said = "; ".join(
        f"better than {name} with probability {probability(row.prob_positive)}"
        for name, row in rows.items()
    )
    return to_svg(
        ridges(rows, f"Sharpe ratio of {shortened(leader)} less that of the row"),
        f"{_ANCHOR}-ridges",
        f"Densities of the difference between {leader} and each other strategy. {leader} is "
        f"{said}.",
    )
