"""`puffin vol`: how much every column moves, now, next and usually."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from rich.cells import cell_len

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import leave_out
from puffin.cli.layout import (
    number_table,
    print_lines,
    print_titled,
    shown_name,
    stdout_console,
    tick,
)
from puffin.cli.options import model_option, output_option
from puffin.showing.numbers import (
    count,
    in_percent,
    percent,
    percent_interval,
    probability,
    small_percent,
)
from puffin.showing.periods import period_noun

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from puffin import reading
    from puffin.findings.quantity import Quantity
    from puffin.findings.settings import AnalysisSettings
    from puffin.findings.volatility import Volatility
    from puffin.models.volatility import VolatilityForecast

__all__ = ["print_volatilities", "vol", "volatility_records"]

_GAP, _EDGES = 1, 2
_LONGEST_TITLE = 45
_LONGEST_HORIZON = 2_500

Leverage = Annotated[
    bool, model_option("--leverage", "Volatility may rise after losses more than after gains.")
]
Ranges = Annotated[
    bool,
    model_option(
        "--ranges",
        "Let the high and low of each period say how volatile it was, too: of a file with columns "
        "for open, high, low and close.",
    ),
]
Horizon = Annotated[
    int | None,
    output_option(
        "--horizon",
        "Forecast so many periods, in a second table.",
        metavar="NUMBER",
        min=1,
        max=_LONGEST_HORIZON,
    ),
]
Out = Annotated[
    Path | None,
    output_option(
        "--out -o",
        "Draw the volatility too, in a file that ends in .png, .svg or .pdf; or write the table, "
        "in one that ends in .csv or .parquet.",
        metavar="PATH",
    ),
]


@command
def vol(
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
    distribution: options.DistributionOption = options.Distribution.STUDENT,
    leverage: Leverage = False,
    jumps: options.Jumps = False,
    ranges: Ranges = False,
    samples: options.Samples = 1500,
    engine: options.EngineOption = options.Engine.NATIVE,
    seed: options.Seed = None,
    cores: options.Cores = None,
    horizon: Horizon = None,
    out: Out = None,
    json: options.AsJson = False,
) -> None:
    """Volatility of every column: now, next and usually.

    Of each column, by a stochastic volatility model: the standard deviation of one period's return
    in the last period and in the next, the typical one, how long calms and storms last, and which
    of them this is. Without --prices the returns are taken as they are; volatility models are
    usually for log returns, and with --prices that is what they get.

    {FILES}

    [b]Examples[/b]

    puffin vol prices.csv --prices

    puffin vol returns.csv --column KO --horizon 10

    puffin vol prices.csv --prices --out volatility.png

    puffin vol prices.csv --prices --leverage --seed 1 --json

    puffin vol bars.csv --ranges
    """
    from puffin.cli.each_column import find_in_each
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import drawn_to, print_where
    from puffin.cli.reading import read_table, refuse_to_overwrite, returns_of, warn_of_early_ends
    from puffin.figures import volatility_paths
    from puffin.findings.settings import AnalysisSettings, VolatilitySettings, with_periods
    from puffin.findings.volatility import log_returns, volatilities

    settings = AnalysisSettings(
        periods_per_year=periods_per_year,
        hdi_prob=hdi_prob,
        engine=str(engine),
        seed=options.some_seed(seed),
        cores=cores,
        volatility=VolatilitySettings(
            distribution=str(distribution), leverage=leverage, samples=samples,
            horizon=horizon or 1, jumps=jumps,
        ),
    )  # fmt: skip
    refuse_to_overwrite(file, out)
    table = read_table(file, date_column, date_order, decimal, unit, capital, prices)
    columns = returns_of(table, chosen=column)
    warn_of_early_ends(table, columns.returns)
    settings, returns = with_periods(settings, columns.returns), columns.returns
    if columns.from_prices:
        returns = {name: log_returns(series) for name, series in returns.items()}
    measures = _range_measures(table, returns) if ranges else {}
    found, rejected = find_in_each(
        columns, lambda bar: volatilities(returns, settings, bar, measures), out, _rows,
        lambda found: volatility_paths(found, hdi_prob),
    )  # fmt: skip
    if json:
        record = {
            "log_returns": columns.from_prices,
            "figure": drawn_to(out),
            "volatility": volatility_records(found),
        }
        print(dump(record, settings, rejected))
    else:
        _print_tables(found, settings, columns.from_prices, horizon)
        print_where(stdout_console(), out)
    leave_out(rejected)


def _range_measures(
    table: reading.Table, returns: Mapping[str, pd.Series[float]]
) -> dict[str, pd.Series[float]]:
    """Return what the file's highs and lows say of each period's variance, by name."""
    from puffin.cli.reading import bars_of
    from puffin.findings.volatility import range_measure

    return {name: range_measure(one) for name, one in bars_of(table, returns).items()}


def _print_tables(
    found: Mapping[str, Volatility],
    settings: AnalysisSettings,
    from_prices: bool,
    horizon: int | None,
) -> None:
    from puffin.findings.volatility_words import which_returns

    console = stdout_console()
    print_volatilities(console, found, settings)
    print_lines(console, [f"{which_returns(from_prices)} Seed {settings.seed}."])
    if horizon is not None:
        print_lines(console, [""])
        _print_forecasts(console, found, settings)


def _rows(found: Mapping[str, Volatility]) -> list[dict[str, Any]]:
    """Return a row for each series; its forecast would be a table of its own."""
    return [
        {name: value for name, value in record.items() if name != "forecast"}
        for record in volatility_records(found)
    ]


def volatility_records(found: Mapping[str, Volatility]) -> list[dict[str, Any]]:
    """Return what is known of each volatility, with the quantiles of what comes."""
    return [
        {
            "strategy": name,
            "last_period": one.last_label,
            "volatility": asdict(one.now),
            "annual_volatility": asdict(one.now.times(one.periods_per_year**0.5)),
            "next_volatility": asdict(one.next_period),
            "typical_volatility": None if one.typical is None else asdict(one.typical),
            "half_life": None if one.half_life is None else asdict(one.half_life),
            "parameters": {key: asdict(value) for key, value in one.parameters.items()},
            "regime": one.regime,
            "regime_probability": one.regime_probability,
            "forecast": None if one.forecast is None else _forecast_records(one.forecast),
            "n_observations": one.n_observations,
            "periods_per_year": one.periods_per_year,
            "share_flat": one.share_flat,
            "model": one.model,
            "method": one.method,
            "ess": one.ess,
            "r_hat": one.r_hat,
            "acceptance": one.acceptance,
            "pareto_k_hat": one.pareto_k_hat,
        }
        for name, one in found.items()
    ]


def _forecast_records(forecast: VolatilityForecast) -> list[dict[str, Any]]:
    return [
        {
            "step": step,
            "volatility": forecast.volatility.loc[step].to_dict(),
            "return": forecast.returns.loc[step].to_dict(),
        }
        for step in forecast.volatility.index
    ]


def print_volatilities(
    console: Console, found: Mapping[str, Volatility], settings: AnalysisSettings
) -> None:
    """Print two lines for each series, and notes on what stands out."""
    from puffin.findings.volatility_words import volatility_notes

    noun = period_noun(settings.periods)
    level = f"{percent(settings.hdi_prob, 0)} interval"
    headings = (
        f"\nnow\n{level}",
        "\nnow,\na year",
        f"\nnext {noun}\n{level}",
        "\n\ntypical",
        f"half-\nlife,\n{noun}s",
        "\nregime\nP",
        "\n\ncheck",
    )
    rows = {name: _cells(console, one) for name, one in found.items()}
    table = number_table("\n\nstrategy", *headings, gap=_GAP)
    numbers = _width(headings, rows.values())
    for name, cells in rows.items():
        table.add_row(shown_name(console, name, numbers), *cells)
    print_titled(console, f"Volatility of one {noun}: posterior mean and interval", table)
    print_lines(console, volatility_notes(found, settings, tick(console)))


def _print_forecasts(
    console: Console, found: Mapping[str, Volatility], settings: AnalysisSettings
) -> None:
    """Print the quantiles of volatility and of returns, period by period, of each series."""
    for name, one in found.items():
        if one.forecast is None:
            print_lines(console, [f"{name}: {one.method} has no forecast.", ""])
        else:
            noun = period_noun(settings.periods)
            shown = shown_name(console, name, _LONGEST_TITLE).plain
            title = f"{shown}: quantiles of the {noun}s to come, in percent"
            for table in _forecast_tables(console, one.forecast, noun):
                print_titled(console, title, table)


def _cells(console: Console, one: Volatility) -> list[str]:
    return [
        _with_interval(one.now),
        small_percent(one.periods_per_year**0.5 * one.now.mean),
        _with_interval(one.next_period),
        "–" if one.typical is None else small_percent(one.typical.median),
        _half_life(one),
        f"{one.regime}\n{probability(one.regime_probability)}",
        tick(console) if one.is_fine else "!",
    ]


def _width(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Return the width that all columns but the first take."""
    columns = zip(headings, *rows, strict=True)
    widest = [max(_cell_width(cell) for cell in column) for column in columns]
    return sum(widest) + _GAP * len(headings) + _EDGES


def _cell_width(cell: str) -> int:
    return max(map(cell_len, cell.split("\n")))


def _forecast_tables(console: Console, forecast: VolatilityForecast, noun: str) -> list[Table]:
    """Return volatility and return side by side, or where that is too wide one after the other."""
    parts = [("volatility", forecast.volatility), ("return", forecast.returns)]
    beside = _forecast_table(dict(parts), noun)
    if console.measure(beside).maximum < console.width:
        return [beside]
    return [_forecast_table({what: table}, noun) for what, table in parts]


def _forecast_table(parts: Mapping[str, pd.DataFrame], noun: str) -> Table:
    headings, cells = list[str](), list[list[list[str]]]()
    for what, quantiles in parts.items():
        levels = [f"{100.0 * float(level):.3g}%" for level in quantiles.columns]
        headings += _over(levels, what)
        cells.append(_in_percent(quantiles))
    table = number_table(f"\n{noun}", *headings, gap=_GAP)
    for step, of_parts in enumerate(zip(*cells, strict=True), start=1):
        table.add_row(f"+{step}", *(cell for part in of_parts for cell in part))
    return table


def _in_percent(table: pd.DataFrame) -> list[list[str]]:
    """Return the cells of a table of fractions, all with the same digits."""
    rows = table.to_numpy().tolist()
    size = max(abs(value) for row in rows for value in row)
    return [[in_percent(value, size) for value in row] for row in rows]


def _with_interval(quantity: Quantity) -> str:
    return f"{small_percent(quantity.mean)}\n{percent_interval(quantity.low, quantity.high)}"


def _over(headings: list[str], what: str) -> list[str]:
    """Return headings, the first of them under what all are of."""
    return [f"{what if place == 0 else ''}\n{each}" for place, each in enumerate(headings)]


def _half_life(one: Volatility) -> str:
    if one.half_life is None:
        return "–"
    return count(one.half_life.median)
