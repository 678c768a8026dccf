"""`puffin risk` of many columns: a row for each, and a store for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from puffin.cli.each_column import find_in_each
from puffin.cli.failures import BadInputError, leave_out, say
from puffin.cli.json_output import dump
from puffin.cli.layout import (
    number_table,
    print_lines,
    print_titled,
    shown_name,
    stdout_console,
    tick,
)
from puffin.cli.output_file import print_where
from puffin.cli.reading import Columns
from puffin.findings.risks import ColumnRisk, find_risks
from puffin.findings.settings import AnalysisSettings
from puffin.risk import PositionRule
from puffin.risk.store import RiskStore
from puffin.showing.numbers import decimal, percent, small_percent

__all__ = ["show_risks"]

_NUMBERS = 60


def show_risks(
    columns: Columns,
    rule: PositionRule,
    settings: AnalysisSettings,
    store: Path | None,
    refit: bool,
    average: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show what may be lost in the next period of each column, and keep it in stores.

    Raises
    ------
    BadInputError
        If the store is that of a single column, or nothing can be found of any.
    """
    if store is not None and RiskStore(store).exists:
        raise BadInputError(
            f"--store {store} is that of one column, and {len(columns.returns)} are asked for; "
            "choose it with --column, or name another directory."
        )
    found, rejected = find_in_each(
        columns,
        lambda bar: find_risks(
            columns.returns, rule, settings, bar,
            from_prices=columns.from_prices, store=store, refit=refit, average=average,
        ),
        out,
        _records,
    )  # fmt: skip
    for name, one in found.items():
        for revision in one.revised:
            say("note", f"{name}: {revision} --refit fits its model again.")
    if as_json:
        print(dump({"risk": _records(found)}, settings, rejected))
    else:
        _print(found, rule, settings, store, columns.from_prices)
        print_where(stdout_console(), out)
    leave_out(rejected)


def _records(found: Mapping[str, ColumnRisk]) -> list[dict[str, Any]]:
    """Return a row for each column."""
    return [
        {
            "strategy": name, "date": one.date, **one.now,
            "added": one.added, "fitted": one.fitted, "doubts": " ".join(one.doubts),
        }
        for name, one in found.items()
    ]  # fmt: skip


def _print(
    found: Mapping[str, ColumnRisk],
    rule: PositionRule,
    settings: AnalysisSettings,
    store: Path | None,
    from_prices: bool,
) -> None:
    console = stdout_console()
    table = number_table(
        "\nstrategy", "volatility\na year", "\nlost, 5%", "\nlost, 1%", "expected\nbeyond",
        "\nposition", "\ncheck",
    )  # fmt: skip
    for name, one in found.items():
        table.add_row(
            shown_name(console, name, _NUMBERS),
            percent(one.now["annual_volatility"]),
            small_percent(one.now["value_at_risk_0.05"]),
            small_percent(one.now["value_at_risk_0.01"]),
            small_percent(one.now["expected_shortfall_0.01"]),
            decimal(one.now["weight"], 3),
            "!" if one.doubts else tick(console),
        )
    target = percent(rule.target_volatility, 0)
    print_titled(console, f"Risk of the next period, and the position for {target} a year", table)
    kind = "of what is invested" if from_prices else "as returns in the file"
    models = " or ".join(dict.fromkeys(one.model for one in found.values()))
    lines = [f"Model: {models}.", f"Losses are positive, {kind}."]
    lines += [f"{name}: {' '.join(one.doubts)}" for name, one in found.items() if one.doubts]
    if store is not None:
        fitted = sum(one.fitted for one in found.values())
        added = sum(one.added for one in found.values())
        lines.append(
            f"{store}: a directory for each column; {added:,} new rows; {fitted:,} models fitted, "
            f"{len(found) - fitted:,} updated or as they were."
        )
    print_lines(console, [*lines, f"Seed {settings.seed}."])
