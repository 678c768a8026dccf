"""Workflow 2: pairs, from screening to the posterior Sharpe ratio after costs.

    python examples/pairs_trading.py [figure.png]

Everything that is chosen (the pairs, how to hedge, when to enter) is chosen on the years up to
2012. What is reported is earned after that.
"""

from __future__ import annotations

import itertools
import sys
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

import puffin as pf

FORMATION = "2012"
COSTS = {"commission_bps": 1.0, "slippage_bps": 2.0, "borrow_rate": 0.005}
FALSE_DISCOVERIES = 0.05
# For want of better: two pairs that anyone would name, whatever the data.
USUAL = [("KO", "PEP"), ("XOM", "CVX")]
CHOICES = {
    "method": ["rolling", "state-space"],
    "window": [60, 120],
    "entry_threshold": [1.5, 2.0, 2.5],
}


@dataclass(frozen=True)
class Traded:
    """A pair, how it was chosen to be traded, and what that earned afterwards."""

    strategy: pf.strategies.PairsStrategy
    gross: pd.Series
    result: pf.backtest.BacktestResult


def choose(pair: tuple[str, str], formation: pd.DataFrame) -> pf.strategies.PairsStrategy:
    """Return the strategy that earned the best Sharpe ratio in the formation period."""
    best, best_sharpe = None, -np.inf
    for values in itertools.product(*CHOICES.values()):
        options = dict(zip(CHOICES, values, strict=True))
        strategy = pf.strategies.PairsStrategy(*pair, log_prices=True, **options)
        result = pf.backtest.run(strategy.weights(formation), formation, **COSTS)
        sharpe = result.summary().loc["sharpe", "net"]
        if sharpe > best_sharpe or best is None:
            best, best_sharpe = strategy, sharpe
    return best


def trade(pair: tuple[str, str], prices: pd.DataFrame, formation: str = FORMATION) -> Traded:
    """Choose on the formation period, and trade what comes after it."""
    known = prices.loc[:formation, list(pair)]
    strategy = choose(pair, known)
    result = pf.backtest.walk_forward(
        strategy, prices[list(pair)], len(known), 252, name="/".join(pair), **COSTS
    )
    return Traded(strategy, result.gross_returns, result)


def main(figure: str = "pairs_trading.png") -> str:
    """Run the workflow; return its conclusion, and leave a figure."""
    warnings.simplefilter("ignore", pf.AutocorrelationWarning)
    prices = pf.datasets.load_equities().loc["2003":]

    # 1. Candidates: all pairs of twenty, with the false discoveries under control.
    screened = pf.strategies.find_pairs(prices.loc[:FORMATION])
    print(screened.head(5).to_string(index=False, float_format="{:.3g}".format))
    passed = screened[screened["q_value"] < FALSE_DISCOVERIES]
    pairs = list(passed[["y", "x"]].itertuples(index=False, name=None)) or USUAL
    print(f"{len(passed)} of {len(screened)} pairs pass; traded: {pairs}.")

    # 2 and 3. Hedge ratios, and whether they are stable.
    for y, x in pairs:
        known = prices.loc[:FORMATION]
        model = pf.BayesianPairsTrading(errors="ar1", log_prices=True)
        model.fit_dynamic_hedge(known[y], known[x], window=120)
        stability = model.hedge_stability(tolerance=0.2).loc[x]
        print(
            f"{y}/{x}: the hedge ratio varies by {stability['variation']:.0%} of its size from one "
            f"half-year to the next; P(less than 20%) = {stability['prob_stable']:.0%}; "
            f"P(the spread returns) = {model.prob_mean_reverting:.0%}."
        )

    # 4 and 5. Signals and a backtest, after the formation period.
    traded = [trade(pair, prices) for pair in pairs]
    for one in traded:
        chosen = {name: getattr(one.strategy, name) for name in CHOICES}
        print(f"{one.result.name}: {chosen}")
        print(one.result.summary().round(3).to_string())

    # 6. Is there an edge after costs?
    traded[0].result.plot().savefig(figure, dpi=150)
    net = pd.concat([one.result.returns for one in traded], axis=1).mean(axis=1)
    gross = pd.concat([one.gross for one in traded], axis=1).mean(axis=1)
    after = pf.bayesian_sharpe(net, random_seed=1)
    before = pf.bayesian_sharpe(gross, random_seed=1)
    return _conclusion(before, after)


def _conclusion(before: pf.SharpePosterior, after: pf.SharpePosterior) -> str:
    known = (
        f"Since {FORMATION} these pairs have a Sharpe ratio of {after['mean']:.2f} after costs "
        f"({after['hdi_low']:.2f} to {after['hdi_high']:.2f}), and of {before['mean']:.2f} before: "
    )
    chance = after["prob_positive"]
    if chance > 0.99:
        return known + "there is an edge. Ask how many pairs were looked at before these."
    if chance > 0.9:
        return known + f"an edge is likely ({chance:.0%}), but how large it is hardly known."
    if before["prob_positive"] > 0.9:
        return known + "whatever edge there is, costs may eat it up."
    return known + "no edge that these years could show."


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
