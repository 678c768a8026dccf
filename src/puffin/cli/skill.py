"""`puffin skill`: which of many columns have skill, and which had luck."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from puffin.cli.options import checked, data_option, model_option
from puffin.showing.numbers import percent, probability

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from puffin.cli.reading import Columns
    from puffin.models.hierarchical import BayesianHierarchical
    from puffin.reading import Table

__all__ = ["skill"]

_MOST_ROWS, _NUMBERS = 20, 62

FactorColumns = Annotated[
    list[str] | None,
    data_option(
        "--factor -f",
        "Column of FILE that is a factor, an excess return; may be given more than once.",
        metavar="NAME",
    ),
]
Factors = Annotated[
    Path | None,
    data_option(
        "--factors",
        "File whose columns are factors, on the dates of FILE; returns, as --prices and --unit are "
        "of FILE alone.",
        metavar="PATH",
    ),
]
Groups = Annotated[
    Path | None,
    data_option(
        "--groups",
        "CSV with a header, and in two columns the names of columns and their groups.",
        metavar="PATH",
    ),
]
PerVolatility = Annotated[
    bool,
    model_option(
        "--per-volatility",
        "Alphas over residual volatility, as suits strategies that are levered differently; "
        "without factors Sharpe ratios.",
    ),
]
Fdr = Annotated[
    float,
    model_option(
        "--fdr",
        "Name as many as can be with this share of false ones expected.",
        metavar="PROB",
        callback=checked("probability", "--fdr"),
    ),
]
Threshold = Annotated[
    float,
    model_option(
        "--threshold",
        "The annual alpha that a true one is above.",
        metavar="NUMBER",
        callback=checked("finite_number", "--threshold"),
    ),
]
IndependentOrNot = Annotated[
    bool,
    model_option(
        "--ignore-autocorrelation",
        "Take residuals for independent in time; else dependence makes alphas less certain.",
    ),
]


@command
def skill(
    file: options.File,
    date_column: options.DateColumn = None,
    date_order: options.DateOrderOption = None,
    decimal: options.DecimalOption = None,
    column: options.Columns = None,
    factor: FactorColumns = None,
    factors: Factors = None,
    groups: Groups = None,
    prices: options.Prices = False,
    unit: options.UnitOption = None,
    capital: options.Capital = None,
    risk_free: options.RiskFree = 0.0,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    per_volatility: PerVolatility = False,
    fdr: Fdr = 0.1,
    threshold: Threshold = 0.0,
    ignore_autocorrelation: IndependentOrNot = False,
    samples: options.Samples = 500,
    engine: options.EngineOption = options.Engine.NATIVE,
    seed: options.Seed = None,
    cores: options.Cores = None,
    out: options.TableOut = None,
    json: options.AsJson = False,
) -> None:
    """Which of many have skill, and how much of the best one's is luck.

    The alpha of every column (without factors its mean excess return), all of them weighed by each
    other: the noisier an estimate is and the less alphas differ, the more it is drawn to the mean
    of its group. What columns have in common beside the factors is found, and is one chance for
    all. Those are named of which no more than --fdr are expected to be false.

    {FILES}

    [b]Examples[/b]

    puffin skill funds.csv --factors factors.csv --groups styles.csv

    puffin skill prices.csv --prices --factor SPY --per-volatility

    puffin skill funds.csv -f MKT -f SMB -f HML --fdr 0.05 --out skill.csv
    """
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import print_where, reserved_output
    from puffin.cli.progress import progress_bar
    from puffin.cli.reading import read_table, refuse_to_overwrite, returns_of
    from puffin.findings.settings import AnalysisSettings
    from puffin.findings.skill import find_skill, skill_notes

    settings = AnalysisSettings(
        risk_free_rate=risk_free,
        periods_per_year=periods_per_year,
        hdi_prob=hdi_prob,
        autocorrelation="ignore" if ignore_autocorrelation else "counted",
        samples=samples,
        engine=str(engine),
        seed=options.some_seed(seed),
        cores=cores,
    )
    refuse_to_overwrite(file, out)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    columns = returns_of(table, chosen=column, needed=factor or ())
    if factors is not None:
        if factor:
            raise BadInputError("--factor and --factors say two things; give one of them.")
        returns = columns.returns
        explained_by = _factors_in(factors, read_table(factors, None, date_order, decimal))
    else:
        explained_by = _frame(columns, factor or ())
        returns = {name: one for name, one in columns.returns.items() if name not in (factor or ())}
    known_groups = None if groups is None else _groups_in(groups, returns)
    measure = "volatility" if per_volatility else "return"
    with reserved_output(out, partial(_rows, fdr=fdr, threshold=threshold)) as write:
        with progress_bar() as bar:
            model = find_skill(returns, explained_by, known_groups, measure, settings, bar)
        write(model)
    settings = replace(settings, periods_per_year=model.fitted.periods_per_year)
    rejected = {
        **columns.rejected,
        **{name: f"column {name!r}: {why}" for name, why in model.rejected.items()},
    }
    if json:
        print(dump(_record(model, fdr, threshold), settings, rejected))
    else:
        console = stdout_console()
        _print_groups(console, model)
        _print_columns(console, model, fdr, threshold)
        print_lines(console, [*skill_notes(model, fdr, threshold), f"Seed {settings.seed}."])
        print_where(console, out)
    leave_out(rejected)


def _frame(columns: Columns, names: Any) -> pd.DataFrame | None:
    """Return these columns side by side; None of none."""
    import pandas as pd

    return pd.DataFrame({name: columns.returns[name] for name in names}) if names else None


def _factors_in(file: Path, table: Table) -> pd.DataFrame | None:
    """Return the returns in a file of factors.

    Raises
    ------
    BadInputError
        If a column is not certainly of returns; the message names the file.
    """
    from puffin.cli.reading import returns_of
    from puffin.reading import ReadingError

    try:
        columns = returns_of(table, chosen=None, needed=table.columns)
    except (BadInputError, ReadingError) as error:
        why = str(error).replace(
            "did you mean --prices?",
            "--prices is of the first file, so turn factors into returns first.",
        )
        raise BadInputError(f"{file} (--factors): {why}") from None
    return _frame(columns, columns.returns)


def _groups_in(file: Path, names: Any) -> dict[str, str]:
    """Return the groups that a file has of these names.

    Raises
    ------
    BadInputError
        If it has not two columns, or lacks a name.
    """
    import pandas as pd

    text = file.read_text(encoding="utf-8-sig")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    table = pd.read_csv(io.StringIO(text), dtype=str, sep=separator)
    if table.shape[1] != 2:
        raise BadInputError(
            f"{file} must have two columns, names and groups; found {table.shape[1]}."
        )
    found = dict(zip(table.iloc[:, 0].str.strip(), table.iloc[:, 1], strict=True))
    missing = [name for name in names if not isinstance(found.get(name), str)]
    if missing:
        raise BadInputError(
            f"{file} has no group for {len(missing)} of {len(names)} columns, first {missing[0]!r}."
        )
    return {name: found[name] for name in names}


def _rows(model: BayesianHierarchical, fdr: float, threshold: float) -> list[dict[str, Any]]:
    """Return the rows of the table, and who is named."""
    named = set(model.skilled(fdr, threshold).assets)
    return [
        {**{str(key): value for key, value in row.items()}, "named": row["asset"] in named}
        for row in model.table.to_dict("records")
    ]


def _record(model: BayesianHierarchical, fdr: float, threshold: float) -> dict[str, Any]:
    """Return the table, levels of groups, and those that are named."""
    skilled, best = model.skilled(fdr, threshold), model.best()
    return {
        "unit": model.fitted.unit.label,
        "residual_factors": model.fitted.n_common,
        "skilled": {
            "fdr": fdr,
            "threshold": threshold,
            "assets": skilled.assets,
            "expected_rate": skilled.expected_rate,
            "expected_skilled": skilled.expected_skilled,
        },
        "best": {"asset": best.asset, "estimate": best.estimate, "mean": best.mean,
                 "luck": best.luck},
        "groups": model.groups.to_dict("records"),
        "table": model.table.to_dict("records"),
        "diagnostics": model.summary(model.hdi_prob),
    }  # fmt: skip


def _print_groups(console: Console, model: BayesianHierarchical) -> None:
    """Print the groups, if there are some, and all columns as one."""
    if len(model.groups) == 1:
        return
    unit, level = model.fitted.unit, f"{percent(model.hdi_prob, 0)} interval"
    levels = number_table("group", "columns", "mean", level, "spread", "above 0", names="group")
    for row in model.groups.to_dict("records"):
        levels.add_row(
            shown_name(console, row["group"], _NUMBERS),
            f"{row['n_assets']:,}",
            unit.written(row["mean"]),
            unit.interval(row["hdi_low"], row["hdi_high"]),
            unit.written(row["spread"]),
            f"{row['expected_skilled']:,.1f}",
        )
    print_titled(console, f"Mean {unit.label} of groups", levels)


def _print_columns(
    console: Console, model: BayesianHierarchical, fdr: float, threshold: float
) -> None:
    """Print the most probably skilled columns, and what their numbers mean."""
    unit, level = model.fitted.unit, f"{percent(model.hdi_prob, 0)} interval"
    above = unit.written(threshold) if threshold else "0"
    table = number_table(
        "\ncolumn", "by\nitself", "\nmean", f"\n{level}", f"\nP(>{above})", "false\nso far",
        "\nnamed", names="column",
    )  # fmt: skip
    ranked = model.fitted.ranked(threshold)
    for row in ranked.head(_MOST_ROWS).to_dict("records"):
        table.add_row(
            shown_name(console, row["asset"], _NUMBERS),
            unit.written(row["estimate"]),
            bold(unit.written(row["mean"])),
            unit.interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_above"]),
            percent(row["fdr"]),
            "yes" if row["fdr"] <= fdr else "",
        )
    label = unit.label[0].upper() + unit.label[1:]
    print_titled(console, f"{label}: posterior, and beside it the estimate by itself", table)
    rest = ranked["fdr"].iloc[_MOST_ROWS:]
    lines = ["False so far: share of false ones expected among this row and all above it."]
    if len(rest):
        also = f", {(rest <= fdr).sum():,} of them named" if (rest <= fdr).any() else ""
        lines.append(
            f"{len(rest):,} more {'are' if len(rest) > 1 else 'is'} less probable{also}; --out or "
            f"--json has {'them all' if len(rest) > 1 else 'it too'}."
        )
    print_lines(console, lines)
