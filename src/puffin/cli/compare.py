"""`puffin compare`: which column is better than which, and how surely."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich.text import Text

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
)
from puffin.findings.table_notes import comparison_notes
from puffin.showing.checks import seed_note
from puffin.showing.numbers import coarse_probability, decimal, interval, percent, probability

if TYPE_CHECKING:
    from rich.console import Console

    from puffin.models.comparison import StrategyComparison

__all__ = ["compare", "comparison_record", "print_comparison"]

_NUMBERS = 61
_MOST_DIFFERENCES = 12
_CELL, _GAP = 5, 2


@command
def compare(
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
    pool: options.Pool = False,
    dates: options.ComparedDates = options.Dates.OWN,
    samples: options.Samples = 5000,
    engine: options.EngineOption = options.Engine.NATIVE,
    seed: options.Seed = None,
    cores: options.Cores = None,
    out: options.TableOut = None,
    json: options.AsJson = False,
) -> None:
    """Ranking, P(best), and P(row beats column).

    Each strategy is judged by its own dates, unless --dates is shared. What moves two of them
    alike on the dates that they share drops out of their difference.

    {FILES}

    [b]Examples[/b]

    puffin compare returns.csv

    puffin compare hundred-variants.csv --pool

    puffin compare prices.csv --prices --dates shared --json > comparison.json
    """
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import print_where, reserved_output
    from puffin.cli.progress import progress_bar
    from puffin.cli.reading import read_table, refuse_to_overwrite, returns_of
    from puffin.findings.settings import AnalysisSettings
    from puffin.findings.sharpe import compare as compare_strategies

    settings = AnalysisSettings(
        risk_free_rate=risk_free,
        periods_per_year=periods_per_year,
        hdi_prob=hdi_prob,
        distribution=str(distribution),
        pool=pool,
        dates=str(dates),
        samples=samples,
        engine=str(engine),
        seed=options.some_seed(seed),
        cores=cores,
    )
    refuse_to_overwrite(file, out)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    columns = returns_of(table, chosen=column)
    if len(columns.returns) < 2:
        [only] = columns.returns
        reasons = " ".join(columns.rejected.values())
        raise BadInputError(
            f"a comparison needs two columns of returns; there is only {only!r}. {reasons}"
        )
    with reserved_output(out, _rows) as write:
        with progress_bar() as bar:
            comparison = compare_strategies(columns.returns, settings, bar)
        write(comparison)
    settings = replace(settings, periods_per_year=comparison.periods_per_year)
    if json:
        print(dump(comparison_record(comparison), settings, columns.rejected))
    else:
        console = stdout_console()
        print_comparison(console, comparison)
        print_lines(console, [*comparison_notes(comparison, settings), *_seeds(comparison)])
        print_lines(console, [f"Seed {settings.seed}."])
        print_where(console, out)
    leave_out(columns.rejected)


def _seeds(comparison: StrategyComparison) -> list[str]:
    """Return how far another seed moves the draws; of pooled ones that is not known."""
    return [] if comparison.is_pooled else seed_note(comparison.alone.values())


def _rows(comparison: StrategyComparison) -> list[dict[str, Any]]:
    """Return the rows of the ranking."""
    return [{str(key): value for key, value in row.items()}
            for row in comparison.table.to_dict("records")]  # fmt: skip


def comparison_record(comparison: StrategyComparison) -> dict[str, Any]:
    """Return the table, the probabilities and the differences of a comparison."""
    return {
        "dependence": comparison.dependence,
        "note": comparison.note,
        "models": comparison.models,
        "diagnostics": comparison.diagnostics,
        "n_observations": dict(zip(comparison.strategies, comparison.n_observations, strict=True)),
        "table": comparison.table.to_dict("records"),
        "prob_better": comparison.prob_better.to_dict("index"),
        "differences": comparison.differences.to_dict("records"),
    }


def print_comparison(console: Console, comparison: StrategyComparison) -> None:
    """Print the ranking, the probability that one beats another, and the leader's differences."""
    _print_ranking(console, comparison)
    _print_matrix(console, comparison)
    _print_differences(console, comparison)


def _print_ranking(console: Console, comparison: StrategyComparison) -> None:
    level = f"{percent(comparison.hdi_prob, 0)} interval"
    table = number_table("rank", "strategy", "mean", "sd", level, "P(>0)", "P(best)")
    for row in comparison.table.to_dict("records"):
        table.add_row(
            str(row["rank"]),
            _name(console, row["strategy"]),
            decimal(row["sharpe_mean"]),
            decimal(row["sharpe_std"]),
            interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_positive"]),
            bold(probability(row["prob_best"])),
        )
    together = {
        "coupled": ", compared together",
        "independent": ", each on its own",
    }[comparison.dependence]
    print_titled(
        console, f"Ranking by annual Sharpe ratio{together}{_by_which_dates(comparison)}", table
    )


def _print_matrix(console: Console, comparison: StrategyComparison) -> None:
    """Print as many of the best as fit, the columns by name or, where that takes too much, rank."""
    names = list(comparison.table["strategy"])
    shown_names = [_name(console, name) for name in names]
    space = console.width - max(name.cell_len for name in shown_names) - 8
    headings = [Text(f"{name.plain:>{_CELL}}") for name in shown_names]
    if sum(each.cell_len + _GAP for each in headings) > space:
        headings = [Text(f"{rank:>{_CELL}}") for rank in range(1, len(names) + 1)]
    shown = max(2, min(len(names), space // (_CELL + _GAP)))
    matrix = comparison.prob_better.loc[names, names].to_numpy()
    table = number_table("", "strategy", *headings[:shown])
    for i in range(shown):
        cells = ["·" if i == j else coarse_probability(float(matrix[i, j])) for j in range(shown)]
        table.add_row(str(i + 1), shown_names[i], *cells)
    print_titled(
        console, f"Probability that the row beats the column{_by_which_dates(comparison)}", table
    )
    if shown < len(names):
        print_lines(console, [f"The best {shown} of {len(names)}; --json has them all.", ""])


def _by_which_dates(comparison: StrategyComparison) -> str:
    return ", each by its own dates, which differ" if comparison.is_of_different_times else ""


def _print_differences(console: Console, comparison: StrategyComparison) -> None:
    differences, names = comparison.differences, list(comparison.table["strategy"])
    of_leader = differences[differences["better"] == names[0]].head(_MOST_DIFFERENCES)
    level = f"{percent(comparison.hdi_prob, 0)} interval"
    table = number_table("strategy", "mean", "sd", level, "P(better)")
    for row in of_leader.to_dict("records"):
        table.add_row(
            _name(console, row["worse"]),
            decimal(row["mean"]),
            decimal(row["std"]),
            interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_better"]),
        )
    dates = _by_which_dates(comparison)
    print_titled(console, f"Sharpe ratio of {names[0]} less that of ...{dates}", table)
    if len(of_leader) < len(differences):
        print_lines(
            console, [f"{len(of_leader)} of {len(differences)} differences; --json has them all."]
        )


def _name(console: Console, name: str) -> Text:
    return shown_name(console, name, _NUMBERS)
