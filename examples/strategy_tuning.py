"""Workflow 4: from a rule with settings to what is left of the best of them.

    python examples/strategy_tuning.py [figure.png]

Momentum on ten US large caps: sixty settings at most, each a backtest after costs on the same days,
until another is not worth its time. How much of the best one's Sharpe ratio is left, which settings
cannot be told from it, and what it did on the years that the search was not given. The ten were
chosen because they were still large in 2022, which no posterior knows.
"""

from __future__ import annotations

import sys

import puffin as pf

CERTAIN = 0.95


def main(figure: str = "strategy_tuning.png") -> str:
    """Run the workflow; return its conclusion, and leave a figure."""
    prices = pf.datasets.load_equities().iloc[:, :10].loc["2004":]
    search = pf.BayesianOptimizer(
        pf.strategies.Momentum,
        {"lookback": (21, 300), "skip": (0, 20), "every": (10, 63), "direction": ["long-only"]},
        n_trials=60,
        train=300,
        commission_bps=1.0,
        slippage_bps=2.0,
        random_seed=1,
    )

    # 1. The search, and what is left of the best.
    tuned = search.fit(prices)
    print(tuned)
    columns = ["trial", *tuned.params, "apparent", "mean", "hdi_low", "hdi_high", "prob_best"]
    print(tuned.table[columns].head(8).to_string(index=False, float_format="{:.2f}".format))
    tuned.plot().savefig(figure, dpi=150)

    # 2. The years that the search was not given: once.
    opened = tuned.open_holdout()
    print(opened)

    # 3. Trade it, if there is something to trade.
    if tuned.selection["prob_positive"] < CERTAIN:
        return f"{tuned.sentence} That it earns anything is not certain enough to trade it."
    return (
        f"{tuned.sentence} Trade {tuned.strategy}, and expect what is left; on the days held out "
        f"it was {opened.ratio:.2f}."
    )


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
