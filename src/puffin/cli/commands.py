"""What each command does with returns: work out, then print or write."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.text import Text

from puffin import datasets
from puffin.cli.columns import Columns
from puffin.cli.failures import BadInputError, leave_out
from puffin.cli.layout import print_lines, stdout_console
from puffin.cli.machine import (
    benchmark_record,
    comparison_record,
    dump,
    pair_record,
    sharpe_records,
    volatility_records,
)
from puffin.cli.pair_tables import print_pair
from puffin.cli.progress import progress_bar
from puffin.cli.tables import few_observations_notes, print_comparison, print_sharpes
from puffin.cli.volatility_tables import print_forecasts, print_volatilities
from puffin.figures import volatility_paths
from puffin.figures.figure_file import reserved_figure
from puffin.findings.findings import Findings
from puffin.findings.pair import PairsToTrade
from puffin.findings.settings import AnalysisSettings, PairSettings, with_periods
from puffin.findings.sharpe import compare, sharpe_ratios
from puffin.findings.volatility import log_returns, volatilities
from puffin.models.comparison import StrategyComparison
from puffin.report.page import Source

__all__ = ["demo_pairs", "demo_returns", "run_compare", "run_report", "run_sharpe", "run_vol"]

_DEMO_STOCKS = ("AAPL", "GE", "JPM", "KO", "UNH", "XOM")
_DEMO_YEARS = 10
DEMO_BENCHMARK = "Equal weight"
DEMO_SOURCE = Source(
    "puffin.datasets.load_equities(), last ten years",
    "Six US large caps, and as a benchmark all twenty of the data set in equal weights, "
    "rebalanced daily at no cost. The twenty were chosen because they were still large in 2022, "
    "which flatters every one of them.",
    from_prices=True,
)


def run_sharpe(columns: Columns, settings: AnalysisSettings, as_json: bool) -> None:
    """Show the posterior Sharpe ratio of every column."""
    settings = with_periods(settings, columns.returns)
    with progress_bar() as bar:
        sharpes, failed = sharpe_ratios(columns.returns, settings, bar)
    rejected = {**columns.rejected, **failed}
    if not sharpes:
        raise BadInputError(" ".join(rejected.values()))
    if as_json:
        print(dump({"sharpe": sharpe_records(sharpes)}, settings, rejected))
    else:
        console = stdout_console()
        print_sharpes(console, sharpes)
        print_lines(console, [f"Seed {settings.seed}."])
    leave_out(rejected)


def run_compare(columns: Columns, settings: AnalysisSettings, as_json: bool) -> None:
    """Show which column is better than which."""
    if len(columns.returns) < 2:
        [only] = columns.returns
        reasons = " ".join(columns.rejected.values())
        raise BadInputError(
            f"a comparison needs two columns of returns; there is only {only!r}. {reasons}"
        )
    settings = with_periods(settings, columns.returns)
    with progress_bar() as bar:
        comparison = compare(columns.returns, settings, bar)
    if as_json:
        print(dump(comparison_record(comparison), settings, columns.rejected))
    else:
        console = stdout_console()
        print_comparison(console, comparison)
        print_lines(console, [*_how_compared(comparison, settings), f"Seed {settings.seed}."])
    leave_out(columns.rejected)


def run_vol(
    columns: Columns,
    settings: AnalysisSettings,
    as_json: bool,
    *,
    from_prices: bool,
    ahead: bool,
    out: Path | None = None,
) -> None:
    """Show the volatility of every column, with `ahead` of the periods to come, and draw it."""
    settings = with_periods(settings, columns.returns)
    returns = columns.returns
    if from_prices:
        returns = {name: log_returns(series) for name, series in returns.items()}
    with ExitStack() as stack:
        draw = None if out is None else stack.enter_context(reserved_figure(out))
        with progress_bar() as bar:
            found, failed = volatilities(returns, settings, bar)
        rejected = {**columns.rejected, **failed}
        if not found:
            raise BadInputError(" ".join(rejected.values()))
        if draw is not None:
            draw(volatility_paths(found, settings.hdi_prob))
    if as_json:
        record = {
            "log_returns": from_prices,
            "figure": None if out is None else str(out),
            "volatility": volatility_records(found, settings.periods),
        }
        print(dump(record, settings, rejected))
    else:
        console = stdout_console()
        print_volatilities(console, found, settings)
        kind = "Log returns of the prices" if from_prices else "Returns as they are in the file"
        print_lines(console, [f"{kind}. Seed {settings.seed}."])
        if ahead:
            print_lines(console, [""])
            print_forecasts(console, found, settings)
        if out is not None:
            console.print(Text(f"The figure is in {out}"), soft_wrap=True)
    leave_out(rejected)


def run_report(
    columns: Columns,
    settings: AnalysisSettings,
    source: Source,
    out: Path,
    *,
    benchmark: str | None,
    pairs: PairsToTrade | None = None,
    as_json: bool,
) -> None:
    """Write the report, and show its tables."""
    from puffin.report.writing import write_report

    if benchmark is not None and len(columns.returns) < 2:
        raise BadInputError(
            f"there is no column besides the benchmark {benchmark!r} to measure against it. "
            + " ".join(columns.rejected.values())
        )
    with progress_bar() as bar:
        findings = write_report(
            columns.returns,
            out,
            settings,
            source,
            benchmark=benchmark,
            pairs=pairs,
            left_out=columns.rejected,
            progress=bar,
        )
    if as_json:
        print(dump(_report_record(findings, out), findings.settings, findings.rejected))
    else:
        console = stdout_console()
        print_sharpes(console, findings.sharpes, benchmark)
        if findings.comparison is not None:
            print_lines(console, [""])
            print_comparison(console, findings.comparison)
            print_lines(console, _how_compared(findings.comparison, findings.settings))
        _print_volatilities_of(console, findings)
        for pair in findings.pairs:
            print_lines(console, [""])
            print_pair(console, pair, findings.settings)
        print_lines(console, [f"Seed {settings.seed}."])
        console.print(Text(f"The report is in {out}"), soft_wrap=True)
    leave_out(findings.rejected)


def demo_returns() -> Mapping[str, pd.Series[float]]:
    """Return ten years of a few stocks, and of an equal-weight portfolio of all that ship."""
    returns = datasets.load_equities().pct_change().iloc[1:]
    last = returns.index[-1]
    recent = returns.loc[returns.index > last - pd.DateOffset(years=_DEMO_YEARS)]
    chosen = {name: recent[name] for name in _DEMO_STOCKS}
    return {**chosen, DEMO_BENCHMARK: recent.mean(axis=1).rename(DEMO_BENCHMARK)}


def demo_pairs() -> PairsToTrade:
    """Return a pair of the stocks of the demo, with their prices."""
    prices = datasets.load_equities()
    recent = prices.loc[prices.index > prices.index[-1] - pd.DateOffset(years=_DEMO_YEARS)]
    return PairsToTrade(recent, (("KO", "PEP"),), PairSettings())


def _report_record(findings: Findings, out: Path) -> dict[str, Any]:
    record: dict[str, Any] = {
        "report": str(out),
        "sharpe": sharpe_records(findings.sharpes),
        "comparison": None,
        "benchmark": None,
        "volatility": volatility_records(findings.volatilities, findings.settings.periods),
        "pairs": [pair_record(pair) for pair in findings.pairs],
        "without_volatility": dict(findings.without_volatility),
    }
    if findings.comparison is not None:
        record["comparison"] = comparison_record(findings.comparison)
    if findings.benchmark is not None:
        record["benchmark"] = benchmark_record(findings.benchmark)
    return record


def _print_volatilities_of(console: Console, findings: Findings) -> None:
    print_lines(console, [""])
    if findings.volatilities:
        print_volatilities(console, findings.volatilities, findings.settings)
        print_lines(console, ["Volatility is that of log returns."])
    print_lines(
        console, [f"No volatility: {reason}" for reason in findings.without_volatility.values()]
    )


def _how_compared(comparison: StrategyComparison, settings: AnalysisSettings) -> list[str]:
    rows = comparison.n_observations
    together = comparison.dependence in ("joint", "coupled") and len(set(rows)) == 1
    shared = f"{min(rows)} shared rows" if together else "each on its own rows"
    pooled = "; pooled" if settings.pool else ""
    flat = [f"{name}: {model}" for name, model in comparison.models.items() if "hurdle" in model]
    lines = [
        *(f"Model of {line}." for line in flat),
        f"{shared}; {settings.periods:g} periods a year; risk-free rate "
        f"{100 * settings.risk_free_rate:g}% a year{pooled}.",
    ]
    if comparison.note:
        lines.append(comparison.note)
    return lines + few_observations_notes(dict(zip(comparison.strategies, rows, strict=True)))
