"""`puffin risk`: what may be lost in the next period, and how much to hold."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import BadInputError, say
from puffin.cli.layout import fact_table, print_lines, print_titled, stdout_console
from puffin.cli.options import checked, data_option, model_option, trading_option
from puffin.showing.numbers import decimal, percent, percent_interval, small_percent
from puffin.showing.periods import period_noun

if TYPE_CHECKING:
    from puffin.findings.settings import AnalysisSettings
    from puffin.risk import DailyRisk, PositionRule

__all__ = ["risk"]


def _directory(name: str) -> Path:
    if not name:
        raise typer.BadParameter("the path is empty; name a directory.")
    return Path(name)


Store = Annotated[
    Path | None,
    data_option(
        "--store",
        "Directory that keeps the model and the history of its forecasts.",
        metavar="DIR",
        parser=_directory,
    ),
]
Refit = Annotated[bool, data_option("--refit", "Fit the model of the store again, to all rows.")]
TargetVolatility = Annotated[
    float,
    trading_option(
        "--target",
        "Annual volatility that the position is to have; 0.1 is 10%.",
        metavar="RATE",
        callback=checked("positive_number", "--target"),
    ),
]
MaxLeverage = Annotated[
    float,
    trading_option(
        "--max-leverage",
        "The largest position, of one that --band would keep as well.",
        metavar="NUMBER",
        callback=checked("positive_number", "--max-leverage"),
    ),
]
Band = Annotated[
    float,
    trading_option(
        "--band",
        "Keep a position that is off by no more than this share of it.",
        metavar="SHARE",
        min=0.0,
    ),
]
Leverage = Annotated[
    bool,
    model_option(
        "--leverage/--no-leverage",
        "Whether volatility may rise after losses more than after gains.",
    ),
]
Average = Annotated[
    bool,
    model_option(
        "--average",
        "Average over every law of errors, without and with leverage, each weighed by how probable "
        "the returns make it. It takes six times as long.",
    ),
]


@command
def risk(
    file: options.File,
    store: Store = None,
    refit: Refit = False,
    date_column: options.DateColumn = None,
    date_order: options.DateOrderOption = None,
    decimal: options.DecimalOption = None,
    column: options.Columns = None,
    prices: options.LogPrices = False,
    unit: options.UnitOption = None,
    capital: options.Capital = None,
    periods_per_year: options.PeriodsPerYear = None,
    distribution: options.DistributionOption = options.Distribution.ASYMMETRIC,
    leverage: Leverage = True,
    jumps: options.Jumps = False,
    average: Average = False,
    target: TargetVolatility = 0.1,
    max_leverage: MaxLeverage = 1.0,
    band: Band = 0.1,
    samples: options.Samples = 2000,
    seed: options.Seed = None,
    cores: options.Cores = None,
    out: options.TableOut = None,
    json: options.AsJson = False,
) -> None:
    """Value at risk and position for the next period.

    By a stochastic volatility model, of a column, or of each of several in a table. With --store
    DIR the model is fitted once and kept there; on later days it is updated with the new rows of
    the file only, and each forecast is added to DIR/history.csv; of several columns, to
    DIR/COLUMN/history.csv. Rows of the past that have changed are named; the file of another
    asset is refused. A run that is killed loses nothing, and history.csv may be saved by a
    spreadsheet.

    With --prices returns are log returns, and losses are fractions of what is invested.

    {FILES}

    [b]Examples[/b]

    puffin risk prices.csv --prices --column KO

    puffin risk prices.csv --prices --column KO --store ko-risk --target 0.15 --max-leverage 2
    """
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import print_where, reserved_output
    from puffin.cli.progress import progress_bar
    from puffin.cli.reading import read_table, refuse_to_overwrite, returns_of, warn_of_early_ends
    from puffin.cli.risk_table import show_risks
    from puffin.findings.risk import find_risk
    from puffin.findings.settings import AnalysisSettings, VolatilitySettings, with_periods
    from puffin.risk import PositionRule

    refuse_to_overwrite(file, out)
    _refuse_what_does_not_go_together(out, store, average=average, jumps=jumps)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    columns = returns_of(table, chosen=column)
    warn_of_early_ends(table, columns.returns)
    settings = AnalysisSettings(
        periods_per_year=periods_per_year, seed=options.some_seed(seed), cores=cores,
        volatility=VolatilitySettings(
            distribution=str(distribution), leverage=leverage, samples=samples, jumps=jumps
        ),
    )  # fmt: skip
    settings = with_periods(settings, columns.returns)
    rule = PositionRule(target, max_leverage, band, periods_per_year)
    if len(columns.returns) > 1:
        show_risks(columns, rule, settings, store, refit, average, out, json)
        return
    name, returns = columns.only_one("risk is of one column")
    if columns.rejected:
        raise BadInputError(" ".join(columns.rejected.values()))
    store = _own_store(store, name)
    try:
        with reserved_output(out, _history) as write:
            with progress_bar() as bar:
                found = find_risk(
                    returns, rule, settings, bar,
                    from_prices=columns.from_prices, store=store, refit=refit, average=average,
                )  # fmt: skip
            write(found)
    except (TypeError, ValueError) as error:
        raise BadInputError(str(error)) from None
    _say_what_stays(found, max_leverage)
    if json:
        print(dump({"strategy": name, **_record(found, rule)}, settings, {}))
        return
    _print_tables(name, found, rule, settings, columns.from_prices, store)
    print_where(stdout_console(), out)


def _refuse_what_does_not_go_together(
    out: Path | None, store: Path | None, *, average: bool, jumps: bool
) -> None:
    if average and jumps:
        raise BadInputError("--average has no models with jumps in it; leave out one of the two.")
    if store is not None and out is not None and out.resolve().parent == store.resolve():
        raise BadInputError(f"--out {out} is in the store, whose files are its own; name another.")


def _own_store(store: Path | None, name: str) -> Path | None:
    """Return the column's own store, if it was followed among others before."""
    from puffin.findings.risks import store_of
    from puffin.risk.store import RiskStore

    if store is not None and RiskStore(store_of(store, name)).exists:
        return store_of(store, name)
    return store


def _print_tables(
    name: str,
    found: DailyRisk,
    rule: PositionRule,
    settings: AnalysisSettings,
    from_prices: bool,
    store: Path | None,
) -> None:
    from puffin.findings.risk_words import position_notes, risk_notes

    console = stdout_console()
    noun = period_noun(settings.periods)
    title = f"{name}: risk of the {noun} after {found.history.index[-1]}"
    print_titled(console, title, fact_table(_facts(found, noun, rule.target_volatility)))
    print_lines(console, position_notes(found, rule))
    print_lines(console, risk_notes(found, settings, from_prices, store))


def _say_what_stays(found: DailyRisk, max_leverage: float) -> None:
    """Say what of earlier runs is not as it would be made now."""
    for revision in found.revised:
        say("note", f"{revision} The model still has them as they were; --refit fits it again.")
    if found.now["weight"] > max_leverage:
        say(
            "note",
            f"the position of {found.now['weight']:.3f} was decided in an earlier run; "
            "--max-leverage counts from the next row on (--refit decides this one again).",
        )


def _record(found: DailyRisk, rule: PositionRule) -> dict[str, Any]:
    from puffin.findings.risk_words import position_notes

    return {
        "date": found.history.index[-1],
        "risk": found.now.to_dict(),
        "added": found.added,
        "fitted": found.fitted,
        "method": found.model.method,
        "revised": list(found.revised),
        "backup": None if found.backup is None else str(found.backup),
        "notes": [*filter(None, [found.model.note]), *position_notes(found, rule)],
        "history": _history(found),
    }


def _history(found: DailyRisk) -> list[dict[str, Any]]:
    """Return a row for each forecast that was made, the last one now."""
    return [{str(key): value for key, value in row.items()}
            for row in found.history.reset_index().to_dict("records")]  # fmt: skip


def _facts(found: DailyRisk, noun: str, target: float) -> list[tuple[str, str, str]]:
    from puffin.risk.tail_risk import LEVELS

    now = found.now
    low, high = now["annual_volatility_low"], now["annual_volatility_high"]
    rows = [
        (f"volatility, next {noun}", small_percent(now["volatility"]), ""),
        ("a year", percent(now["annual_volatility"]), f"94%: {percent_interval(low, high)}"),
    ]
    for level in LEVELS:
        at_risk = small_percent(now[f"value_at_risk_{level:g}"])
        beyond = now[f"expected_shortfall_{level:g}"]
        remark = "" if math.isnan(beyond) else f"expected beyond it {small_percent(beyond)}"
        rows.append((f"value at risk, {level:.0%}", at_risk, remark))
    label = f"position for {percent(target, 0)} a year"
    return [*rows, (label, decimal(now["weight"], 3), _trade(found))]


def _trade(found: DailyRisk) -> str:
    if len(found.history) < 2:
        return "of what there is to invest"
    before = float(found.history["weight"].iloc[-2])
    if before == found.now["weight"]:
        return "as before"
    return f"{decimal(before, 3)} before"
