"""Tables of pairs: one pair in full, and a universe screened for them."""

from __future__ import annotations

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from puffin.cli.layout import number_table, print_lines, print_titled, shown_name
from puffin.findings.numbers import decimal, interval, percent, probability
from puffin.findings.pair import PairFindings
from puffin.findings.pair_words import cost_terms, pair_doubts, position_words, trading_verdict
from puffin.findings.periods import period_noun
from puffin.findings.settings import AnalysisSettings

__all__ = ["print_pair", "print_screen"]

_SCREEN_NUMBERS = 55


def print_pair(console: Console, pair: PairFindings, settings: AnalysisSettings) -> None:
    """Print hedge ratio, z-score, position, and what trading the spread would have earned."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for label, value, range_ in _rows(pair, settings):
        table.add_row(Text(label), Text(value), Text(range_))
    print_titled(console, f"{pair.name}, after {pair.last_label}", table)
    level = percent(settings.hdi_prob, 0)
    lines = [
        trading_verdict(pair, settings),
        f"Intervals hold {level}. Costs: {cost_terms(pair)}.",
    ]
    lines += [f"! {doubt}" for doubt in pair_doubts(pair)]
    print_lines(console, lines)


def print_screen(console: Console, screened: pd.DataFrame, most: int, level: float) -> None:
    """Print the best pairs of a screen, and how many passed."""
    table = number_table(
        "strategy", "hedge\nratio", "p-value", "q-value", "half-\nlife", "hedge\nvaries", gap=2
    )
    table.columns[0].header = "pair"
    table.columns[0].justify = "left"
    for row in screened.head(most).to_dict("records"):
        table.add_row(
            shown_name(console, f"{row['y']} / {row['x']}", _SCREEN_NUMBERS),
            decimal(row["hedge_ratio"], 3),
            f"{row['p_value']:.2g}",
            f"{row['q_value']:.2g}",
            decimal(row["half_life"], 0),
            percent(row["hedge_variation"], 0),
        )
    print_titled(console, f"Pairs, of {len(screened)} the first {min(most, len(screened))}", table)
    passed = int((screened["q_value"] <= level).sum())
    print_lines(
        console,
        [
            f"{passed} of {len(screened)} pairs pass with a false discovery rate of "
            f"{percent(level, 0)} (q-value). "
            f"{int((screened['p_value'] <= level).sum())} have a p-value as small as that; by "
            f"chance alone {level * len(screened):.0f} would.",
        ],
    )


def _rows(pair: PairFindings, settings: AnalysisSettings) -> list[tuple[str, str, str]]:
    """Return what each line is of, its number, and the interval or what else goes with it."""
    noun, half = period_noun(settings.periods), pair.half_life
    rows = []
    for name, hedge in pair.hedges.items():
        range_ = f"{decimal(hedge.low, 3)} to {decimal(hedge.high, 3)}"
        rows.append((f"hedge ratio of {name}, next {noun}", decimal(hedge.mean, 3), range_))
        if name in pair.prob_stable:
            varies = f"varies by {percent(pair.variation[name], 0)} of its size"
            rows.append(("  P(it is stable)", probability(pair.prob_stable[name]), varies))
    score = decimal(float(pair.zscore.iloc[-1]))
    rows += [
        ("z-score of the spread", score, position_words(pair, settings)),
        ("P(the spread returns to a mean)", probability(pair.prob_mean_reverting), ""),
        (
            f"half-life in {noun}s, if it does",
            f"{half.median:,.0f}",
            f"{half.low:,.0f} to {half.high:,.0f}",
        ),
        ("trades", f"{pair.trades}", ""),
    ]
    for label, sharpe in (("after costs", pair.net), ("before costs", pair.gross)):
        if sharpe is not None:
            range_ = interval(sharpe["hdi_low"], sharpe["hdi_high"])
            chance = probability(sharpe["prob_positive"])
            rows.append(
                (
                    f"annual Sharpe ratio {label}",
                    decimal(sharpe["mean"]),
                    f"{range_}, P(>0) {chance}",
                )
            )
    return rows
