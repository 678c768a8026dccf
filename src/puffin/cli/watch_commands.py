"""What the command `watch` does: whether each strategy is still the one that was backtested."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.text import Text

from puffin.cli.columns import Columns
from puffin.cli.failures import BadInputError, leave_out
from puffin.cli.layout import print_lines, stdout_console
from puffin.cli.machine import dump
from puffin.cli.progress import Bar, progress_bar
from puffin.cli.watch_tables import print_changes, print_weeks
from puffin.figures.figure_file import reserved_figure
from puffin.findings.periods import period_label
from puffin.findings.settings import AnalysisSettings, with_periods
from puffin.models.monitoring import SharpeChange, sharpe_change
from puffin.posterior import SAMPLING_FAILURES

__all__ = ["WatchOptions", "run_watch"]

_WEEKS_OF_ONE = 8


@dataclass(frozen=True)
class WatchOptions:
    """What is asked, besides the settings that all commands share.

    Attributes
    ----------
    since : str
        A date; a row number where there are no dates.
    change_sd, certainty : float
    weeks : int or None
        How many of the latest weeks to show; None shows some of a single strategy.
    out : Path or None
        Where to draw the figure.
    """

    since: str
    change_sd: float
    certainty: float
    weeks: int | None
    out: Path | None


def run_watch(
    columns: Columns, settings: AnalysisSettings, options: WatchOptions, as_json: bool
) -> None:
    """Show the probability that each strategy is worse than its backtest, or loses."""
    if options.out is not None and len(columns.returns) > 1:
        names = ", ".join(map(repr, list(columns.returns)[:12]))
        raise BadInputError(f"--out draws one column; choose it with --column from {names}.")
    settings = with_periods(settings, columns.returns)
    first = {name: _first_live(options.since, one) for name, one in columns.returns.items()}
    with ExitStack() as stack:
        draw = None if options.out is None else stack.enter_context(reserved_figure(options.out))
        with progress_bar() as bar:
            found, failed = _changes(columns.returns, first, settings, options, bar)
        rejected = {**columns.rejected, **failed}
        if not found:
            raise BadInputError(" ".join(rejected.values()))
        if draw is not None:
            draw(next(iter(found.values())).plot())
    if as_json:
        print(dump(_record(found, options), settings, rejected))
    else:
        console = stdout_console()
        print_changes(console, found, settings)
        weeks = options.weeks
        if weeks is None:
            weeks = _WEEKS_OF_ONE if len(found) == 1 else 0
        for name, change in found.items() if weeks else ():
            print_lines(console, [""])
            print_weeks(console, name, change, weeks)
        print_lines(console, [f"Seed {settings.seed}."])
        if options.out is not None:
            console.print(Text(f"The figure is in {options.out}"), soft_wrap=True)
    leave_out(rejected)


def _first_live(since: str, returns: pd.Series[float]) -> Any:
    """Return --since as `sharpe_change` takes it: a date, or a position in the series."""
    if not isinstance(returns.index, pd.DatetimeIndex):
        if not since.isdecimal() or int(since) < 1:
            raise BadInputError(
                f"--since must be the number of a row, as there are no dates; found {since!r}."
            )
        return int(np.searchsorted(returns.index.to_numpy(), int(since) - 1))
    try:
        return pd.Timestamp(since)
    except ValueError:
        raise BadInputError(
            f"--since must be a date such as 2024-01-31; found {since!r}."
        ) from None


def _changes(
    returns: Mapping[str, pd.Series[float]],
    first: Mapping[str, Any],
    settings: AnalysisSettings,
    options: WatchOptions,
    bar: Bar,
) -> tuple[dict[str, SharpeChange], dict[str, str]]:
    """Return what is known of each strategy, and why nothing is of some."""
    bar.expect(len(returns))
    found, rejected = {}, {}
    for name, series in returns.items():
        bar.begin(f"Watching {name}")
        try:
            found[name] = sharpe_change(
                series.rename(name),
                first[name],
                settings.samples,
                settings.risk_free_rate,
                change_sd=options.change_sd,
                certainty=options.certainty,
                periods_per_year=settings.periods,
                hdi_prob=settings.hdi_prob,
                autocorrelation=settings.autocorrelation,
                engine=settings.engine,
                cores=settings.cores,
                random_seed=settings.seed,
            )
        except (TypeError, ValueError, *SAMPLING_FAILURES) as error:
            rejected[name] = f"column {name!r}: {error}"
    return found, rejected


def _record(found: Mapping[str, SharpeChange], options: WatchOptions) -> dict[str, Any]:
    return {
        "change_sd": options.change_sd,
        "certainty": options.certainty,
        "figure": None if options.out is None else str(options.out),
        "watch": [
            {
                "strategy": name,
                "since": period_label(change.since),
                "prob_lower": change.prob_lower,
                "prob_negative": change.prob_negative,
                "months_to_settle_change": asdict(change.months_to_settle_change),
                "months_to_settle_sign": asdict(change.months_to_settle_sign),
                "backtest": dict(change.backtest),
                "live": dict(change.live),
                "path": [
                    {"week": period_label(week), **row}
                    for week, row in zip(
                        change.path.index, change.path.to_dict("records"), strict=True
                    )
                ],
            }
            for name, change in found.items()
        ],
    }
