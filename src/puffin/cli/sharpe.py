"""`puffin sharpe`: the posterior Sharpe ratio of every column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import leave_out
from puffin.cli.layout import (
    bold,
    number_table,
    print_lines,
    print_titled,
    shown_name,
    stdout_console,
    tick,
)
from puffin.findings.table_notes import sharpe_notes
from puffin.showing.checks import draws_are_fine, is_at_odds, seed_note
from puffin.showing.numbers import decimal, interval, percent, probability

if TYPE_CHECKING:
    from rich.console import Console

    from puffin.models.sharpe import SharpePosterior

__all__ = ["print_sharpes", "sharpe", "sharpe_records"]

_NUMBERS = 61


@command
def sharpe(
    file: options.File,
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
    distribution: options.ReturnDistribution = options.Distribution.ASYMMETRIC,
    autocorrelation: options.AutocorrelationOption = options.Autocorrelation.COUNTED,
    samples: options.Samples = 5000,
    engine: options.EngineOption = options.Engine.NATIVE,
    seed: options.Seed = None,
    cores: options.Cores = None,
    out: options.TableOut = None,
    json: options.AsJson = False,
) -> None:
    """Posterior Sharpe ratio of every column, in one table.

    {FILES}

    [b]Examples[/b]

    puffin sharpe returns.csv

    puffin sharpe prices.csv --prices --risk-free 0.02 --column KO --column PEP

    puffin sharpe monthly.csv --autocorrelation ar1 --seed 1 --json
    """
    from puffin.cli.each_column import find_in_each
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import print_where
    from puffin.cli.reading import read_table, refuse_to_overwrite, returns_of
    from puffin.findings.settings import AnalysisSettings, with_periods
    from puffin.findings.sharpe import sharpe_ratios

    settings = AnalysisSettings(
        risk_free_rate=risk_free,
        periods_per_year=periods_per_year,
        hdi_prob=hdi_prob,
        distribution=str(distribution),
        autocorrelation=str(autocorrelation),
        samples=samples,
        engine=str(engine),
        seed=options.some_seed(seed),
        cores=cores,
    )
    refuse_to_overwrite(file, out)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    columns = returns_of(table, chosen=column)
    settings = with_periods(settings, columns.returns)
    sharpes, rejected = find_in_each(
        columns,
        lambda bar: sharpe_ratios(columns.returns, settings, bar),
        out,
        sharpe_records,
    )
    if json:
        print(dump({"sharpe": sharpe_records(sharpes)}, settings, rejected))
    else:
        console = stdout_console()
        print_sharpes(console, sharpes)
        print_lines(console, [*seed_note(sharpes.values()), f"Seed {settings.seed}."])
        print_where(console, out)
    leave_out(rejected)


def sharpe_records(sharpes: Mapping[str, SharpePosterior]) -> list[dict[str, Any]]:
    """Return the summary of each Sharpe ratio, with the name of its strategy."""
    return [{"strategy": name, **one} for name, one in sharpes.items()]


def print_sharpes(
    console: Console, sharpes: Mapping[str, SharpePosterior], benchmark: str | None = None
) -> None:
    """Print a row for each posterior Sharpe ratio, and notes on what stands out."""
    level = percent(next(iter(sharpes.values()))["hdi_prob"], 0)
    table = number_table(
        "\nstrategy",
        "point\nestimate",
        "\nmean",
        "\nsd",
        f"{level}\ninterval",
        "\nP(>0)",
        "\ncheck",
    )
    for name, one in sharpes.items():
        table.add_row(
            shown_name(console, name, _NUMBERS),
            decimal(one["sample_sharpe"]) + ("*" if is_at_odds(one) else " "),
            bold(decimal(one["mean"])),
            decimal(one["std"]),
            interval(one["hdi_low"], one["hdi_high"]),
            probability(one["prob_positive"]),
            tick(console) if draws_are_fine(one["ess"], one["r_hat"]) else "!",
        )
    print_titled(console, "Annual Sharpe ratio: posterior, and beside it the point estimate", table)
    print_lines(console, sharpe_notes(sharpes, tick(console), benchmark))
