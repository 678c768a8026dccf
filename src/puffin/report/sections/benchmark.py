"""What each strategy has beyond the benchmark: a better ratio, and a return of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from puffin.posterior import highest_density_interval
from puffin.report.benchmark import AgainstBenchmark
from puffin.report.figures import Row, forest, ridges, to_svg
from puffin.report.findings import Findings
from puffin.report.numbers import percent, probability
from puffin.report.sections.section import Section
from puffin.report.templates import render

__all__ = ["sections"]

Array = NDArray[np.float64]

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
        rows=[_row(benchmark, name, hdi_prob) for name in names],
        hdi_prob=hdi_prob,
        ridges=_ridges(benchmark, names),
        alphas=_alphas(benchmark, names, hdi_prob),
        annual_rate=findings.settings.risk_free_rate,
    )
    return [Section(_ANCHOR, f"Against {benchmark.name}", body)]


def _mean_or_least(draws: Array | None) -> float:
    return -np.inf if draws is None else float(draws.mean())


def _row(benchmark: AgainstBenchmark, name: str, hdi_prob: float) -> dict[str, object]:
    regression = benchmark.regressions.get(name)
    difference = benchmark.differences.get(name)
    return {
        "name": name,
        "difference": None if difference is None else _summary(difference, hdi_prob),
        "alpha": None if regression is None else _summary(regression.alpha, hdi_prob),
        "beta": None if regression is None else _summary(regression.beta, hdi_prob),
        "explained": None if regression is None else regression.explained,
        "observations": None if regression is None else regression.n_observations,
    }


def _summary(draws: Array, hdi_prob: float) -> dict[str, float]:
    low, high = highest_density_interval(draws, hdi_prob)
    return {
        "mean": float(draws.mean()),
        "low": float(low),
        "high": float(high),
        "prob_positive": float(np.mean(draws > 0.0)),
    }


def _ridges(benchmark: AgainstBenchmark, names: list[str]) -> object | None:
    rows = {n: benchmark.differences[n] for n in names if n in benchmark.differences}
    rows = dict(list(rows.items())[:_MOST_RIDGES])
    if not rows:
        return None
    said = "; ".join(f"{n} {probability(float(np.mean(row > 0.0)))}" for n, row in rows.items())
    return to_svg(
        ridges(rows, "Sharpe ratio less the benchmark’s"),
        f"{_ANCHOR}-ridges",
        "Densities of the difference between each strategy’s Sharpe ratio and the benchmark’s. "
        f"Probability of beating it: {said}.",
    )


def _alphas(benchmark: AgainstBenchmark, names: list[str], hdi_prob: float) -> object | None:
    rows = []
    for name in names:
        if name in benchmark.regressions:
            alpha = _summary(benchmark.regressions[name].alpha, hdi_prob)
            rows.append(Row(name, alpha["mean"], alpha["low"], alpha["high"]))
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
