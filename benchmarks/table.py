"""Measurements as one table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Contestant, FreshProcess, Job, Measurement

WIDTH = 120
_NOTHING = ""


def new_table() -> Table:
    """Return the table without its rows."""
    table = Table(title="Puffin and its rivals", box=None, pad_edge=False, width=WIDTH)
    table.add_column("", no_wrap=True, ratio=1)
    for heading in ("wall s", "first s", "ESS", "ESS/s", "MB", "wall x", "ESS/s x", "target"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("met", no_wrap=True)
    return table


def add_job(
    table: Table, job: Job, results: Sequence[tuple[Contestant, Measurement | str]]
) -> None:
    """Add a job's rows: each contestant with its measurement, or with why there is none."""
    _add_title(table, job.title)
    puffin = next(result for _, result in results if isinstance(result, Measurement))
    for contestant, result in results:
        name = f"  {contestant.name}"
        if isinstance(result, str):
            table.add_row(f"{name}: {result}")
            continue
        wall, ess = _NOTHING, _NOTHING
        target, met = _NOTHING, _NOTHING
        if not (result.converged and puffin.converged):
            wall = ess = "not converged"
        elif result is not puffin:
            ratio = result.seconds / puffin.seconds
            wall = f"{_number(ratio)}x"
            if puffin.ess_per_second and result.ess_per_second:
                ess = f"{_number(puffin.ess_per_second / result.ess_per_second)}x"
            if job.target and contestant.name == job.target[0]:
                target = f">= {job.target[1]:,.0f}x"
                met = _verdict(ratio >= job.target[1])
        table.add_row(name, *_figures(result), wall, ess, target, met)


def add_processes(
    table: Table, title: str, results: Sequence[tuple[FreshProcess, Measurement]]
) -> None:
    """Add the rows of whole processes."""
    _add_title(table, title)
    for process, result in results:
        target, met = _NOTHING, _NOTHING
        if process.limit is not None:
            target, met = f"< {process.limit:g} s", _verdict(result.seconds < process.limit)
        table.add_row(f"  {process.name}", *_figures(result), _NOTHING, _NOTHING, target, met)


def show(table: Table, facts: Sequence[str]) -> None:
    """Print the table, and what it was measured on."""
    console = Console(width=WIDTH, highlight=False)
    for fact in facts:
        console.print(fact)
    console.print()
    console.print(table)


def _add_title(table: Table, title: str) -> None:
    if table.row_count:
        table.add_row()
    table.add_row(title, style="bold")


def _figures(result: Measurement) -> tuple[str, ...]:
    return (
        _number(result.seconds),
        _number(result.first),
        _number(result.ess),
        _number(result.ess_per_second),
        _number(result.megabytes),
    )


def _verdict(met: bool) -> str:
    return "yes" if met else "NO"


def _number(value: float | None) -> str:
    """Return three significant digits, or nothing."""
    if value is None:
        return _NOTHING
    places = max(0, 2 - math.floor(math.log10(value))) if value > 0.0 else 0
    return f"{value:,.{places}f}"
