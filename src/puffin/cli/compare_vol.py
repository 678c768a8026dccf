"""`puffin compare-vol`: which volatility model the returns speak for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

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
)
from puffin.cli.options import model_option
from puffin.showing.numbers import NOT_KNOWN, decimal, probability

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from puffin.findings.settings import AnalysisSettings
    from puffin.risk import VolatilityComparison

__all__ = ["compare_vol"]

_LONGEST_TITLE, _NUMBERS = 40, 20
_SMALLEST_P = 0.001

HeldOut = Annotated[
    int | None,
    model_option(
        "--held-out",
        "Forecast so many of the last returns one by one; 0 for none, which is quick. "
        "\\[default: a quarter, at most 252]",
        metavar="NUMBER",
        min=0,
    ),
]


@command
def compare_vol(
    file: options.File,
    date_column: options.DateColumn = None,
    date_order: options.DateOrderOption = None,
    decimal: options.DecimalOption = None,
    column: options.Columns = None,
    prices: options.LogPrices = False,
    unit: options.UnitOption = None,
    capital: options.Capital = None,
    held_out: HeldOut = None,
    samples: options.Samples = 1000,
    seed: options.Seed = None,
    cores: options.Cores = None,
    out: options.TableOut = None,
    json: options.AsJson = False,
) -> None:
    """Volatility models side by side: evidence, forecasts, average.

    Of each column: normal, Student-t and asymmetric errors, without and with leverage. How probable
    each model is given all returns, if all were as probable before; and how well each forecast the
    last of them, one by one, each from those before it: its log score, and how often losses were
    beyond its value at risk. The average of all, each weighed by how probable it was at the time,
    is a forecaster of its own: nobody has to choose.

    {FILES}

    [b]Examples[/b]

    puffin compare-vol prices.csv --prices --column KO

    puffin compare-vol returns.csv --held-out 0

    puffin compare-vol prices.csv --prices --seed 1 --json
    """
    from puffin.cli.each_column import find_in_each
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import print_where
    from puffin.cli.reading import (
        read_table,
        refuse_to_overwrite,
        returns_of,
        warn_of_early_ends,
    )
    from puffin.findings.settings import AnalysisSettings, VolatilitySettings, with_periods
    from puffin.findings.volatility import log_returns
    from puffin.findings.volatility_models import compare_models

    settings = AnalysisSettings(
        seed=options.some_seed(seed), cores=cores, volatility=VolatilitySettings(samples=samples)
    )
    refuse_to_overwrite(file, out)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    columns = returns_of(table, chosen=column)
    warn_of_early_ends(table, columns.returns)
    settings, returns = with_periods(settings, columns.returns), columns.returns
    if columns.from_prices:
        returns = {name: log_returns(series) for name, series in returns.items()}
    found, rejected = find_in_each(
        columns, lambda bar: compare_models(returns, settings, held_out, bar), out, _rows
    )
    if json:
        record = {"log_returns": columns.from_prices, "models": _records(found)}
        print(dump(record, settings, rejected))
    else:
        _print_all(found, settings, columns.from_prices)
        print_where(stdout_console(), out)
    leave_out(rejected)


def _rows(found: Mapping[str, VolatilityComparison]) -> list[dict[str, Any]]:
    """Return the rows of all tables, with the name of the column that each is of."""
    return [
        {"strategy": record["strategy"], **row}
        for record in _records(found)
        for row in record["table"]
    ]


def _records(found: Mapping[str, VolatilityComparison]) -> list[dict[str, Any]]:
    return [
        {
            "strategy": name,
            "best": one.best,
            "held_out": one.held_out,
            "expected_violations": one.table.attrs["expected"],
            "table": one.table.reset_index().to_dict("records"),
            "notes": one.notes,
        }
        for name, one in found.items()
    ]


def _print_all(
    found: Mapping[str, VolatilityComparison], settings: AnalysisSettings, from_prices: bool
) -> None:
    from puffin.findings.volatility_words import which_returns

    console = stdout_console()
    for name, one in found.items():
        shown = shown_name(console, name, _LONGEST_TITLE).plain
        _print_evidence(console, shown, one.table)
        if one.forecasts:
            _print_forecasts(console, shown, one)
        print_lines(console, [*one.notes, ""])
    print_lines(console, [f"{which_returns(from_prices)} Seed {settings.seed}."])


def _print_evidence(console: Console, name: str, table: pd.DataFrame) -> None:
    rows = number_table("\nmodel", "log\nevidence", "\n± error", "\nP(model)", names="model")
    for model, row in table.dropna(subset="probability").iterrows():
        rows.add_row(
            shown_name(console, str(model), _NUMBERS),
            decimal(row["log_evidence"]),
            decimal(row["evidence_error"]),
            bold(probability(row["probability"])),
        )
    print_titled(console, f"{name}: which model is the most probable", rows)


def _print_forecasts(console: Console, name: str, one: VolatilityComparison) -> None:
    """Print scores, and of each level how many violations there were, and how likely that is."""
    over = [
        heading
        for level in one.levels
        for heading in (f"{level:.0%} VaR\nof {one.held_out * level:.3g}", "\np")
    ]
    rows = number_table("\nmodel", "less than\nthe best", "\n± error", *over, gap=1, names="model")
    for model, row in one.table.iterrows():
        tails = [
            (
                f"{row[f'violations_{level:g}']:.0f}",
                _p_value(row[f"p_conditional_coverage_{level:g}"]),
            )
            for level in one.levels
        ]
        rows.add_row(
            shown_name(console, str(model), _NUMBERS),
            decimal(row["score_difference"], 4),
            decimal(row["score_error"], 4),
            *(cell for pair in tails for cell in pair),
        )
    print_titled(console, f"{name}: the last {one.held_out} returns, forecast one by one", rows)
    lines = [
        "Mean log score, larger is better; how many losses were beyond the value at risk, and",
        "how likely such a number and such clusters are if it is right (Christoffersen).",
    ]
    print_lines(console, [" ".join(lines), ""])


def _p_value(value: float) -> str:
    if not value >= 0.0:
        return NOT_KNOWN
    return f"<{_SMALLEST_P:g}" if value < _SMALLEST_P else decimal(value, 3)
