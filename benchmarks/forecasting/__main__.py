"""One day ahead on nine series: stochastic volatility and regimes against six GARCH models.

Prints Markdown: python -m benchmarks.forecasting DIRECTORY
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.forecasting.forecasters import FORECASTERS
from benchmarks.forecasting.kept import file_of, forecast, read
from benchmarks.forecasting.series import SERIES
from benchmarks.forecasting.tables import differences, of_series, years
from benchmarks.forecasting.targets import volatility_targets
from puffin.risk import RollingForecast

_INDEX = "S&P 500"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasting", description=__doc__)
    parser.add_argument(
        "directory", type=Path, help="where forecasts are kept day by day, and gone on from"
    )
    parser.add_argument("--series", nargs="+", choices=SERIES, default=list(SERIES))
    parser.add_argument("--models", nargs="+", choices=FORECASTERS, default=list(FORECASTERS))
    parser.add_argument("--days", type=int, help="only so many of each series, from the first on")
    parser.add_argument("--print", action="store_true", help="what is kept, and no new forecasts")
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    for series in [] if options.print else options.series:
        for model in options.models:
            file, label = file_of(options.directory, series, model), f"{series}, {model}"
            forecast(file, SERIES[series], FORECASTERS[model], options.days, label)
    kept = {name: _kept(options.directory, name, options.models) for name in options.series}
    print("\n".join(_report({name: found for name, found in kept.items() if len(found) > 1})))


def _kept(directory: Path, series: str, models: list[str]) -> dict[str, RollingForecast]:
    """Return the forecasts of those models that have all the days that any of them has."""
    files = {model: file_of(directory, series, model) for model in models}
    found = {model: read(file) for model, file in files.items() if file.exists()}
    longest = max((len(one.table) for one in found.values()), default=0)
    return {model: one for model, one in found.items() if len(one.table) == longest}


def _report(kept: dict[str, dict[str, RollingForecast]]) -> Iterator[str]:
    yield from differences(kept)
    for series, forecasts in kept.items():
        days = next(iter(forecasts.values())).table.index
        yield f"\n## {series}: {len(days):,} days, {days[0].date()} to {days[-1].date()}\n"
        yield from of_series(forecasts)
    if _INDEX in kept:
        yield "\n## S&P 500, year by year\n"
        yield from years(kept[_INDEX])
        yield "\n## Volatility targeting at 10%, after 1 bp of costs\n"
        yield from volatility_targets(kept[_INDEX])


if __name__ == "__main__":
    main()
