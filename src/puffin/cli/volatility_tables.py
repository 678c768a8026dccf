"""Tables of volatility: now, next and usually; and of the periods to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from puffin.cli.layout import number_table, print_lines, print_titled, shown_name, tick
from puffin.findings.numbers import (
    decimal,
    in_percent,
    percent,
    percent_interval,
    probability,
    small_percent,
)
from puffin.findings.periods import period_noun
from puffin.findings.quantity import Quantity
from puffin.findings.settings import AnalysisSettings
from puffin.findings.volatility import Volatility
from puffin.findings.volatility_words import regime_rule, volatility_doubts
from puffin.models.volatility import VolatilityForecast

__all__ = ["print_forecasts", "print_volatilities"]

_GAP, _EDGES = 1, 2
_LONGEST_TITLE = 45


def print_volatilities(
    console: Console, found: Mapping[str, Volatility], settings: AnalysisSettings
) -> None:
    """Print two lines for each series, and notes on what stands out."""
    noun = period_noun(settings.periods)
    level = f"{percent(settings.hdi_prob, 0)} interval"
    headings = (
        f"\nnow\n{level}",
        "\nnow,\na year",
        f"\nnext {noun}\n{level}",
        "\n\ntypical",
        "phi,\nhalf-\nlife",
        "\nregime\nP",
        "\n\ncheck",
    )
    rows = {name: _cells(console, one, settings) for name, one in found.items()}
    table = number_table("\n\nstrategy", *headings, gap=_GAP)
    room = _width(headings, rows.values())
    for name, cells in rows.items():
        table.add_row(shown_name(console, name, room), *cells)
    print_titled(console, f"Volatility of one {noun}: posterior mean and interval", table)
    print_lines(console, _notes(console, found, settings))


def print_forecasts(
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
            print_titled(console, title, _forecast_table(one.forecast, noun))


def _cells(console: Console, one: Volatility, settings: AnalysisSettings) -> list[str]:
    return [
        _with_interval(one.now),
        small_percent(settings.periods**0.5 * one.now.mean),
        _with_interval(one.next_period),
        "–" if one.typical is None else small_percent(one.typical.median),
        _persistence(one),
        f"{one.regime}\n{probability(one.regime_probability)}",
        tick(console) if one.is_fine else "!",
    ]


def _width(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Return the width that all columns but the first take."""
    widths = np.array([[_cell_width(cell) for cell in row] for row in (headings, *rows)])
    return int(widths.max(axis=0).sum()) + _GAP * len(headings) + _EDGES


def _cell_width(cell: str) -> int:
    return max(map(cell_len, cell.split("\n")))


def _forecast_table(forecast: VolatilityForecast, noun: str) -> Table:
    quantiles = [f"{100.0 * float(level):.3g}%" for level in forecast.volatility.columns]
    table = number_table(
        f"\n{noun}",
        *_over(quantiles, "volatility"),
        *_over(quantiles, "return"),
        gap=_GAP,
    )
    rows = zip(_in_percent(forecast.volatility), _in_percent(forecast.returns), strict=True)
    for step, (volatility, returns) in enumerate(rows, start=1):
        table.add_row(f"+{step}", *volatility, *returns)
    return table


def _in_percent(table: pd.DataFrame) -> list[list[str]]:
    """Return the cells of a table of fractions, all with the same digits."""
    values = table.to_numpy()
    size = float(np.abs(values).max())
    return [[in_percent(float(value), size) for value in row] for row in values]


def _with_interval(quantity: Quantity) -> str:
    return f"{small_percent(quantity.mean)}\n{percent_interval(quantity.low, quantity.high)}"


def _over(headings: list[str], what: str) -> list[str]:
    """Return headings of which the first says what all are."""
    return [f"{what if place == 0 else ''}\n{each}" for place, each in enumerate(headings)]


def _persistence(one: Volatility) -> str:
    if one.half_life is None:
        return "–"
    return f"{decimal(one.parameters['phi'].mean, 3)}\n{one.half_life.median:,.0f}"


def _notes(
    console: Console, found: Mapping[str, Volatility], settings: AnalysisSettings
) -> list[str]:
    noun = period_noun(settings.periods)
    lengths = {one.n_observations for one in found.values()}
    rows = f"{min(lengths)}" if len(lengths) == 1 else f"{min(lengths)} to {max(lengths)}"
    models = sorted({one.model for one in found.values()})
    methods = sorted({one.method for one in found.values() if not one.is_fallback})
    notes = [
        f"{rows} returns; {settings.periods:g} periods a year; stochastic volatility with "
        f"{' or '.join(models)}; drawn by {' or '.join(methods)}."
        if methods
        else f"{rows} returns; {settings.periods:g} periods a year.",
        f"now: in the last {noun}, {_last_periods(found)}. Half-life in {noun}s. Regime: "
        f"{regime_rule()}.",
    ]
    for name, one in found.items():
        mark = "" if one.is_fine else "! "
        notes += [f"{mark}{doubt}" for doubt in volatility_doubts(name, one)]
    if any(one.is_fine for one in found.values()):
        notes.append(f"{tick(console)} the sampler's draws can be relied on.")
    return notes


def _last_periods(found: Mapping[str, Volatility]) -> str:
    labels = [one.last_label for one in found.values()]
    first, last = min(labels), max(labels)
    return first if first == last else f"{first} to {last}"
