"""What is shown of a Sharpe ratio that may have changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from puffin.models.sharpe.result import SharpePosterior
from puffin.showing.card import Card, Table
from puffin.showing.checks import draws_doubts
from puffin.showing.numbers import decimal, interval, percent, probability
from puffin.showing.pictures import Sparkline
from puffin.validation import row_label

if TYPE_CHECKING:
    from puffin.models.monitoring.change_model import MonthsToKnow
    from puffin.models.monitoring.change_result import SharpeChange

__all__ = ["change_card"]


def change_card(change: SharpeChange) -> Card:
    """Return whether the strategy is worse than in the backtest, and the Sharpe ratio since."""
    last, level = change.path.iloc[-1], percent(change.hdi_prob, 0)
    backtest, live = change.backtest, change.live
    return Card(
        "SharpeChange",
        [
            f"{change.name} since {row_label(change.since)}: lower than in the backtest with "
            f"{probability(change.prob_lower)} probability, below zero with "
            f"{probability(change.prob_negative)}; Sharpe ratio {decimal(last['sharpe'])}, {level} "
            f"between {decimal(last['low'])} and {decimal(last['high'])}, and "
            f"{decimal(backtest['mean'])} before.",
            _until_known(change.months_to_settle_change, change.certainty),
        ],
        [
            doubt
            for part, one in (("backtest", backtest), ("live", live))
            for doubt in draws_doubts(one["ess"], one["r_hat"], part)
        ],
        Table(
            ("annual Sharpe ratio", "mean", f"{level} interval", "P(<0)"),
            [
                _row(f"in the backtest, {backtest['n_observations']} returns", backtest),
                (
                    "since, given both",
                    decimal(last["sharpe"]),
                    interval(last["low"], last["high"]),
                    probability(change.prob_negative),
                ),
                _row(f"since, alone, {live['n_observations']} returns", live),
            ],
        ),
        Sparkline(change.path["prob_lower"].to_numpy(), "P(lower than in the backtest) by week"),
    )


def _row(name: str, sharpe: SharpePosterior) -> tuple[str, str, str, str]:
    known = interval(sharpe["hdi_low"], sharpe["hdi_high"])
    return name, decimal(sharpe["mean"]), known, probability(1.0 - sharpe["prob_positive"])


def _until_known(months: MonthsToKnow, certainty: float) -> str:
    sure = percent(certainty, 0)
    if months.expected == 0.0:
        return f"That is as good as known, with more than {sure}."
    if math.isinf(months.expected):
        return f"No number of months is likely to make it {sure} sure."
    return f"About {max(1.0, months.expected):,.0f} more months make it {sure} sure."
