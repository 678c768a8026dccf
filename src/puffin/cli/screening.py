"""`puffin pairs --screen`: all pairs of columns, ranked by how surely they are cointegrated."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from puffin.cli.failures import say
from puffin.cli.json_output import dump
from puffin.cli.layout import (
    number_table,
    print_lines,
    print_titled,
    shown_name,
    stdout_console,
)
from puffin.cli.output_file import print_where, reserved_output
from puffin.findings.settings import AnalysisSettings
from puffin.showing.numbers import decimal, percent
from puffin.strategies.screening import Screening, screen_pairs

__all__ = ["show_screen"]

_SHOWN = 20
_NUMBERS = 55


def show_screen(
    prices: pd.DataFrame,
    settings: AnalysisSettings,
    log_prices: bool,
    level: float,
    as_json: bool,
    out: Path | None,
) -> None:
    """Show the pairs of a universe, and which pass at this false discovery rate."""
    with reserved_output(out, _rows) as write:
        screening = screen_pairs(
            prices, log_prices=log_prices, cores=settings.cores, progressbar=sys.stderr.isatty()
        )
        write(screening)
    screened = screening.table
    for line in screening.left_out_words:
        say("left out", line)
    if as_json:
        record = {
            "level": level,
            "pairs": screened.to_dict("records"),
            "left_out": screening.left_out,
        }
        print(dump(record, settings, {}))
    else:
        console = stdout_console()
        _print_screen(console, screened, level)
        print_where(console, out)


def _rows(screening: Screening) -> list[dict[str, Any]]:
    """Return a row for each pair, by q-value."""
    return [{str(key): value for key, value in row.items()}
            for row in screening.table.to_dict("records")]  # fmt: skip


def _print_screen(console: Console, screened: pd.DataFrame, level: float) -> None:
    table = number_table(
        "pair", "hedge\nratio", "p-value", "q-value", "half-\nlife", "hedge\nvaries", names="pair"
    )
    for row in screened.head(_SHOWN).to_dict("records"):
        table.add_row(
            shown_name(console, f"{row['y']} / {row['x']}", _NUMBERS),
            decimal(row["hedge_ratio"], 3),
            f"{row['p_value']:.2g}",
            f"{row['q_value']:.2g}",
            decimal(row["half_life"], 0),
            percent(row["hedge_variation"], 0),
        )
    count = len(screened)
    print_titled(console, f"Pairs, of {count} the first {min(_SHOWN, count)}", table)
    passed = int((screened["q_value"] <= level).sum())
    nominal = int((screened["p_value"] <= level).sum())
    expected = level * count
    have, by_chance = "has" if nominal == 1 else "have", f"{expected:,.0f}"
    if expected < 10.0:
        by_chance = f"{expected:.1f}" if expected >= 0.1 else f"{expected:.1g}"
    note = (
        f"{passed} of {count} pairs pass with a false discovery rate of {percent(level, 0)} "
        f"(q-value). {nominal} {have} a p-value as small as that; by chance alone {by_chance} "
        "would."
    )
    print_lines(console, [note])
