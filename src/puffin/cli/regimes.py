"""`puffin regimes`: which regime every column is in, how long regimes last, and what comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import leave_out
from puffin.cli.layout import number_table, print_lines, print_titled, shown_name, stdout_console
from puffin.cli.options import model_option, output_option
from puffin.showing.numbers import (
    coarse_probability,
    count,
    percent,
    percent_interval,
    small_percent,
)
from puffin.showing.periods import period_noun

if TYPE_CHECKING:
    from rich.console import Console

    from puffin.findings.regimes import Regime, Regimes
    from puffin.findings.settings import AnalysisSettings

__all__ = ["print_regimes", "regime_records", "regimes"]

Notes = Callable[[str, "Regimes"], list[str]]
"""What is said below the table of a series, given its name."""

_LONGEST_TITLE, _MOST = 45, 6
_WORDS = {2: "Two", 3: "Three"}

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
    volatility of its own, numbered from the calmest. A row has a regime's volatility in one period
    and in a year, its mean in a year, how many periods it lasts, its share of all periods, and its
    probability in the last period and in the next. Where the returns seem to have fewer regimes,
    or, up to three, one more, that is said below.

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
    from puffin.findings.volatility_words import which_returns

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
            "regimes": regime_records(found, _notes),
        }
        print(dump(record, settings, rejected))
    else:
        console = stdout_console()
        print_regimes(console, found, settings, _notes, which_returns(columns.from_prices))
        print_lines(console, [f"Seed {settings.seed}."])
        print_where(console, out)
    leave_out(rejected)


def _rows(found: Mapping[str, Regimes]) -> list[dict[str, Any]]:
    """Return a row for each regime of each column."""
    return [
        {"strategy": record["strategy"], **row}
        for record in regime_records(found, _notes)
        for row in record["table"]
    ]


def regime_records(found: Mapping[str, Regimes], notes: Notes) -> list[dict[str, Any]]:
    """Return what is known of the regimes of each series, as JSON has it."""
    return [
        {
            "strategy": name,
            "model": one.model.label,
            "table": [asdict(regime) for regime in one.regimes],
            "log_evidence": one.log_evidence,
            "n_observations": len(one.model.fitted.series.values),
            "log_bayes_factor_against_one": one.against_one,
            "log_bayes_factor_of_one_more": one.one_more,
            "notes": [line.removeprefix("! ") for line in notes(name, one)],
            **_checks(one),
        }
        for name, one in found.items()
    ]


def _checks(one: Regimes) -> dict[str, Any]:
    known = one.model.diagnostics
    names = ("method", "ess_bulk", "r_hat", "acceptance", "pareto_k_hat")
    return {name: known.get(name) for name in names}


def _notes(_: str, one: Regimes) -> list[str]:
    """Return what is to be known of a fit, and reasons not to rely on it, marked as such."""
    return [*filter(None, [one.model.note]), *(f"! {doubt}" for doubt in _doubts(one))]


def _doubts(one: Regimes) -> list[str]:
    """Return reasons not to rely on it, each with the option that may help."""
    fitted, number = one.model.fitted, one.model.n_regimes
    said = list(fitted.unsupported)
    if said:
        said.append(f"Fewer regimes may do: try --number {number - 1}.")
    if one.too_few:
        said.append(
            f"{_WORDS[number + 1]} regimes explain these returns better (log Bayes factor "
            f"{one.one_more:.0f}; 3 is odds of twenty to one): try --number {number + 1}."
        )
    return [*said, *fitted.unreliable]


def print_regimes(
    console: Console,
    found: Mapping[str, Regimes],
    settings: AnalysisSettings,
    notes: Notes,
    which: str,
) -> None:
    """Print a table for each series with its notes, and what the columns are.

    `which` says of which returns the volatility is.
    """
    noun = period_noun(settings.periods)
    for name, one in found.items():
        _print_one(console, name, one, settings, noun)
        print_lines(console, notes(name, one))
    print_lines(
        console,
        [
            f"{which} It is of one {noun}, and annualised beside it; the mean "
            f"is annual, of the same returns. Below: {percent(settings.hdi_prob, 0)} intervals. "
            f"Lasts: {noun}s on average, median. Now: given returns up to the last."
        ],
    )


def _print_one(
    console: Console, name: str, one: Regimes, settings: AnalysisSettings, noun: str
) -> None:
    table = number_table(
        "\nregime", f"volatility\none {noun}", "\na year", "mean\na year", f"lasts\n{noun}s",
        "share\nof time", "P(now)\n", "P(next)\n", names="",
    )  # fmt: skip
    for regime in one.regimes:
        table.add_row(*_cells(regime, settings.periods_of(name)))
    shown = shown_name(console, name, _LONGEST_TITLE).plain
    print_titled(console, f"{shown}: {one.model.label}", table)


def _cells(regime: Regime, periods: float) -> tuple[str, ...]:
    mean, lasts = regime.mean.times(periods), regime.duration
    return (
        str(regime.number),
        f"{small_percent(regime.sd.mean)}\n{percent_interval(regime.sd.low, regime.sd.high)}",
        small_percent(periods**0.5 * regime.sd.mean),
        f"{small_percent(mean.mean)}\n{percent_interval(mean.low, mean.high)}",
        "–"
        if lasts is None
        else f"{count(lasts.median)}\n{count(lasts.low)} to {count(lasts.high)}",
        coarse_probability(regime.share),
        coarse_probability(regime.now),
        coarse_probability(regime.coming),
    )
