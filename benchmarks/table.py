"""Measurements as one table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Contestant, FreshProcess, Job, Measurement

_WIDTH = 120
_COLUMNS = {
    "": 39,
    "wall s": 8,
    "first s": 8,
    "ESS": 7,
    "ESS/s": 9,
    "MB": 5,
    "wall x": 13,
    "ESS/s x": 8,
    "target": 9,
    "met": 3,
}
_NOTHING = ""


@dataclass(frozen=True)
class Section:
    """The rows of one job."""

    title: str
    rows: tuple[tuple[str, ...], ...]


def job_section(job: Job, results: Sequence[tuple[Contestant, Measurement | str]]) -> Section:
    """Return each contestant's measurement, or why there is none; Puffin's is the first."""
    puffin = results[0][1]
    assert isinstance(puffin, Measurement)
    rows = tuple(
        (f"  {contestant.name}", *_result_cells(job, contestant, result, puffin))
        for contestant, result in results
    )
    return Section(job.title, rows)


def _result_cells(
    job: Job, contestant: Contestant, result: Measurement | str, puffin: Measurement
) -> tuple[str, ...]:
    if isinstance(result, str):
        return *[_NOTHING] * 5, result
    if not result.converged:
        return *_figures(result), "not converged"
    if result is puffin or not puffin.converged:
        return tuple(_figures(result))
    ratio = result.seconds / puffin.seconds
    per_second = None
    if puffin.ess_per_second and result.ess_per_second:
        per_second = puffin.ess_per_second / result.ess_per_second
    target, met = _NOTHING, _NOTHING
    if job.target is not None and contestant.name == job.target[0]:
        target, met = f">= {job.target[1]:,.0f}x", _verdict(ratio >= job.target[1])
    return *_figures(result), _times(ratio), _times(per_second), target, met


def process_section(title: str, results: Sequence[tuple[FreshProcess, Measurement]]) -> Section:
    """Return whole processes' measurements."""
    return Section(title, tuple(_process_cells(*result) for result in results))


def _process_cells(process: FreshProcess, result: Measurement) -> tuple[str, ...]:
    cells = (f"  {process.name}", *_figures(result))
    if process.limit is None:
        return cells
    met = _verdict(result.seconds < process.limit)
    return *cells, _NOTHING, _NOTHING, f"< {process.limit:g} s", met


def show(sections: Sequence[Section], facts: Sequence[str]) -> None:
    """Print what the sections were measured on, and one table of them."""
    console = Console(width=_WIDTH, highlight=False)
    for fact in facts:
        console.print(fact)
    console.print()
    console.print(_grid([tuple(_COLUMNS)], style="bold"))
    for section in sections:
        console.print(f"\n[bold]{section.title}[/bold]")
        console.print(_grid(section.rows))


def _grid(rows: Sequence[tuple[str, ...]], style: str = "") -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for heading, width in _COLUMNS.items():
        grid.add_column(width=width, no_wrap=True, justify="right" if heading else "left")
    for row in rows:
        grid.add_row(*row, style=style)
    return grid


def _figures(result: Measurement) -> Iterator[str]:
    for value in (
        result.seconds,
        result.first,
        result.ess,
        result.ess_per_second,
        result.megabytes,
    ):
        yield _number(value)


def _verdict(met: bool) -> str:
    return "yes" if met else "NO"


def _times(ratio: float | None) -> str:
    return _NOTHING if ratio is None else f"{_number(ratio)}x"


def _number(value: float | None) -> str:
    """Return three significant digits, or nothing."""
    if value is None:
        return _NOTHING
    places = max(0, 2 - math.floor(math.log10(value))) if value > 0.0 else 0
    return f"{value:,.{places}f}"
