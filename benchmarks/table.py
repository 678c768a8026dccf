"""Measurements as one table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Contestant, FreshProcess, Job, Measurement, Target

_WIDTH = 137
_COLUMNS = {
    "": 39,
    "wall s": 8,
    "first s": 8,
    "ESS": 7,
    "ESS/s": 9,
    "ESS/cpu s": 9,
    "MB": 5,
    "wall x": 13,
    "ESS/s x": 8,
    "target": 15,
    "met": 3,
}
_NOTHING = ""
_N_FIGURES = 6
"""Columns that a measurement fills by itself."""


@dataclass(frozen=True)
class Section:
    """The rows of one job."""

    title: str
    rows: tuple[tuple[str, ...], ...]


def job_section(job: Job, results: Sequence[tuple[Contestant, Measurement | str]]) -> Section:
    """Return each contestant's measurement, or why there is none; Puffin's is the first."""
    puffin = results[0][1]
    assert isinstance(puffin, Measurement)
    rows = tuple(row for result in results for row in _result_rows(*result, puffin, job.targets))
    return Section(job.title, rows)


def _result_rows(
    contestant: Contestant,
    result: Measurement | str,
    puffin: Measurement,
    targets: Mapping[str, Sequence[Target]],
) -> Iterator[tuple[str, ...]]:
    """Return the contestant's row, and one more for each of its targets after the first."""
    name = f"  {contestant.name}"
    if isinstance(result, str):
        yield name, *[_NOTHING] * _N_FIGURES, result
        return
    if not result.converged:
        yield name, *_figures(result), "not converged"
        return
    ratios: tuple[float | None, float | None] = (None, None)
    if result is not puffin and puffin.converged:
        ratios = result.seconds / puffin.seconds, _ratio(puffin, result)
    figures = {
        "wall s": result.seconds,
        "ESS/s": result.ess_per_second,
        "MB": result.megabytes,
        "wall x": ratios[0],
        "ESS/s x": ratios[1],
    }
    first, *others = [
        _target_cells(target, figures[target.column]) for target in targets.get(contestant.name, ())
    ] or [(_NOTHING, _NOTHING)]
    yield name, *_figures(result), _times(ratios[0]), _times(ratios[1]), *first
    for other in others:
        yield _NOTHING, *[_NOTHING] * (_N_FIGURES + 2), *other


def _ratio(puffin: Measurement, rival: Measurement) -> float | None:
    if not puffin.ess_per_second or not rival.ess_per_second:
        return None
    return puffin.ess_per_second / rival.ess_per_second


def _target_cells(target: Target, figure: float | None) -> tuple[str, str]:
    unit = "x" if target.column.endswith("x") else target.column.removeprefix("wall ")
    bound = f"{target.bound:,.3g}" if target.bound < 10 else f"{target.bound:,.0f}"
    sign = "<" if target.at_most else ">="
    gap = "" if unit == "x" else " "
    return f"{sign} {bound}{gap}{unit}", _NOTHING if figure is None else _verdict(
        target.met(figure)
    )


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
        result.ess_per_cpu_second,
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
