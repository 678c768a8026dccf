"""Tables of strategies that are live: as they are, and week by week."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from puffin.cli.layout import number_table, print_lines, print_titled, shown_name, tick
from puffin.findings.checks import draws_are_fine, is_at_odds
from puffin.findings.numbers import decimal, interval, percent, probability
from puffin.findings.periods import period_label
from puffin.findings.settings import AnalysisSettings
from puffin.models.monitoring import SharpeChange
from puffin.models.monitoring.change_model import MonthsToKnow

__all__ = ["print_changes", "print_weeks"]

_NUMBERS = 65
_LONGEST_TITLE = 40
_AGES = 1200.0


def print_changes(
    console: Console, found: Mapping[str, SharpeChange], settings: AnalysisSettings
) -> None:
    """Print two lines for each strategy, and what the numbers mean."""
    table = number_table(
        "\nstrategy",
        "back-\ntest",
        f"since\n{percent(settings.hdi_prob, 0)} interval",
        "\nP(worse)",
        "months\nto know",
        "\nP(<0)",
        "months\nto know",
        gap=1,
    )
    for name, change in found.items():
        last = change.path.iloc[-1]
        table.add_row(
            shown_name(console, name, _NUMBERS),
            decimal(change.backtest["mean"]),
            f"{decimal(last['sharpe'])}\n{interval(last['low'], last['high'])}",
            Text(probability(change.prob_lower), style="bold"),
            _months(change.months_to_settle_change),
            Text(probability(change.prob_negative), style="bold"),
            _months(change.months_to_settle_sign),
        )
    print_titled(console, "Annual Sharpe ratio since the strategy is live", table)
    print_lines(console, _notes(console, found, settings))


def print_weeks(console: Console, name: str, change: SharpeChange, weeks: int) -> None:
    """Print the latest weeks of a strategy's path."""
    latest = change.path.tail(weeks)
    table = number_table("week to", "returns", "Sharpe", "interval", "P(worse)", "P(<0)")
    table.columns[0].justify = "left"
    for week, row in zip(latest.index, latest.to_dict("records"), strict=True):
        table.add_row(
            period_label(week),
            f"{row['n_observations']:.0f}",
            decimal(row["sharpe"]),
            interval(row["low"], row["high"]),
            probability(row["prob_lower"]),
            probability(row["prob_negative"]),
        )
    shown = shown_name(console, name, _LONGEST_TITLE).plain
    of = f"the last {len(latest)} of " if len(latest) < len(change.path) else ""
    print_titled(
        console, f"{shown}: {of}{len(change.path)} weeks, each as it was known then", table
    )


def _months(known: MonthsToKnow) -> str:
    if known.high == 0.0:
        return "settled"
    if math.isinf(known.low):
        return "never"
    return f"{_count(known.expected)}\n{_count(known.low)} to {_count(known.high)}"


def _count(months: float) -> str:
    if math.isinf(months):
        return "never"
    return f">{_AGES:,.0f}" if months > _AGES else f"{math.ceil(months)}"


def _is_fine(change: SharpeChange) -> bool:
    return all(
        draws_are_fine(sharpe["ess"] or 0.0, sharpe["r_hat"] or math.inf)
        for sharpe in (change.backtest, change.live)
    )


def _notes(
    console: Console, found: Mapping[str, SharpeChange], settings: AnalysisSettings
) -> list[str]:
    first = next(iter(found.values()))
    counts = {
        part: sorted({getattr(change, part)["n_observations"] for change in found.values()})
        for part in ("backtest", "live")
    }
    before, since = (
        f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
        for numbers in counts.values()
    )
    certain = percent(first.certainty, 0)
    notes = [
        f"{before} returns before {period_label(first.since)} and {since} since; "
        f"{settings.periods:g} periods a year; risk-free rate {100 * settings.risk_free_rate:g}% a "
        "year.",
        f"The Sharpe ratio since is that of the backtest and a change, Normal(0, "
        f"{first.change_sd:g}); worse: lower than in the backtest.",
        f"Months to know: more data until the probability is beyond {certain} or its complement, "
        "if the Sharpe ratio is as expected now, and its quartiles.",
    ]
    notes += [
        f"! {name}: too few effective draws, or the chains disagree; raise --samples."
        for name, change in found.items()
        if not _is_fine(change)
    ]
    if any(_is_fine(change) for change in found.values()):
        notes.append(f"{tick(console)} the sampler's draws can be relied on.")
    at_odds = [
        name for name, one in found.items() if is_at_odds(one.backtest) or is_at_odds(one.live)
    ]
    if at_odds:
        notes.append(
            f"{', '.join(at_odds)}: large returns on one side decide the plain Sharpe ratio of a "
            "part, and the symmetric model discounts them."
        )
    notes.append(
        "A backtest that was chosen because it is good is better than the strategy: being worse "
        "now is then to be expected, and P(<0) says more."
    )
    return notes
