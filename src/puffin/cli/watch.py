"""`puffin watch`: whether a live strategy is still the one that was backtested."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import BadInputError, leave_out
from puffin.cli.layout import (
    bold,
    number_table,
    print_lines,
    print_titled,
    shown_name,
    stdout_console,
    tick,
)
from puffin.cli.options import checked, data_option, model_option, output_option, sampling_option
from puffin.showing.numbers import decimal, interval, percent, probability
from puffin.showing.periods import period_label

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from puffin.findings.settings import AnalysisSettings
    from puffin.models.monitoring import SharpeChange
    from puffin.models.monitoring.change_model import MonthsToKnow

__all__ = ["watch"]

_WEEKS_OF_ONE = 8
_NUMBERS = 65
_LONGEST_TITLE = 40
_AGES = 1200.0
_STEPS, _LONGEST_STEP = ((24, 1), (120, 5)), 20


def _certainty(value: float) -> float:
    checked("probability", "--certainty")(value)
    if value <= 0.5:
        raise typer.BadParameter(f"must be above 0.5; found {value:g}.")
    return value


Since = Annotated[
    str,
    data_option(
        "--since",
        "First live date; all before it is the backtest. Without dates, the number of the "
        "first live row.",
        metavar="DATE",
    ),
]
ChangeSd = Annotated[
    float,
    model_option(
        "--change-sd",
        "Standard deviation of the change of the annual Sharpe ratio that is thought possible.",
        metavar="NUMBER",
        callback=checked("positive_number", "--change-sd"),
    ),
]
Certainty = Annotated[
    float,
    model_option(
        "--certainty",
        "Probability at which a question counts as settled.",
        metavar="PROB",
        callback=_certainty,
    ),
]
Samples = Annotated[
    int,
    sampling_option(
        "--samples",
        "Draws of each of the four chains, of each week.",
        metavar="NUMBER",
        min=10,
        max=options.MOST_SAMPLES,
    ),
]
Weeks = Annotated[
    int | None,
    output_option(
        "--weeks",
        "Show so many of the latest weeks. \\[default: 8 of a single column]",
        metavar="NUMBER",
        min=0,
    ),
]
Out = Annotated[
    Path | None,
    output_option(
        "--out -o",
        "Draw the weeks of one column too, in a file that ends in .png, .svg or .pdf; or write the "
        "table, in one that ends in .csv or .parquet.",
        metavar="PATH",
    ),
]


@command
def watch(
    file: options.File,
    since: Since,
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
    change_sd: ChangeSd = 1.0,
    certainty: Certainty = 0.95,
    samples: Samples = 2000,
    seed: options.Seed = None,
    cores: options.Cores = None,
    weeks: Weeks = None,
    out: Out = None,
    json: options.AsJson = False,
) -> None:
    """Is a live strategy still the one that was backtested?

    FILE has the backtest and the live returns of each strategy in one column. Shown are the
    probability that the annual Sharpe ratio since --since is lower than in the backtest before it,
    that it is below zero, how both moved week by week, and how many more months of data it takes to
    know (in JSON, null is never). A backtest that was chosen because it is good is better than the
    strategy: a lower Sharpe ratio is then to be expected, and its sign says more.

    {FILES}

    [b]Examples[/b]

    puffin watch returns.csv --since 2024-01-01

    puffin watch returns.csv --since 2024-01-01 --column carry --weeks 26 --out carry.png

    puffin watch prices.csv --prices --since 2024-01-01 --seed 1 --json
    """  # noqa: D400
    from puffin.cli.each_column import find_in_each
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import drawn_to, print_where
    from puffin.cli.reading import read_table, refuse_to_overwrite, returns_of
    from puffin.findings.change import sharpe_changes
    from puffin.findings.settings import AnalysisSettings, with_periods

    settings = AnalysisSettings(
        risk_free_rate=risk_free,
        periods_per_year=periods_per_year,
        hdi_prob=hdi_prob,
        distribution=str(distribution),
        autocorrelation=str(autocorrelation),
        samples=samples,
        seed=options.some_seed(seed),
        cores=cores,
    )
    refuse_to_overwrite(file, out)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    columns = returns_of(table, chosen=column)
    if drawn_to(out):
        columns.only_one("--out draws one column")
    known = with_periods(settings, columns.returns)
    first = _first_live(since, columns.returns, table.date_order)
    found, rejected = find_in_each(
        columns,
        lambda bar: sharpe_changes(
            columns.returns, first, settings, bar, change_sd=change_sd, certainty=certainty
        ),
        out,
        _rows,
        lambda found: next(iter(found.values())).plot(),
    )
    if json:
        record = {
            "change_sd": change_sd,
            "certainty": certainty,
            "figure": drawn_to(out),
            "watch": [{"strategy": name, **_record(change)} for name, change in found.items()],
        }
        print(dump(record, known, rejected))
    else:
        _print_tables(found, known, weeks)
        print_where(stdout_console(), out)
    leave_out(rejected)


def _first_live(
    since: str, returns: Mapping[str, pd.Series[float]], order: str | None
) -> dict[str, pd.Timestamp | int]:
    """Return --since as the model takes it: a date written as in the file, or a position."""
    return {name: _first_of(since, one, order) for name, one in returns.items()}


def _first_of(since: str, returns: pd.Series[float], order: str | None) -> pd.Timestamp | int:
    import numpy as np
    import pandas as pd

    from puffin.cli.reading import date_given

    if not isinstance(returns.index, pd.DatetimeIndex):
        if not since.isdecimal() or int(since) < 1:
            raise BadInputError(
                f"--since must be the number of a row, as there are no dates; found {since!r}."
            )
        return int(np.searchsorted(returns.index.to_numpy(), int(since) - 1))
    return date_given("--since", since, order)


def _rows(found: Mapping[str, SharpeChange]) -> list[dict[str, Any]]:
    """Return a row for each strategy: all that is known now, without the weeks before."""
    records = {name: _record(change) for name, change in found.items()}
    return [
        {"strategy": name, **{key: one for key, one in record.items() if key != "path"}}
        for name, record in records.items()
    ]


def _record(change: SharpeChange) -> dict[str, Any]:
    weeks = zip(change.path.index, change.path.to_dict("records"), strict=True)
    return {
        "since": period_label(change.since),
        "prob_lower": change.prob_lower,
        "prob_negative": change.prob_negative,
        "months_to_settle_change": asdict(change.months_to_settle_change),
        "months_to_settle_sign": asdict(change.months_to_settle_sign),
        "backtest": dict(change.backtest),
        "live": dict(change.live),
        "path": [{"week": period_label(week), **row} for week, row in weeks],
    }


def _print_tables(
    found: Mapping[str, SharpeChange],
    settings: AnalysisSettings,
    weeks: int | None,
) -> None:
    console = stdout_console()
    _print_changes(console, found, settings)
    if weeks is None:
        weeks = _WEEKS_OF_ONE if len(found) == 1 else 0
    for name, change in found.items() if weeks else ():
        print_lines(console, [""])
        _print_weeks(console, name, change, weeks)
    print_lines(console, [f"Seed {settings.seed}."])


def _print_changes(
    console: Console, found: Mapping[str, SharpeChange], settings: AnalysisSettings
) -> None:
    """Print two lines for each strategy, and what the numbers mean."""
    from puffin.findings.change_words import change_notes

    table = number_table(
        "\nstrategy",
        "back-\ntest",
        f"since\n{percent(settings.hdi_prob, 0)} interval",
        "\nP(worse)",
        "months,\nif worse",
        "\nP(<0)",
        "months,\nif <0",
        gap=1,
    )
    for name, change in found.items():
        last = change.path.iloc[-1]
        table.add_row(
            shown_name(console, name, _NUMBERS),
            decimal(change.backtest["mean"]),
            f"{decimal(last['sharpe'])}\n{interval(last['low'], last['high'])}",
            bold(probability(change.prob_lower)),
            _months(change.months_to_settle_change),
            bold(probability(change.prob_negative)),
            _months(change.months_to_settle_sign),
        )
    print_titled(console, "Annual Sharpe ratio since the strategy is live", table)
    print_lines(console, change_notes(found, settings, tick(console)))


def _print_weeks(console: Console, name: str, change: SharpeChange, weeks: int) -> None:
    """Print the latest weeks of a strategy's path."""
    latest, level = change.path.tail(weeks), percent(change.hdi_prob, 0)
    table = number_table(
        "week to", "returns", "Sharpe", f"{level} interval", "P(worse)", "P(<0)", names="week to"
    )
    for week, row in zip(latest.index, latest.to_dict("records"), strict=True):
        table.add_row(
            period_label(week),
            f"{row['n_observations']:.0f}",
            decimal(row["sharpe"]),
            interval(row["low"], row["high"]),
            probability(row["prob_lower"]),
            probability(row["prob_negative"]),
        )
    shown = shown_name(console, name, _LONGEST_TITLE).plain
    of = f"the last {len(latest)} of " if len(latest) < len(change.path) else ""
    print_titled(
        console, f"{shown}: {of}{len(change.path)} weeks, each as it was known then", table
    )


def _months(known: MonthsToKnow) -> str:
    if known.high == 0.0:
        return "settled"
    if math.isinf(known.low):
        return "never"
    return f"{_count(known.expected)}\n{_count(known.low)} to {_count(known.high)}"


def _count(months: float) -> str:
    if math.isinf(months):
        return "never"
    if months > _AGES:
        return f">{_AGES:,.0f}"
    # Of two years and more, another seed moves the months themselves.
    step = next((step for below, step in _STEPS if months < below), _LONGEST_STEP)
    return f"{step * math.ceil(months / step)}"
