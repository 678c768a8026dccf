"""What is shown of a comparison of strategies, and of the one that looks best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from puffin.showing.card import Card, Table
from puffin.showing.checks import draws_doubts
from puffin.showing.numbers import decimal, interval, percent, probability
from puffin.showing.pictures import Density, common_span
from puffin.showing.sentences import listing

if TYPE_CHECKING:
    from puffin.models.comparison.result import SelectedStrategy, StrategyComparison

__all__ = ["comparison_card", "selection_card"]

_MOST_ROWS, _MOST_DOUBTS = 12, 3


def comparison_card(comparison: StrategyComparison) -> Card:
    """Return who has the best chance of being best, and the first rows of the ranking."""
    table, names = comparison.table, comparison.strategies
    best = table.to_dict("records")[int(table["prob_best"].to_numpy().argmax())]
    level = percent(comparison.hdi_prob, 0)
    no_returns = [name for name, one in comparison.alone.items() if one.get("unit_doubt")]
    sentences = [
        f"{len(table)} strategies, and no ranking to rely on: {listing(no_returns)} cannot be "
        "simple returns."
        if no_returns
        else f"{len(table)} strategies{', pooled' if comparison.is_pooled else ''}. "
        f"{best['strategy']} is the most likely to be the best ({probability(best['prob_best'])}): "
        f"Sharpe ratio {decimal(best['sharpe_mean'])}, {level} between "
        f"{decimal(best['hdi_low'])} and {decimal(best['hdi_high'])}."
    ]
    if comparison.rejected:
        sentences.append(f"Left out: {', '.join(comparison.rejected)}.")
    if comparison.note:
        sentences.append(comparison.note)
    shown = table.head(_MOST_ROWS)
    draws = {name: comparison.draws[:, names.index(name)] for name in shown["strategy"]}
    span = common_span(list(draws.values()))
    rows = [
        (
            f"{row['rank']}. {row['strategy']}",
            decimal(row["sharpe_mean"]),
            interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_positive"]),
            probability(row["prob_best"]),
            Density(
                draws[row["strategy"]], row["hdi_low"], row["hdi_high"],
                f"Density of the Sharpe ratio of {row['strategy']}", span, 130, 22,
            ),
        )
        for row in shown.to_dict("records")
    ]  # fmt: skip
    return Card(
        "StrategyComparison",
        sentences,
        _doubts(comparison),
        Table(
            ("annual Sharpe ratio", "mean", f"{level} interval", "P(>0)", "P(best)", ""),
            rows,
            len(table) - len(shown),
        ),
    )


def _doubts(comparison: StrategyComparison) -> list[str]:
    """Return whose returns are none, and whose draws are not fine, of the first few in words."""
    found = [
        doubt
        for name, one in comparison.alone.items()
        for doubt in [
            *([f"{name}: what was given {one['unit_doubt']}"] if one.get("unit_doubt") else []),
            *draws_doubts(one["ess"], one["r_hat"], name),
        ]
    ]
    more = len(found) - _MOST_DOUBTS
    return found if more <= 0 else [*found[:_MOST_DOUBTS], f"So it is of {more} more strategies."]


def selection_card(selected: SelectedStrategy) -> Card:
    """Return what is known of the strategy that was selected, beside what it says alone."""
    alone, level = selected.alone, percent(selected.alone["hdi_prob"], 0)
    known = interval(selected.hdi_low, selected.hdi_high)
    return Card(
        "SelectedStrategy",
        [
            f"{selected.strategy}, the best of {selected.n_strategies}: Sharpe ratio "
            f"{decimal(selected.mean)}, {level} between {decimal(selected.hdi_low)} and "
            f"{decimal(selected.hdi_high)}, given that it was selected; "
            f"{probability(selected.prob_positive)} above zero, "
            f"{probability(selected.prob_best)} to be the best."
        ],
        draws_doubts(alone["ess"], alone["r_hat"]),
        Table(
            ("annual Sharpe ratio", "mean", f"{level} interval", "P(>0)"),
            [
                (
                    f"as the best of {selected.n_strategies}",
                    decimal(selected.mean),
                    known,
                    probability(selected.prob_positive),
                ),
                (
                    "were it the only one",
                    decimal(alone["mean"]),
                    interval(alone["hdi_low"], alone["hdi_high"]),
                    probability(alone["prob_positive"]),
                ),
            ],
        ),
        Density(
            selected.draws,
            selected.hdi_low,
            selected.hdi_high,
            f"Density of the annual Sharpe ratio of {selected.strategy}",
        ),
    )
