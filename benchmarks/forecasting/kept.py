"""Forecasts on disk: one file a series and model, one line a day, as soon as it is there."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.forecasting.forecasters import Forecaster
from benchmarks.forecasting.series import Series
from puffin.progress import progress_bar
from puffin.risk import RollingForecast
from puffin.risk.period_forecast import PeriodForecast

__all__ = ["LEVELS", "SECONDS", "file_of", "forecast", "read"]

LEVELS = (0.01, 0.025, 0.05)
SECONDS = "processor_seconds"
_TABLE = ["returned", "volatility", "return_sd", "log_density", "pit", "fitted", "doubt"]
_AT_RISK = [f"value_at_risk_{level}" for level in LEVELS]
_SHORTFALL = [f"expected_shortfall_{level}" for level in LEVELS]


def file_of(directory: Path, series: str, model: str) -> Path:
    """Return where the forecasts of a series by a model are kept."""
    return directory / f"{series} {model}.csv"


def read(file: Path) -> RollingForecast:
    """Return the forecasts of a file; what they took is a column of their table."""
    kept = pd.read_csv(file, index_col="date", parse_dates=True, keep_default_na=False)
    levels: Any = pd.Index(LEVELS, name="level")
    return RollingForecast(
        kept[[*_TABLE, SECONDS]],
        kept[_AT_RISK].set_axis(levels, axis=1),
        kept[_SHORTFALL].set_axis(levels, axis=1),
    )


def forecast(
    file: Path, series: Series, forecaster: Forecaster, days: int | None, label: str
) -> None:
    """Forecast the days that the file lacks.

    Runs go on from days at which models are fitted, so that the last year that was begun, but not
    finished, is done again.
    """
    returns, first = series.returns(days)
    lines = _whole_lines(file)
    if len(lines) > len(returns) - first:
        return
    while lines and not _fitted(lines.pop()):
        pass
    begin = first + max(len(lines) - 1, 0)
    head = ",".join(["date", *_TABLE, *_AT_RISK, *_SHORTFALL, SECONDS]) + "\n"
    with file.open("w", newline="") as out, progress_bar(label, len(returns) - begin, True) as bar:
        out.writelines(lines or [head])
        writer = csv.writer(out, lineterminator="\n")
        for row, seconds in _timed(forecaster.forecasts(returns, begin, LEVELS)):
            numbers = [getattr(row, name) for name in _TABLE]
            writer.writerow(
                [row.label.date(), *numbers, *row.value_at_risk, *row.expected_shortfall, seconds]
            )
            out.flush()
            bar(1)


def _whole_lines(file: Path) -> list[str]:
    """Return the header and the days, without one that was cut off while it was written."""
    lines = file.read_text().splitlines(keepends=True) if file.exists() else []
    return [line for line in lines if line.endswith("\n")]


def _fitted(line: str) -> bool:
    [cells] = csv.reader([line])
    return cells[1 + _TABLE.index("fitted")] == "True"


def _timed(rows: Iterator[PeriodForecast]) -> Iterator[tuple[PeriodForecast, float]]:
    """Yield each forecast with the processor's seconds that it took."""
    begun = time.process_time()
    for row in rows:
        yield row, time.process_time() - begun
        begun = time.process_time()
