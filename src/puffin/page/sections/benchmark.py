"""What each strategy has beyond the benchmark: a better ratio, and a return of its own."""

from __future__ import annotations

import math

from puffin.figures import Row, forest, ridges
from puffin.findings.benchmark import AgainstBenchmark
from puffin.findings.findings import Findings
from puffin.findings.quantity import SignedQuantity
from puffin.page.sections.section import Section
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import percent, probability

__all__ = ["sections"]

_ANCHOR = "benchmark"
_MOST_RIDGES = 12


def sections(findings: Findings) -> list[Section]:
    """Return the strategies against the benchmark, where there is one."""
    benchmark, hdi_prob = findings.benchmark, findings.settings.hdi_prob
    if benchmark is None:
        return []
    names = [name for name in findings.sharpes if name != benchmark.name]
    names.sort(key=lambda name: -_mean_or_least(benchmark.differences.get(name)))
    body = render(
        "benchmark",
        benchmark=benchmark.name,
        rows=[
            {
                "name": name,
                "difference": benchmark.differences.get(name),
                "regression": benchmark.regressions.get(name),
            }
            for name in names
        ],
        by_own_dates=", ".join(benchmark.by_own_dates),
        other_dates=any(
            not findings.returns[name].index.equals(findings.returns[benchmark.name].index)
            for name in names
        ),
        hdi_prob=hdi_prob,
        ridges=_ridges(benchmark, names),
        alphas=_alphas(benchmark, names, hdi_prob),
        annual_rate=findings.settings.risk_free_rate,
    )
    return [Section(_ANCHOR, f"Against {benchmark.name}", body)]


def _mean_or_least(difference: SignedQuantity | None) -> float:
    return -math.inf if difference is None else difference.mean


def _ridges(benchmark: AgainstBenchmark, names: list[str]) -> object | None:
    compared = [name for name in names if name in benchmark.differences]
    rows = {name: benchmark.differences[name] for name in compared[:_MOST_RIDGES]}
    if not rows:
        return None
    said = "; ".join(f"{name} {probability(row.prob_positive)}" for name, row in rows.items())
    return to_svg(
        ridges(rows, "Sharpe ratio less the benchmark’s"),
        f"{_ANCHOR}-ridges",
        "Densities of the difference between each strategy’s Sharpe ratio and the benchmark’s. "
        f"Probability of beating it: {said}.",
    )


def _alphas(benchmark: AgainstBenchmark, names: list[str], hdi_prob: float) -> object | None:
    alphas = {n: benchmark.regressions[n].alpha for n in names if n in benchmark.regressions}
    rows = [Row(name, alpha.mean, alpha.low, alpha.high) for name, alpha in alphas.items()]
    if not rows:
        return None
    said = "; ".join(
        f"{row.name} {percent(row.mean)} ({percent(row.low)} to {percent(row.high)})"
        for row in rows
    )
    return to_svg(
        forest(rows, "alpha a year", percent=True),
        f"{_ANCHOR}-alpha",
        f"Posterior mean and {percent(hdi_prob, 0)} interval of each alpha a year: {said}.",
    )
