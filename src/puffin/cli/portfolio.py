"""`puffin portfolio`: what many columns held together may lose next."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import BadInputError, leave_out
from puffin.cli.layout import (
    bold,
    fact_table,
    number_table,
    print_lines,
    print_titled,
    shown_name,
    stdout_console,
)
from puffin.cli.options import data_option, model_option
from puffin.showing.numbers import decimal, percent, small_percent
from puffin.showing.periods import period_noun

if TYPE_CHECKING:
    from rich.console import Console

    from puffin.findings.portfolio import HeldTogether
    from puffin.findings.settings import AnalysisSettings

__all__ = ["portfolio", "portfolio_record", "print_portfolio"]

_NUMBERS, _MOST_ROWS = 52, 40

Weights = Annotated[
    list[str] | None,
    data_option(
        "--weight -w",
        "NAME=SHARE of a column; may be given more than once. The rest is zero; without any, all "
        "have the same.",
        metavar="NAME=SHARE",
    ),
]


class Errors(StrEnum):
    """The distribution of columns' own errors given their volatility."""

    NORMAL = "normal"
    STUDENT = "student"


ErrorsOption = Annotated[
    Errors,
    model_option(
        "--distribution",
        "Of each column's own errors; with student ones a single large return need not mean high "
        "volatility, and chains need more --samples.",
    ),
]
Factors = Annotated[
    int,
    model_option(
        "--factors",
        "By how many factors columns move together: one is the market, a few more are sectors.",
        metavar="NUMBER",
        min=0,
        max=20,
    ),
]


@command
def portfolio(
    file: options.File,
    weight: Weights = None,
    date_column: options.DateColumn = None,
    date_order: options.DateOrderOption = None,
    decimal: options.DecimalOption = None,
    column: options.Columns = None,
    prices: options.Prices = False,
    unit: options.UnitOption = None,
    capital: options.Capital = None,
    periods_per_year: options.PeriodsPerYear = None,
    factors: Factors = 1,
    distribution: ErrorsOption = Errors.NORMAL,
    samples: options.Samples = 1000,
    seed: options.Seed = None,
    cores: options.Cores = None,
    out: options.TableOut = None,
    json: options.AsJson = False,
) -> None:
    """Risk of columns held together, and which of them it comes from.

    By factor stochastic volatility: volatilities and correlations move from day to day, and rise
    together. Value at risk of the portfolio, each column's share of its variance, and the weights
    with which all shares would be the same.

    {FILES}

    [b]Examples[/b]

    puffin portfolio prices.csv --prices

    puffin portfolio prices.csv --prices -w KO=0.5 -w JPM=0.3 -w XOM=0.2 --factors 2
    """
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import print_where, reserved_output
    from puffin.cli.progress import progress_bar
    from puffin.cli.reading import read_table, refuse_to_overwrite, returns_of, warn_of_early_ends
    from puffin.findings.portfolio import Held, find_portfolio, portfolio_notes
    from puffin.findings.settings import AnalysisSettings, with_periods

    refuse_to_overwrite(file, out)
    weights = None if weight is None else _weights(weight)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    columns = returns_of(table, chosen=column, needed=tuple(weights or ()))
    if len(columns.returns) < 2:
        raise BadInputError(
            "a portfolio is of two columns or more; for one there is `puffin risk`."
        )
    warn_of_early_ends(table, columns.returns)
    settings = with_periods(
        AnalysisSettings(
            periods_per_year=periods_per_year, samples=samples, seed=options.some_seed(seed),
            cores=cores,
        ),
        columns.returns,
    )  # fmt: skip
    try:
        with reserved_output(out, _rows) as write:
            with progress_bar() as bar:
                asked = Held(weights, factors, str(distribution))
                found = find_portfolio(columns.returns, asked, settings, bar)
            write(found)
    except (TypeError, ValueError) as error:
        raise BadInputError(str(error)) from None
    if json:
        print(dump(portfolio_record(found), settings, columns.rejected))
    else:
        print_portfolio(stdout_console(), found, settings)
        print_lines(stdout_console(), portfolio_notes(found, settings))
        print_where(stdout_console(), out)
    leave_out(columns.rejected)


def _weights(given: list[str]) -> dict[str, float]:
    """Return weights by name.

    Raises
    ------
    BadInputError
        If one is not NAME=SHARE, or a name is there twice.
    """
    found: dict[str, float] = {}
    for one in given:
        name, sign, share = one.rpartition("=")
        try:
            value = float(share)
        except ValueError:
            value = float("nan")
        if not (sign and name and abs(value) < float("inf")):
            raise BadInputError(f"--weight must be NAME=SHARE, such as KO=0.5; found {one!r}.")
        if name in found:
            raise BadInputError(f"--weight has {name!r} twice; give it once.")
        found[name] = value
    return found


def _rows(found: HeldTogether) -> list[dict[str, Any]]:
    """Return a row for each column."""
    return [
        {str(key): value for key, value in row.items()}
        for row in found.table.reset_index().to_dict("records")
    ]


def portfolio_record(found: HeldTogether) -> dict[str, Any]:
    """Return what JSON has of a portfolio."""
    return {
        "volatility": found.volatility,
        "annual_volatility": found.annual,
        "undiversified_volatility": found.undiversified,
        "risk": found.risk.table.rename_axis("level").reset_index().to_dict("records"),
        "table": _rows(found),
        "factors": found.model.n_factors,
        "factor_shares": found.factor_shares.to_dict(),
        "distribution": found.model.distribution,
        "diagnostics": found.model.diagnostics,
        "doubts": list(found.model.doubts),
        "notes": found.model.notes,
    }


def print_portfolio(console: Console, found: HeldTogether, settings: AnalysisSettings) -> None:
    """Print the portfolio's risk, and the columns by their shares of it."""
    noun = period_noun(settings.periods)
    facts = [
        (f"volatility, next {noun}", small_percent(found.volatility), ""),
        ("a year", percent(found.annual), ""),
    ]
    for level, row in found.risk.table.iterrows():
        beyond = row.get("expected_shortfall")
        remark = "" if beyond is None else f"expected beyond it {small_percent(beyond)}"
        facts.append((f"value at risk, {level:.0%}", small_percent(row["value_at_risk"]), remark))
    print_titled(console, f"Risk of the next {noun}", fact_table(facts))
    table = number_table(
        "\ncolumn", "\nweight", f"volatility,\nnext {noun}", "correlation\nwith all",
        "share\nof risk", "equal\nrisk", names="column",
    )  # fmt: skip
    by_share = found.table.sort_values("risk_share", ascending=False)
    for name, row in by_share.head(_MOST_ROWS).iterrows():
        table.add_row(
            shown_name(console, str(name), _NUMBERS),
            decimal(row["weight"], 3),
            small_percent(row["volatility"]),
            decimal(row["correlation"]),
            bold(percent(row["risk_share"])),
            decimal(row["equal_risk_weight"], 3),
        )
    print_titled(console, "What it comes from", table)
    left = len(by_share) - _MOST_ROWS
    if left > 0:
        print_lines(console, [f"{left:,} more have smaller shares; --out or --json has them all."])
