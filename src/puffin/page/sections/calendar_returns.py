"""A strategy's returns by month and by year."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from puffin.figures import month_histogram, year_bars
from puffin.findings.calendar_returns import CalendarReturns, calendar_returns
from puffin.findings.findings import Findings
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import percent

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["part"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LEAST, _MANY = 3, 12


def part(findings: Findings, name: str, anchor: str) -> Markup | None:
    """Return the grid of months and its figures; None without dates or with too few months."""
    found = calendar_returns(findings.returns[name], findings.settings.periods_of(name))
    if found is None or found.months.size < _LEAST:
        return None
    versus = findings.benchmark_beside(name)
    other = None
    if versus is not None:
        other = calendar_returns(versus, findings.settings.periods_of(str(versus.name)))
    years = None if other is None else other.years
    return render(
        "calendar_returns",
        name=name,
        months=_MONTHS,
        rows=_rows(found, years),
        benchmark=None if versus is None else versus.name,
        its_time=findings.time_of_benchmark(name),
        years=_years(found, name, years, findings, anchor) if found.years.size > 1 else None,
        histogram=_histogram(found, name, anchor) if found.months.size >= _MANY else None,
        share=float((found.months > 0.0).mean()),
        mean=float(found.months.mean()),
        count=found.months.size,
    )


def _rows(found: CalendarReturns, benchmark: pd.Series[float] | None) -> list[dict[str, object]]:
    """Return the years, the last first, with how strongly each month is coloured."""
    grid = found.grid
    versus = pd.Series(dtype=float) if benchmark is None else benchmark
    largest = float(np.nanmax(np.abs(grid.to_numpy()))) or 1.0
    rows = []
    for year, values in zip(grid.index, grid.to_numpy(), strict=True):
        rows.append(
            {
                "year": int(year),
                "cells": [
                    None if math.isnan(value) else (value, 100.0 * abs(value) / largest)
                    for value in values
                ],
                "total": float(found.years.loc[year]),
                "benchmark": float(versus.get(year, math.nan)),
            }
        )
    return rows


def _years(
    found: CalendarReturns,
    name: str,
    benchmark: pd.Series[float] | None,
    findings: Findings,
    anchor: str,
) -> object:
    versus = "" if findings.benchmark is None else findings.benchmark.name
    said = ", ".join(f"{year} {percent(value)}" for year, value in found.years.items())
    return to_svg(
        year_bars(found.years, name, benchmark, versus),
        f"{anchor}-years",
        f"Returns of {name} by year: {said}.",
    )


def _histogram(found: CalendarReturns, name: str, anchor: str) -> object:
    lowest, highest = float(found.months.min()), float(found.months.max())
    return to_svg(
        month_histogram(found.months),
        f"{anchor}-months",
        f"Histogram of the monthly returns of {name}, from {percent(lowest)} to "
        f"{percent(highest)}.",
    )
