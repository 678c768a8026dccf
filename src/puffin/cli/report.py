"""`puffin report`: everything, as one HTML page and as tables."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.compare import comparison_record, print_comparison
from puffin.cli.failures import BadInputError, leave_out
from puffin.cli.layout import print_lines, print_unwrapped, stdout_console
from puffin.cli.options import data_option, model_option, output_option
from puffin.cli.pairs import pair_record, print_pair
from puffin.cli.portfolio import portfolio_record, print_portfolio
from puffin.cli.regimes import print_regimes, regime_records
from puffin.cli.sharpe import print_sharpes, sharpe_records
from puffin.cli.skill_table import print_skill, skill_record
from puffin.cli.vol import print_volatilities, volatility_records
from puffin.findings.sharpe_words import rest_note
from puffin.findings.table_notes import comparison_notes
from puffin.showing.checks import seed_note

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from puffin.cli.reading import Columns
    from puffin.findings.benchmark import AgainstBenchmark
    from puffin.findings.findings import Findings
    from puffin.findings.pair import PairsToTrade
    from puffin.findings.quantity import SignedQuantity
    from puffin.findings.regimes import Regimes
    from puffin.findings.settings import AnalysisSettings
    from puffin.page import Source
    from puffin.reading import Table

__all__ = ["Out", "report", "write_and_show"]

Out = Annotated[Path, output_option("--out -o", "The page.", metavar="PATH")]
Benchmark = Annotated[
    str | None,
    data_option("--benchmark", "Column that all others are measured against.", metavar="NAME"),
]
Details = Annotated[
    int,
    output_option(
        "--details",
        "Strategies shown one by one: the best, and the benchmark.",
        metavar="NUMBER",
        min=1,
    ),
]
Split = Annotated[
    str | None,
    data_option(
        "--split",
        "Forecast growth since that date from the returns before it, and show what came over the "
        "forecast: when the strategy went live, say. \\[default: the last year]",
        metavar="DATE",
    ),
]
Skill = Annotated[
    bool,
    model_option(
        "--skill",
        "Weigh the strategies by each other, as puffin skill does: what is left of each one's "
        "Sharpe ratio, or appraisal ratio with --benchmark, and how much of the best was luck.",
    ),
]
Portfolio = Annotated[
    bool,
    model_option(
        "--portfolio",
        "Look at all columns but the benchmark held together too, in equal parts; other weights: "
        "`puffin portfolio`.",
    ),
]
Pairs = Annotated[
    list[str] | None,
    data_option(
        "--pair",
        "Two columns to trade as a pair; may be given more than once. Needs --prices.",
        metavar="Y,X",
    ),
]


@command
def report(
    file: options.File,
    out: Out = Path("report.html"),
    details: Details = 10,
    benchmark: Benchmark = None,
    split: Split = None,
    pair: Pairs = None,
    date_column: options.DateColumn = None,
    date_order: options.DateOrderOption = None,
    decimal: options.DecimalOption = None,
    column: options.Columns = None,
    prices: options.Prices = False,
    unit: options.UnitOption = None,
    capital: options.Capital = None,
    risk_free: options.RiskFree = 0.0,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    autocorrelation: options.AutocorrelationOption = options.Autocorrelation.COUNTED,
    pool: options.Pool = False,
    samples: options.Samples = 5000,
    volatility_samples: options.VolatilitySamples = 1500,
    jumps: options.Jumps = False,
    regimes: options.WithRegimes = False,
    skill: Skill = False,
    portfolio: Portfolio = False,
    engine: options.EngineOption = options.Engine.NATIVE,
    seed: options.Seed = None,
    cores: options.Cores = None,
    json: options.AsJson = False,
) -> None:
    """Everything, as one HTML page that needs nothing else.

    {FILES}

    [b]Examples[/b]

    puffin report returns.csv --out report.html

    puffin report prices.csv --prices --benchmark SPY --risk-free 0.02 --seed 1

    puffin report returns.csv --split 2024-01-02 --jumps --regimes

    puffin report prices.csv --prices --portfolio

    puffin report prices.csv --prices --pair KO,PEP --pair XOM,CVX
    """
    from puffin.cli.reading import (
        read_table,
        refuse_to_overwrite,
        returns_of,
        warn_of_early_ends,
    )
    from puffin.findings.settings import AnalysisSettings, VolatilitySettings
    from puffin.page import Source

    settings = AnalysisSettings(
        risk_free_rate=risk_free,
        periods_per_year=periods_per_year,
        hdi_prob=hdi_prob,
        autocorrelation=str(autocorrelation),
        pool=pool,
        samples=samples,
        details=details,
        skill=skill,
        engine=str(engine),
        seed=options.some_seed(seed),
        cores=cores,
        regimes=regimes,
        portfolio=portfolio,
        volatility=VolatilitySettings(samples=volatility_samples, jumps=jumps),
    )
    refuse_to_overwrite(file, out)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    needed = () if benchmark is None else (benchmark,)
    columns = returns_of(table, chosen=column, needed=needed)
    warn_of_early_ends(table, columns.returns)
    settings = replace(settings, split=_split(split, columns, table.date_order))
    name = "standard input" if str(file) == "-" else file.name
    source = Source(name, f"Puffin has {columns.line}.", from_prices=columns.from_prices)
    asked = _pairs_of(table, pair, columns.from_prices)
    write_and_show(columns, settings, source, out, benchmark, asked, json)


def _split(asked: str | None, columns: Columns, order: str | None) -> pd.Timestamp | None:
    """Return the date of --split, which must be one between the first and the last."""
    import pandas as pd

    from puffin.cli.reading import date_given

    if asked is None:
        return None
    every = [one.index for one in columns.returns.values()]
    if not all(isinstance(index, pd.DatetimeIndex) for index in every):
        raise BadInputError("--split needs dates in the file, and there are none.")
    split = date_given("--split", asked, order)
    first, last = min(index[0] for index in every), max(index[-1] for index in every)
    if not first.tz_localize(None) < split <= last.tz_localize(None):
        raise BadInputError(
            f"--split must be between the first return and the last, {first:%Y-%m-%d} and "
            f"{last:%Y-%m-%d}; found {asked}."
        )
    return split


def _pairs_of(table: Table, asked: list[str] | None, prices: bool) -> PairsToTrade | None:
    """Return the pairs that are asked for, as in KO,PEP, with their prices."""
    from puffin.cli.reading import prices_of
    from puffin.findings.pair import PairsToTrade
    from puffin.findings.settings import PairSettings

    if not asked:
        return None
    if not prices:
        raise BadInputError("--pair needs prices in the file, and --prices to say so.")
    names = tuple(tuple(name.strip() for name in one.split(",")) for one in asked)
    for one in names:
        if len(one) < 2 or len(set(one)) < len(one):
            raise BadInputError(f"--pair takes two different columns, as in KO,PEP; found {one}.")
    chosen = [name for one in names for name in one]
    return PairsToTrade(prices_of(table, chosen), names, PairSettings())


def write_and_show(
    columns: Columns,
    settings: AnalysisSettings,
    source: Source,
    out: Path,
    benchmark: str | None,
    pairs: PairsToTrade | None,
    as_json: bool,
) -> None:
    """Write the page, and show its tables or its JSON."""
    from puffin.cli.json_output import dump
    from puffin.cli.progress import progress_bar
    from puffin.page import write_report

    if benchmark is not None and len(columns.returns) < 2:
        raise BadInputError(
            f"there is no column besides the benchmark {benchmark!r} to measure against it. "
            + " ".join(columns.rejected.values())
        )
    with progress_bar() as bar:
        made = write_report(
            columns.returns,
            out,
            settings,
            source,
            benchmark=benchmark,
            pairs=pairs,
            left_out=columns.rejected,
            progress=bar,
        )
    findings = made.findings
    if as_json:
        print(dump(_record(findings, out), findings.settings, findings.rejected))
    else:
        _print_tables(findings, benchmark, out)
    leave_out(findings.rejected)


def _print_tables(findings: Findings, benchmark: str | None, out: Path) -> None:
    from puffin.findings.skill import LEVEL

    console = stdout_console()
    print_sharpes(console, findings.sharpes, benchmark)
    if findings.comparison is not None:
        print_lines(console, [""])
        print_comparison(console, findings.comparison)
        print_lines(console, comparison_notes(findings.comparison, findings.settings))
    _print_volatilities(console, findings)
    _print_regimes(console, findings)
    if findings.skill is not None:
        print_lines(console, [""])
        print_skill(console, findings.skill, LEVEL, 0.0)
    if findings.portfolio is not None:
        print_portfolio(console, findings.portfolio.now, findings.settings)
    for pair in findings.pairs:
        print_lines(console, [""])
        print_pair(console, pair, findings.settings)
    print_lines(console, [*seed_note(findings.sharpes.values()), f"Seed {findings.settings.seed}."])
    print_unwrapped(console, f"The report is in {out}")


def _print_volatilities(console: Console, findings: Findings) -> None:
    print_lines(console, [""])
    if findings.volatilities:
        print_volatilities(console, findings.volatilities, findings.settings)
        print_lines(console, ["Volatility is that of log returns."])
    print_lines(console, [note for note in [rest_note(findings)] if note])
    print_lines(
        console, [f"No volatility: {reason}" for reason in findings.without_volatility.values()]
    )


def _print_regimes(console: Console, findings: Findings) -> None:
    from puffin.findings.volatility_words import which_returns

    if findings.regimes:
        print_lines(console, [""])
        notes = partial(_regime_notes, findings.settings)
        which = which_returns(from_prices=False)
        print_regimes(console, findings.regimes, findings.settings, notes, which)
    print_lines(console, [f"No regimes: {why}" for why in findings.without_regimes.values()])


def _regime_notes(settings: AnalysisSettings, name: str, one: Regimes) -> list[str]:
    from puffin.findings.regimes_words import regimes_doubts, regimes_story

    doubts = regimes_doubts(name, one)
    return [*regimes_story(name, one, settings), *(f"! {doubt}" for doubt in doubts)]


def _record(findings: Findings, out: Path) -> dict[str, Any]:
    from puffin.findings.skill import LEVEL

    comparison, benchmark = findings.comparison, findings.benchmark
    portfolio = findings.portfolio
    return {
        "report": str(out),
        "sharpe": sharpe_records(findings.sharpes),
        "comparison": None if comparison is None else comparison_record(comparison),
        "benchmark": None if benchmark is None else _benchmark_record(benchmark),
        "volatility": volatility_records(findings.volatilities),
        "regimes": regime_records(findings.regimes, partial(_regime_notes, findings.settings)),
        "skill": None if findings.skill is None else skill_record(findings.skill, LEVEL, 0.0),
        "portfolio": None if portfolio is None else portfolio_record(portfolio.now),
        "pairs": [pair_record(pair) for pair in findings.pairs],
        "without_volatility": dict(findings.without_volatility),
        "without_regimes": dict(findings.without_regimes),
    }


def _benchmark_record(benchmark: AgainstBenchmark) -> dict[str, Any]:
    strategies: dict[str, dict[str, Any]] = {}
    for name, difference in benchmark.differences.items():
        strategies.setdefault(name, {})["sharpe_difference"] = _summary(difference)
    for name, regression in benchmark.regressions.items():
        strategies.setdefault(name, {}).update(
            alpha=_summary(regression.alpha),
            beta=_summary(regression.beta),
            explained=regression.explained,
            n_observations=regression.n_observations,
        )
    return {"name": benchmark.name, "strategies": strategies}


def _summary(quantity: SignedQuantity) -> dict[str, float]:
    return {
        "mean": quantity.mean,
        "std": quantity.std,
        "hdi_low": quantity.low,
        "hdi_high": quantity.high,
        "prob_positive": quantity.prob_positive,
    }
