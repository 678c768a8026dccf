"""Workflow 1: from an idea to a choice between strategies.

    python examples/strategy_development.py [figure.png]

Four ideas on twenty US large caps, each backtested with costs; how sure their Sharpe ratios are;
and which to prefer. The twenty were chosen because they were still large in 2022: all of them look
better here than they could have been known to be.
"""

from __future__ import annotations

import sys

import puffin as pf

COSTS = {"commission_bps": 1.0, "slippage_bps": 2.0, "borrow_rate": 0.005}
WARM_UP = 504
CERTAIN = 0.9


def main(figure: str = "strategy_development.png") -> str:
    """Run the workflow; return its conclusion, and leave a figure."""
    prices = pf.datasets.load_equities().loc["2005":]
    ideas = {
        "buy and hold": pf.strategies.BuyAndHold(),
        "momentum": pf.strategies.Momentum(direction="long-only"),
        "winners": pf.strategies.CrossSectionalMomentum(),
        "averages": pf.strategies.MovingAverageCross(direction="long-only"),
    }
    ideas["steady averages"] = pf.strategies.VolatilityTarget(ideas["averages"], target=0.1)

    # 1. Returns of each idea, after costs, from the same day on.
    results = {
        name: pf.backtest.walk_forward(idea, prices, WARM_UP, 252, name=name, **COSTS)
        for name, idea in ideas.items()
    }

    # 2. How good is each, and how sure is that?
    print(f"{'':17}{'Sharpe':>8}{'94% interval':>17}{'P(>0)':>8}{'costs a year':>14}")
    for name, result in results.items():
        sharpe = result.sharpe(random_seed=1)
        costs = result.periods_per_year * float(result.costs.sum(axis=1).mean())
        print(
            f"{name:17}{sharpe['mean']:8.2f}{sharpe['hdi_low']:10.2f} to{sharpe['hdi_high']:5.2f}"
            f"{sharpe['prob_positive']:8.1%}{costs:14.2%}"
        )

    # 3. Which is best? Jointly: what moves all of them drops out of their differences.
    comparison = pf.backtest.compare(results, random_seed=1)
    print(comparison.table.to_string(index=False, float_format="{:.3f}".format))
    comparison.plot().savefig(figure, dpi=150)

    # 4. Choose, if there is something to choose.
    best = comparison.table.iloc[0]
    if best["prob_best"] >= CERTAIN:
        return f"Take {best['strategy']}: it is the best with probability {best['prob_best']:.0%}."
    return (
        f"{best['strategy']} comes first, but is the best with a probability of "
        f"{best['prob_best']:.0%} only: these years do not tell the strategies apart. Take the "
        "cheapest, or spread."
    )


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
