"""`puffin regimes`: which regime every column is in, how long regimes last, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import leave_out
from puffin.cli.layout import number_table, print_lines, print_titled, shown_name, stdout_console
from puffin.cli.options import model_option, output_option
from puffin.showing.numbers import coarse_probability, percent, percent_interval, small_percent
from puffin.showing.periods import period_noun

if TYPE_CHECKING:
    from rich.console import Console

    from puffin.findings.regimes import Regime, Regimes
    from puffin.findings.settings import AnalysisSettings

__all__ = ["regimes"]

_LONGEST_TITLE, _MOST = 45, 6

Number = Annotated[
    int,
    model_option(
        "--number -n",
        "How many regimes. compare_regimes of the library says which number is best.",
        metavar="NUMBER",
        min=1,
        max=_MOST,
    ),
]
Out = Annotated[
    Path | None,
    output_option(
        "--out -o",
        "Draw the regimes too, in a file that ends in .png, .svg or .pdf; or write the table, in "
        "one that ends in .csv or .parquet.",
        metavar="PATH",
    ),
]


@command
def regimes(
    file: options.File,
    date_column: options.DateColumn = None,
    date_order: options.DateOrderOption = None,
    decimal: options.DecimalOption = None,
    column: options.Columns = None,
    prices: options.LogPrices = False,
    unit: options.UnitOption = None,
    capital: options.Capital = None,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    number: Number = 2,
    distribution: options.DistributionOption = options.Distribution.STUDENT,
    samples: options.Samples = 2000,
    seed: options.Seed = None,
    cores: options.Cores = None,
    out: Out = None,
    json: options.AsJson = False,
) -> None:
    """Regimes of every column: how volatile, how long, which one now and next.

    Of each column, by a Markov chain that switches between a few regimes, each with a mean and a
    volatility of its own, numbered from the calmest. A row has a regime's volatility and mean in
    one period, how many periods it lasts, its share of all periods, and its probability in the last
    period and in the next. Whether the returns have so many regimes is said below.

    {FILES}

    [b]Examples[/b]

    puffin regimes prices.csv --prices

    puffin regimes returns.csv --column KO --number 3

    puffin regimes prices.csv --prices --out regimes.png

    puffin regimes prices.csv --prices --seed 1 --json
    """
    from puffin.cli.each_column import find_in_each
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import drawn_to, print_where
    from puffin.cli.reading import read_table, refuse_to_overwrite, returns_of, warn_of_early_ends
    from puffin.figures.regimes import regime_paths
    from puffin.findings.regimes import find_regimes
    from puffin.findings.settings import AnalysisSettings, VolatilitySettings, with_periods
    from puffin.findings.volatility import log_returns

    settings = AnalysisSettings(
        periods_per_year=periods_per_year,
        hdi_prob=hdi_prob,
        seed=options.some_seed(seed),
        cores=cores,
        volatility=VolatilitySettings(distribution=str(distribution), samples=samples),
    )
    refuse_to_overwrite(file, out)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    columns = returns_of(table, chosen=column)
    warn_of_early_ends(table, columns.returns)
    settings, returns = with_periods(settings, columns.returns), columns.returns
    if columns.from_prices:
        returns = {name: log_returns(series) for name, series in returns.items()}
    found, rejected = find_in_each(
        columns, lambda bar: find_regimes(returns, settings, number, bar), out, _rows, regime_paths
    )
    if json:
        record = {
            "log_returns": columns.from_prices,
            "figure": drawn_to(out),
            "regimes": _records(found),
        }
        print(dump(record, settings, rejected))
    else:
        _print_all(found, settings, columns.from_prices)
        print_where(stdout_console(), out)
    leave_out(rejected)


def _rows(found: Mapping[str, Regimes]) -> list[dict[str, Any]]:
    """Return a row for each regime of each column."""
    return [
        {"strategy": record["strategy"], **row}
        for record in _records(found)
        for row in record["table"]
    ]


def _records(found: Mapping[str, Regimes]) -> list[dict[str, Any]]:
    return [
        {
            "strategy": name,
            "model": one.model.label,
            "table": [asdict(regime) for regime in one.regimes],
            "log_evidence": one.log_evidence,
            "n_observations": len(one.model.fitted.series.values),
            "notes": [*filter(None, [one.note]), *one.doubts],
            **_checks(one),
        }
        for name, one in found.items()
    ]


def _checks(one: Regimes) -> dict[str, Any]:
    known = one.model.diagnostics
    names = ("method", "ess_bulk", "r_hat", "acceptance", "pareto_k_hat")
    return {name: known.get(name) for name in names}


def _print_all(found: Mapping[str, Regimes], settings: AnalysisSettings, from_prices: bool) -> None:
    console, noun = stdout_console(), period_noun(settings.periods)
    for name, one in found.items():
        _print_one(console, name, one, settings, noun)
    kind = "Log returns of the prices" if from_prices else "Returns as they are in the file"
    print_lines(
        console,
        [
            f"{kind}. Volatility and mean are of one {noun}; lasts: {noun}s on average, median. "
            f"Now: given returns up to the last. Seed {settings.seed}."
        ],
    )


def _print_one(
    console: Console, name: str, one: Regimes, settings: AnalysisSettings, noun: str
) -> None:
    level = f"{percent(settings.hdi_prob, 0)} interval"
    table = number_table(
        "\nregime", f"volatility\n{level}", "\na year", "mean\na year", f"lasts\n{noun}s",
        "share\nof time", "P(now)\n", "P(next)\n", names="",
    )  # fmt: skip
    for regime in one.regimes:
        table.add_row(*_cells(regime, settings.periods_of(name)))
    shown = shown_name(console, name, _LONGEST_TITLE).plain
    print_titled(console, f"{shown}: {one.model.label}", table)
    print_lines(console, [*filter(None, [one.note]), *(f"! {doubt}" for doubt in one.doubts)])


def _cells(regime: Regime, periods: float) -> tuple[str, ...]:
    return (
        str(regime.number),
        f"{small_percent(regime.sd.mean)}\n{percent_interval(regime.sd.low, regime.sd.high)}",
        small_percent(periods**0.5 * regime.sd.mean),
        small_percent(periods * regime.mean.mean),
        "–" if regime.duration is None else f"{regime.duration.median:,.0f}",
        coarse_probability(regime.share),
        coarse_probability(regime.now),
        coarse_probability(regime.coming),
    )
