"""How a backtest came by its returns: positions, turnover, costs and round trips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from puffin.figures import cost_path, position_path, turnover_bars
from puffin.findings.findings import Findings
from puffin.findings.trading import Trading, trading_story
from puffin.page.svg import to_svg
from puffin.page.templates import render
from puffin.showing.numbers import decimal, percent
from puffin.showing.periods import period_label, period_noun

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["part", "trading_part"]

_MOST_ASSETS, _MOST_TRIPS = 6, 5


def part(findings: Findings, name: str, anchor: str) -> Markup | None:
    """Return what a backtest held and traded; None where there are returns alone."""
    found = findings.tradings.get(name)
    return None if found is None else trading_part(found, findings.settings.hdi_prob, anchor)


def trading_part(found: Trading, hdi_prob: float, anchor: str) -> Markup:
    """Return the figures and tables of one backtest's trades."""
    result, closed = found.result, found.closed
    by_gain = closed.sort_values("contribution", ascending=False)
    best, worst = by_gain.iloc[:_MOST_TRIPS], by_gain.iloc[_MOST_TRIPS:].iloc[-_MOST_TRIPS:]
    costs = float(found.annual_costs.sum())
    return render(
        "trading",
        story=trading_story(found, hdi_prob),
        noun=period_noun(result.periods_per_year),
        assets=[{"name": name, **row} for name, row in _ends(found.assets).iterrows()],
        assets_left=len(found.assets) - 2 * _MOST_ASSETS,
        best=[_row(one) for one in best.to_dict("records")],
        worst=[_row(one) for one in worst.to_dict("records")],
        still_open=len(found.trips) - len(closed),
        positions=to_svg(
            position_path(result),
            f"{anchor}-positions",
            f"What {result.name} held over time, long and short, as shares of equity.",
        ),
        turnover=to_svg(
            turnover_bars(result),
            f"{anchor}-turnover",
            f"Turnover of {result.name} over time, {decimal(found.annual_turnover, 1)} times "
            "equity a year on average.",
        ),
        costs=to_svg(
            cost_path(result),
            f"{anchor}-costs",
            f"Costs of {result.name} so far, {percent(costs)} of equity a year.",
        )
        if costs > 0.0
        else None,
    )


def _ends(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows at either end of a table that is too long to show."""
    if len(table) <= 2 * _MOST_ASSETS:
        return table
    return pd.concat([table.iloc[:_MOST_ASSETS], table.iloc[-_MOST_ASSETS:]])


def _row(trip: dict[Any, Any]) -> dict[str, Any]:
    return {
        **trip,
        "entry": period_label(trip["entry"]),
        "exit": period_label(trip["exit"]),
    }
