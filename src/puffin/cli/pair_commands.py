"""What the command `pairs` does: one pair, or a screen of all."""

from __future__ import annotations

import sys

import pandas as pd

from puffin.cli.failures import BadInputError
from puffin.cli.layout import print_lines, stdout_console
from puffin.cli.machine import dump, pair_record
from puffin.cli.pair_tables import print_pair, print_screen
from puffin.cli.progress import progress_bar
from puffin.findings.pair import find_pair
from puffin.findings.settings import AnalysisSettings, PairSettings, with_periods
from puffin.strategies import find_pairs

__all__ = ["run_pair", "run_screen"]

_SHOWN = 20


def run_pair(
    prices: pd.DataFrame,
    names: tuple[str, ...],
    pair: PairSettings,
    settings: AnalysisSettings,
    as_json: bool,
) -> None:
    """Show one pair: hedge ratio, z-score, position, and the backtest of its spread."""
    y, *x = names
    settings = with_periods(settings, {name: prices[name] for name in names})
    with progress_bar() as bar:
        try:
            found = find_pair(prices, y, tuple(x), pair, settings, bar)
        except (TypeError, ValueError) as error:
            raise BadInputError(str(error)) from None
    if as_json:
        print(dump({"pair": pair_record(found)}, settings, {}))
    else:
        console = stdout_console()
        print_pair(console, found, settings)
        print_lines(console, [f"Seed {settings.seed}."])


def run_screen(
    prices: pd.DataFrame,
    settings: AnalysisSettings,
    *,
    log_prices: bool,
    level: float,
    as_json: bool,
) -> None:
    """Show the pairs of a universe, ranked by how surely they are cointegrated."""
    try:
        screened = find_pairs(
            prices, log_prices=log_prices, cores=settings.cores, progressbar=sys.stderr.isatty()
        )
    except (TypeError, ValueError) as error:
        raise BadInputError(str(error)) from None
    if as_json:
        record = {"level": level, "pairs": screened.to_dict("records")}
        print(dump(record, settings, {}))
    else:
        print_screen(stdout_console(), screened, _SHOWN, level)
