"""What is shown of the best of many trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from puffin.showing.card import Card, Table
from puffin.showing.numbers import decimal, interval, percent, probability
from puffin.showing.pictures import Density

if TYPE_CHECKING:
    from puffin.models.selection.result import BestOfTrials

__all__ = ["HOW_TO_READ", "selection_card", "selection_sentence"]

HOW_TO_READ = (
    "The posterior mean is what trading a setting is expected to earn; P(best) is split among "
    "trials that trade alike. So many independent trials would have had as lucky a best."
)

_MOST_ROWS = 8


def selection_sentence(best: BestOfTrials) -> str:
    """Return how much of the apparent Sharpe ratio is left."""
    return (
        f"Of the apparent {decimal(best.apparent)}, {decimal(best['mean'])} is left "
        f"({percent(best.hdi_prob, 0)}: {interval(best['hdi_low'], best['hdi_high'])})."
    )


def selection_card(best: BestOfTrials) -> Card:
    """Return what is left of the best, what else it may be, and the first rows of the ranking."""
    level, undecided = percent(best.hdi_prob, 0), len(best.undecided)
    others = (
        "No other trial may be as good."
        if undecided == 1
        else f"{undecided} of {best.n_trials} trials cannot be told from the best."
    )
    shown = best.table.head(_MOST_ROWS)
    rows = [
        (
            str(row["trial"]),
            decimal(row["apparent"]),
            decimal(row["mean"]),
            interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_positive"]),
            probability(row["prob_best"]),
        )
        for row in shown.to_dict("records")
    ]
    return Card(
        "BestOfTrials",
        [
            f"{_chosen(best)} {best.sentence} The true Sharpe ratio is above zero with "
            f"{probability(best['prob_positive'])}.",
            f"{others} {_beside(best)}",
        ],
        table=Table(
            ("annual Sharpe ratio", "apparent", "true", f"{level} interval", "P(>0)", "P(best)"),
            rows,
            best.n_trials - len(rows),
        ),
        picture=Density(
            best.draws[:, best.best],
            best["hdi_low"],
            best["hdi_high"],
            f"Density of the true annual Sharpe ratio of {best.chosen}",
        ),
    )


def _chosen(best: BestOfTrials) -> str:
    """Return which trial is chosen, and by what."""
    if best.n_trials == 1:
        return f"{best.chosen} is the only trial."
    return (
        f"The best of {best.n_trials} trials is {best.chosen}: the highest posterior mean decides."
    )


def _beside(best: BestOfTrials) -> str:
    """Return how many trials there were in effect, and what frequentists say."""
    effective = decimal(best.effective_trials, 0)
    ones = "one" if effective == "1" else "ones"
    return (
        f"All are worth {effective} independent {ones}. Beside it: deflated Sharpe ratio "
        f"{probability(best.deflated_sharpe_ratio)} (one minus the p-value of the best of so "
        f"many), probability of backtest overfitting {probability(best.prob_overfit)} (how often "
        "the best of one half of the time is below the median in the other)."
    )
