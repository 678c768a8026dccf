"""`puffin skill`: which of many columns have skill, and which had luck."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import BadInputError, leave_out
from puffin.cli.layout import print_lines, stdout_console
from puffin.cli.options import checked, data_option, model_option

__all__ = ["skill"]


class Alphas(StrEnum):
    """The distribution of true alphas within a group, or both that may be right."""

    BOTH = "both"
    NORMAL = "normal"
    SPIKE = "spike"

    @property
    def fitted(self) -> tuple[str, ...]:
        """The distributions to fit, first the one whose estimates are shown."""
        return ("normal", "spike") if self is Alphas.BOTH else (str(self),)


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
AlphasOption = Annotated[
    Alphas,
    model_option(
        "--distribution",
        "Of true alphas. spike: some have exactly none, and the others are normal; both: name only "
        "those that can be named either way. Where few have skill, most of those that normal names "
        "have none.",
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
    distribution: AlphasOption = Alphas.BOTH,
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
    all. Those are named of which no more than --fdr are expected to be false, whether true alphas
    are normal or some are exactly zero.

    {FILES}

    [b]Examples[/b]

    puffin skill funds.csv --factors factors.csv --groups styles.csv

    puffin skill prices.csv --prices --factor SPY --per-volatility

    puffin skill funds.csv -f MKT -f SMB -f HML --distribution spike --fdr 0.05
    """
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import print_where, reserved_output
    from puffin.cli.progress import progress_bar
    from puffin.cli.reading import read_table, refuse_to_overwrite, returns_of
    from puffin.cli.skill_files import factors_in, frame_of, groups_in
    from puffin.cli.skill_table import print_skill, skill_record, skill_rows
    from puffin.findings.settings import AnalysisSettings
    from puffin.findings.skill import find_skill

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
        explained_by = factors_in(factors, read_table(factors, None, date_order, decimal))
    else:
        explained_by = frame_of(columns, factor or ())
        returns = {name: one for name, one in columns.returns.items() if name not in (factor or ())}
    known_groups = None if groups is None else groups_in(groups, returns)
    measure = "volatility" if per_volatility else "return"
    with reserved_output(out, partial(skill_rows, fdr=fdr, threshold=threshold)) as write:
        with progress_bar() as bar:
            fits = find_skill(
                returns, explained_by, known_groups, measure, settings, bar, distribution.fitted
            )
        write(fits)
    settings = replace(settings, periods_per_year=fits.fitted.periods_per_year)
    rejected = {
        **columns.rejected,
        **{name: f"column {name!r}: {why}" for name, why in fits.rejected.items()},
    }
    if json:
        print(dump(skill_record(fits, fdr, threshold), settings, rejected))
    else:
        console = stdout_console()
        print_skill(console, fits, fdr, threshold)
        print_lines(console, [f"Seed {settings.seed}."])
        print_where(console, out)
    leave_out(rejected)
